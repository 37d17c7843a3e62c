"""%%trace and %debug: what a cell called, and where it failed."""

import re

from tests.kernel.notebook import Notebook


def test_a_trace_shows_each_call_on_its_line_of_the_cell(notebook: Notebook) -> None:
    cell = (
        "%%trace\n%%eval k , v\nredis.call('SET', KEYS[1], ARGV[1])\nreturn redis.call('GET', 'k')"
    )
    outcome = notebook.run(cell)
    reply, trace = outcome.displayed
    assert reply == '"v"'
    title, _, *lines = trace.split("\n")
    assert re.fullmatch(r"2 calls, \d+ µs in commands, \d+ µs in all", title)
    assert [re.sub(r" +[\d.]+  ", "|", line.lstrip()) for line in lines] == [
        "3|SET k v → OK",
        '4|GET k → "v"',
    ]
    html = outcome.of("display_data")[1]["data"]["text/html"]
    assert html.count("<rect") == 2
    assert "<samp>GET k</samp>" in html
    assert notebook.run("%trace").displayed == [trace]


def test_the_trace_of_a_cell_that_fails_is_shown_too(notebook: Notebook) -> None:
    outcome = notebook.run("%%trace\nredis.call('SET', 'k', '<b>')\nreturn redis.call('INCR', 'k')")
    assert "INCR k → (error) ERR value is not an integer" in outcome.displayed[0]
    assert "<b>" not in outcome.of("display_data")[0]["data"]["text/html"]
    assert "line 3" in outcome.traceback


def test_debug_shows_the_variables_of_the_last_failure(notebook: Notebook) -> None:
    notebook.run(
        "%%eval k , v\nlocal n = {1, x = 'y'}\nlocal function f(a)\n  local b = a + n\nend\nf(4)"
    )
    (shown,) = notebook.run("%debug").displayed
    assert re.sub(r'"function@0x\w+"', "…", shown) == (
        "user_script:3: attempt to perform arithmetic on upvalue 'n' (a table value)\n"
        "f, line 4 |   local b = a + n\n"
        "    a = 4\n"
        '    n (upvalue) = {[1]=1; ["x"]="y"}\n'
        "the script, line 6 | f(4)\n"
        '    n = {[1]=1; ["x"]="y"}\n'
        "    f = …\n"
        '    KEYS (global) = {"k"}\n'
        '    ARGV (global) = {"v"}'
    )
