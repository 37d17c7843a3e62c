"""Grading: the tests of a lesson, run on what others have made of it.

    python -m redislua_kernel grade lesson.ipynb class/*.ipynb

Each notebook runs in a kernel of its own, from top to bottom, and where it has a test of the
lesson, that of the lesson runs. So it does not matter what somebody has changed in a test, or left
out: tests that are missing run at the end. Cells with the tag *solution* do not run, nor do tests
that the lesson does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from redislua_kernel.cells import UsageError, parse

__all__ = ["Grade", "grade", "read_tests"]

_KERNEL = "redislua"
#: How many seconds a cell may take; then it is interrupted, and the next one runs.
_PATIENCE = 60
_SOLUTION = "solution"


class Grade(NamedTuple):
    """Which tests of a lesson a notebook passes, in the lesson's order."""

    passed: list[str]
    failed: list[str]


def read_tests(lesson: Path) -> dict[str, str]:
    """Give the tests of a notebook by their names: the cells that %%test heads."""
    found = ((_test_in(cell), cell.source) for cell in _code_of(lesson))
    return {name: source for name, source in found if name}


def grade(notebook: Path, tests: dict[str, str]) -> Grade:
    """Run a notebook with these tests in place of its own."""
    cells = list(_graded(notebook, tests))
    made = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    with TemporaryDirectory() as directory:
        client = NotebookClient(
            made,
            kernel_name=_KERNEL,
            timeout=_PATIENCE,
            interrupt_on_timeout=True,
            allow_errors=True,
            store_widget_state=False,
            # Over TCP, a kernel warns of who may listen.
            config=Config(KernelManager={"transport": "ipc", "ip": f"{directory}/kernel"}),
            resources={"metadata": {"path": directory}},
        )
        with suppress(DeadKernelError):  # what did not run did not pass
            client.execute()
    passed = {_test_in(cell) for cell in cells if _has_passed(cell)}
    return Grade(
        [name for name in tests if name in passed], [name for name in tests if name not in passed]
    )


def _graded(notebook: Path, tests: dict[str, str]) -> Iterator[NotebookNode]:
    """Give the cells to run."""
    missing = dict(tests)
    for cell in _code_of(notebook):
        name = _test_in(cell)
        if name in missing:
            yield _code_cell(missing.pop(name))
        elif not name and _SOLUTION not in cell.metadata.get("tags", ()):
            yield _code_cell(cell.source)
    yield from map(_code_cell, missing.values())


def _code_of(notebook: Path) -> list[NotebookNode]:
    read = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    return [cell for cell in read.cells if cell.cell_type == "code"]


def _code_cell(source: str) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    return made


def _test_in(cell: NotebookNode) -> str:
    """Give the name of the test that a cell is; none: it is no test."""
    try:
        head = parse(cell.source).head
    except UsageError:
        return ""
    if head is None or head.name != "test":
        return ""
    return b" ".join(head.words[1:]).decode("utf-8", "replace")


def _has_passed(cell: NotebookNode) -> bool:
    return cell.execution_count is not None and not any(
        output.output_type == "error" for output in cell.outputs
    )
