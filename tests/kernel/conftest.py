"""Kernels for the tests, started from the kernelspec of this repository."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.notebook import KERNEL_NAME, Notebook

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def kernelspec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The kernel's name, with this repository's kernelspec and package found first."""
    directory = tmp_path_factory.mktemp("jupyter")
    (directory / "kernels").mkdir()
    (directory / "kernels" / KERNEL_NAME).symlink_to(_ROOT / "kernelspec")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(directory))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        path = os.environ.get("PYTHONPATH")
        patch.setenv("PYTHONPATH", str(_ROOT) + (os.pathsep + path if path else ""))
        yield KERNEL_NAME


@pytest.fixture(scope="module")
def shared_notebook(kernelspec: str) -> Iterator[Notebook]:
    with Notebook.start(kernelspec) as notebook:
        yield notebook


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    """A running kernel, its data and settings as at the start."""
    shared_notebook.run("%keys\n%args\n%%redis\nFLUSHALL\nFUNCTION FLUSH")
    return shared_notebook
