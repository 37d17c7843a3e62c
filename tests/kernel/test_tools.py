"""Notebook tools that run cells without a browser: nbclient, nbconvert, the console."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbclient
import nbformat
import pexpect
import pytest

from tests.jupyter_program import jupyter


def make_notebook(*cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "redislua", "display_name": "Redis Lua"}
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return notebook


def test_nbclient_runs_a_notebook(kernelspec: str) -> None:
    notebook = make_notebook("return 1", "%redis SET k v", "%keyspace", "%help")
    nbclient.NotebookClient(notebook, kernel_name=kernelspec, timeout=60).execute()
    nbformat.validate(notebook)
    assert notebook.cells[0].outputs[0].data["text/plain"] == "(integer) 1"
    assert "widgets" in notebook.metadata


def test_a_failing_test_fails_the_notebook(kernelspec: str) -> None:
    cells = "%%test n\n> INCR n\n(integer) 1", "%%test m\n\n> INCR n\n(integer) 2", "return 3"
    notebook = make_notebook(*cells)
    with pytest.raises(
        nbclient.exceptions.CellExecutionError, match=r"m failed\nline 3 \| > INCR n"
    ):
        nbclient.NotebookClient(notebook, kernel_name=kernelspec, timeout=60).execute()
    first, second, third = notebook.cells
    assert first.outputs[0].data["text/plain"] == "passed  n  1 check"
    assert second.outputs[0].ename == "CheckFailed"
    assert not third.outputs


def test_nbconvert_executes_a_notebook(kernelspec: str, tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    nbformat.write(make_notebook("return {1, 'two'}"), path)
    command = jupyter("nbconvert", "--execute", "--to", "html", str(path))
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert "two" in path.with_suffix(".html").read_text()


def test_nbconvert_shows_what_widgets_leave_behind(kernelspec: str, tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    library = "#!lua name=lib\nredis.register_function('hello', function() return '<b>' end)"
    counted = "%%stats\nfor i = 1, 1000 do redis.call('INCR', 'visits') end"
    cells = library, "%fcall hello", counted, "%functions", "%scripts", "%stats", "%keyspace"
    nbformat.write(make_notebook(*cells), path)
    command = jupyter("nbconvert", "--execute", "--to", "html", str(path))
    command.append("--ExecutePreprocessor.store_widget_state=False")
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    html = path.with_suffix(".html").read_text()
    outputs = html.split('class="jp-Cell-outputWrapper"')[1:]
    snapshots = [each.partition("jp-Cell-inputWrapper")[0] for each in outputs[2:]]
    wanted = ("<polyline", ">hello</samp>", "for i = 1, 1000 do", "<figure", ">visits</samp>")
    for snapshot, part in zip(snapshots, wanted, strict=True):
        assert part in snapshot
    assert "<b></samp>" not in html


@contextmanager
def run_console(kernelspec: str) -> Iterator[pexpect.spawn]:
    program, *words = jupyter("jupyter_console", "--kernel", kernelspec, "--simple-prompt")
    console = pexpect.spawn(program, words, timeout=60, encoding="utf-8")
    try:
        console.expect_exact("In [1]: ")
        yield console
    finally:
        console.close(force=True)


def test_the_console_works(kernelspec: str) -> None:
    with run_console(kernelspec) as console:
        console.sendline("return redis.call('PING')")
        console.expect_exact("PONG")


def test_scripts_are_stepped_through_in_the_console(kernelspec: str) -> None:
    with run_console(kernelspec) as console:
        console.sendline("%script debug sync")
        console.expect_exact("In [2]: ")
        console.sendline("local f = function() return 6 end return f() * 7")
        console.expect_exact("* Stopped at 1, stop reason = step over")
        for answer, shown in (("redis PING", '<reply> "+PONG"'), ("continue", "(integer) 42")):
            console.expect_exact("ldb> ")
            console.sendline(answer)
            console.expect_exact(shown)
