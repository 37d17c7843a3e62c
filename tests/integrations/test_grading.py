"""grade: the tests of a lesson on what others have made of it."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from redislua_kernel.__main__ import main
from redislua_kernel.integrations.grading import grade, read_tests

pytestmark = pytest.mark.usefixtures("kernelspec")

_CLEAR = "%redis FLUSHALL"
_GIVEN = "%%script load twice\nreturn ARGV[1]"
_SOLVED = "%%script load twice\nreturn ARGV[1] * 2"
_DOUBLES = "%%test it doubles\n> EVALSHA $twice 0 4\n(integer) 8"
_IS_DONE = '%%test it\'s done\n> GET done\n"yes"'
_FAILS = "return nosuch"
_DONE = "%redis SET done yes"


def _write(path: Path, *sources: str, solution: str = "") -> Path:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# Twice")]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    if solution:
        tags = {"tags": ["solution"]}
        notebook.cells.insert(2, nbformat.v4.new_code_cell(solution, metadata=tags))
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    return _write(tmp_path / "lesson.ipynb", _CLEAR, _GIVEN, _DOUBLES, _IS_DONE, solution=_SOLVED)


def test_the_tests_of_a_lesson_tell_what_others_have_solved(
    tmp_path: Path, lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weaker = _DOUBLES.replace("(integer) 8", '"4"')
    made = {
        "as_given": _write(tmp_path / "a", _GIVEN, _DOUBLES, _IS_DONE, solution=_SOLVED),
        "solved": _write(tmp_path / "b", _SOLVED, _FAILS, _DOUBLES, _DONE, _IS_DONE),
        "weaker": _write(tmp_path / "c", _GIVEN, weaker, _SOLVED, "%%test own\n> PING", _DONE),
        "without": _write(tmp_path / "d", _SOLVED),
    }
    assert main(["grade", str(lesson), *map(str, made.values())]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "notebook,passed,tests,failed",
        f"{made['as_given']},0,2,it doubles; it's done",
        f"{made['solved']},2,2,",
        f"{made['weaker']},1,2,it doubles",
        f"{made['without']},1,2,it's done",
    ]


def test_people_get_a_line_for_each_test_that_failed(
    tmp_path: Path,
    lesson: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    solved = _write(tmp_path / "ann.ipynb", _SOLVED)
    assert main(["grade", str(lesson), str(solved)]) == 0
    assert capsys.readouterr().out == f"{solved}: 1 of 2\n  failed  it's done\n"


def test_what_is_no_notebook_does_not_keep_others_from_being_graded(
    tmp_path: Path, lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text"
    text.write_text("no notebook")
    solved = _write(tmp_path / "solved", _SOLVED, _DONE)
    assert main(["grade", str(lesson), str(text), str(solved)]) == 1
    out, error = capsys.readouterr()
    assert out.splitlines()[1:] == [f"{solved},2,2,"]
    assert error.startswith(f"{text} cannot be read: ")
    assert main(["grade", str(tmp_path / "nowhere"), str(solved)]) == 1


def test_what_it_needs_to_run_notebooks_is_named_where_it_is_missing(
    lesson: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "redislua_kernel.integrations.grading")
    monkeypatch.setitem(sys.modules, "nbclient", None)
    assert main(["grade", str(lesson), str(lesson)]) == 1
    assert capsys.readouterr().err == "grade needs nbclient: pip install nbclient\n"


def test_where_a_kernel_dies_the_tests_that_did_not_run_have_failed(
    tmp_path: Path, lesson: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: NotebookClient) -> None:
        raise DeadKernelError("Kernel died")

    monkeypatch.setattr(NotebookClient, "execute", die)
    tests = read_tests(lesson)
    assert grade(_write(tmp_path / "solved", _SOLVED, _DONE), tests) == ([], list(tests))
