"""JupyterLab for all tests in the browser; each file has a browser of its own."""

from collections.abc import Iterator

import pytest

from tests.browser.lab import run_lab


@pytest.fixture(scope="session")
def lab_address(
    kernelspec: str, chromium: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with run_lab(tmp_path_factory.mktemp("lab")) as address:
        yield address
