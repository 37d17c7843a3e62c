"""papermill: parameters reach the scripts of a notebook, and tests that fail stop it."""

import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from redislua_kernel.integrations.papermill import NotebookEngine, RedisLuaTranslator
from tests.jupyter_program import jupyter

papermill_engines.register("redislua", NotebookEngine)  # as the entry point does


@pytest.mark.parametrize(
    ("parameters", "lines"),
    [
        ({"n": 7}, ["%args --n 7"]),
        (
            {"who": "Ann Lee", "half": 0.5, "on": True},
            ['%args --who "Ann Lee" --half 0.5 --on true'],
        ),
        ({"x": None, "list": [1, "a"]}, [r'%args --x "" --list "[1, \"a\"]"']),
        ({"keys": ["a", "b"], "args": [1, 2]}, ["%keys a b", "%args 1 2"]),
        ({"keys": "a"}, ["%keys a"]),
    ],
)
def test_parameters_become_magics(parameters: dict[str, Any], lines: list[str]) -> None:
    assert RedisLuaTranslator.codify(parameters).split("\n") == ["-- Parameters", *lines]


def test_the_parameters_of_a_notebook_are_known() -> None:
    known = RedisLuaTranslator.inspect({"source": "%keys a\n%args --n 5 --who 'Bob B'"})
    assert [(each.name, each.default) for each in known] == [("n", "5"), ("who", "Bob B")]
    assert RedisLuaTranslator.inspect({"source": "%args 5 'x"}) == []


def test_papermill_sets_what_its_command_line_names(
    environment: dict[str, str], notebook: Path
) -> None:
    out = notebook.with_name("out.ipynb")
    command = jupyter("papermill", str(notebook), str(out), "-p", "who", "Ann")
    done = subprocess.run(
        command, check=False, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(out, as_version=4).cells
    assert cells[2].source == "-- Parameters\n%args --who Ann"
    assert cells[3].outputs[0].data["text/plain"] == '1) "5"\n2) "Ann"'
    assert cells[6].outputs[0].data["text/plain"] == "passed  it doubles  1 check"


def test_errors_that_are_meant_are_none_with_our_engine(kernelspec: str, notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    read.cells = [nbformat.v4.new_code_cell(each) for each in ("return return", "%keyspace")]
    read.cells[0].metadata.tags = ["raises-exception"]
    nbformat.write(read, notebook)
    out = notebook.with_name("out.ipynb")
    ran = execute_notebook(notebook, out, progress_bar=False, engine_name="redislua")
    nbformat.validate(ran)
    assert "line 1 | return return" in ran.cells[0].outputs[0].text
    # With the state of its widgets, pages would show them, and not what they leave behind.
    assert "widgets" not in ran.metadata


def test_a_test_that_fails_stops_papermill(kernelspec: str, notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    read.cells[5].source = read.cells[5].source.replace("42", "43")
    nbformat.write(read, notebook)
    with pytest.raises(PapermillExecutionError, match="it doubles failed"):
        execute_notebook(notebook, notebook.with_name("out.ipynb"), progress_bar=False)
