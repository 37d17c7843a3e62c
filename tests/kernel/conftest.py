"""Kernels for the tests, started from the kernelspec of this repository."""

from collections.abc import Iterator

import pytest

from tests.kernel.notebook import Notebook


@pytest.fixture(scope="session", autouse=True)
def use_kernelspec(kernelspec: str) -> str:
    """Let the tests of the protocol, which know no fixtures, find the kernel too."""
    return kernelspec


@pytest.fixture(scope="module")
def shared_notebook(kernelspec: str) -> Iterator[Notebook]:
    with Notebook.start(kernelspec) as notebook:
        yield notebook


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    """A running kernel, its data and settings as at the start."""
    shared_notebook.run("%keys\n%args\n%%redis\nFLUSHALL\nFUNCTION FLUSH")
    return shared_notebook
