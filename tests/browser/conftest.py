"""JupyterLab for all tests in the browser; each file has a browser of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import run_lab


@pytest.fixture(scope="session")
def lab_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks of the Lab are: `write_notebook` adds more."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab_address(kernelspec: str, chromium: object, lab_directory: Path) -> Iterator[str]:
    with run_lab(lab_directory) as address:
        yield address
