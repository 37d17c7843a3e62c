"""The notebooks run from top to bottom, and show what they are stored with."""

import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from tests.jupyter import NOTEBOOKS, outputs_as_text, run_notebook
from tests.jupyter_program import jupyter

pytestmark = pytest.mark.usefixtures("kernelspec")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_the_stored_outputs_are_those_of_a_fresh_run(path: Path) -> None:
    """If this fails and the new outputs are right: python -m tests.docs.run_notebooks"""
    stored = nbformat.read(path, as_version=4)
    assert outputs_as_text(run_notebook(path)) == outputs_as_text(stored)


def test_a_notebook_is_valid_and_carries_nothing_of_its_author(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    nbformat.validate(stored)
    assert stored.metadata.kernelspec.name == "redislua"
    assert set(stored.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags", "jupyter"} for cell in stored.cells)


def test_a_notebook_begins_with_its_title_and_keeps_its_cells_short(path: Path) -> None:
    first, *others = nbformat.read(path, as_version=4).cells
    assert first.source.startswith("# ")
    for cell in others:
        # A library is one cell, and a useful one is longer than what explains it.
        assert cell.source.count("\n") < (60 if cell.source.startswith("#!lua") else 20)


@pytest.mark.parametrize("lesson", NOTEBOOKS[1:], ids=lambda path: path.stem)
def test_a_lesson_tells_its_goal_and_what_it_needs_and_has_exercises(lesson: Path) -> None:
    first, *others = nbformat.read(lesson, as_version=4).cells
    assert "**Goal.**" in first.source
    assert "**You need**" in first.source
    for tag in ("exercise", "check", "solution"):
        assert sum(tag in cell.metadata.get("tags", ()) for cell in others) >= 2, tag


def test_the_tour_leads_to_every_lesson() -> None:
    tour, *lessons = NOTEBOOKS
    shown = "".join(cell.source for cell in nbformat.read(tour, as_version=4).cells)
    assert [path.name for path in lessons if f"]({path.name})" not in shown] == []


def test_a_notebook_links_to_notebooks_that_there_are(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    links = [link for cell in cells for link in re.findall(r"\]\(([^)#:]+\.ipynb)", cell.source)]
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_only_solutions_and_checks_are_folded_away(path: Path) -> None:
    """Open, they would tell a learner how an exercise is done."""
    for cell in nbformat.read(path, as_version=4).cells:
        tags = set(cell.metadata.get("tags", ()))
        folded = {"source_hidden": True} if tags & {"solution", "check"} else {}
        if "solution" in tags:
            folded["outputs_hidden"] = True
        assert cell.metadata.get("jupyter", {}) == folded


def test_a_check_before_its_solution_finds_the_unfinished_script_wanting(path: Path) -> None:
    """With the solutions all checks pass: `%tests` stands at the end, and may not fail."""
    cells = nbformat.read(path, as_version=4).cells
    for cell in cells:
        if {"check", "raises-exception"} <= set(cell.metadata.get("tags", ())):
            assert [output.output_type for output in cell.outputs] == ["error"], cell.source
    has_checks = any("check" in cell.metadata.get("tags", ()) for cell in cells)
    assert not has_checks or any(cell.source == "%tests" for cell in cells)


def test_nbconvert_executes_the_tour(tmp_path: Path) -> None:
    path = NOTEBOOKS[0]
    command = jupyter("nbconvert", "--execute", "--to", "html")
    command += ["--output-dir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert "Redis Lua" in (tmp_path / path.name).with_suffix(".html").read_text()
