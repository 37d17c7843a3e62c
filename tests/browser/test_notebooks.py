"""Every notebook as its readers meet it: run in JupyterLab, and one in Notebook 7.

A picture of each lies in pytest's tmp.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.browser.lab import Lab, open_browser
from tests.jupyter import NOTEBOOKS

pytestmark = pytest.mark.timeout(600)

_FIRST = NOTEBOOKS[0].name


class Desk(NamedTuple):
    """JupyterLab in a browser, its address, and where to put pictures."""

    lab: Lab
    address: str
    pictures: Path


@pytest.fixture(scope="module")
def desk(
    lab_address: str, chromium: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("notebooks")
    window = {"width": 1200, "height": 1600}
    with open_browser(chromium, directory / "profile", viewport=window) as page:
        yield Desk(Lab.open(page, lab_address, _FIRST), lab_address, directory)


def failed_cells(lab: Lab, picture: Path) -> list[str]:
    """Run all cells of the open notebook; give those that did not run, or failed unasked."""
    try:
        lab.run_all()
        lab.page.screenshot(path=picture)
        cells = lab.code_cells()
    finally:
        lab.close()
    assert cells
    return [
        f"{cell['source']}\n{cell['outputs']}"
        for cell in cells
        if cell["count"] is None
        or ("raises-exception" not in cell["tags"] and any(map(_is_error, cell["outputs"])))
    ]


def _is_error(output: dict[str, object]) -> bool:
    return output["output_type"] == "error"


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_a_notebook_runs_in_jupyterlab(desk: Desk, name: str) -> None:
    desk.lab.open_beside(name)
    assert failed_cells(desk.lab, desk.pictures / f"{name}.png") == []


def test_the_tour_runs_in_notebook_7(desk: Desk) -> None:
    lab = Lab.open(desk.lab.page, desk.address, _FIRST, "notebooks")
    assert failed_cells(lab, desk.pictures / "notebook-7.png") == []
