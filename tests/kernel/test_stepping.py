"""%%debug and %break: stepping through cells in a console below them, through stdin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.kernel.notebook import Notebook, Outcome

LIBRARY = """#!lua name=lib
redis.register_function('g', function(keys, args)
  local v = args[1]
  return redis.call('SET', keys[1], v)
end)"""


def talk(notebook: Notebook, cell: str, answers: Iterable[str]) -> Outcome:
    """Run a cell and give these answers to what it asks."""
    request = notebook.begin(cell, allow_stdin=True)
    for answer in answers:
        question = notebook.client.get_stdin_msg(timeout=60)
        assert question["content"] == {"prompt": "ldb> ", "password": False}
        notebook.client.input(answer)
    return notebook.finish(request)


def lines(outcome: Outcome) -> list[str]:
    return outcome.stream().splitlines()


def test_a_cell_is_stepped_through_with_the_words_of_redis_cli(notebook: Notebook) -> None:
    cell = "%%debug\n%%eval k , a\nlocal t = {a = 1}\nredis.call('SET', KEYS[1], t.a)\nreturn t.a"
    outcome = talk(notebook, cell, ["p t", "step", "print t.a", "eval t.a = 9", "s", "c"])
    assert lines(outcome) == [
        "* Stopped at 3, stop reason = step over",
        "-> 3   local t = {a = 1}",
        "No such variable.",
        "* Stopped at 4, stop reason = step over",
        "-> 4   redis.call('SET', KEYS[1], t.a)",
        "<value> 1",
        "<retval> nil",
        "<redis> SET k 9",
        '<reply> "+OK"',
        "* Stopped at 5, stop reason = step over",
        "-> 5   return t.a",
    ]
    assert outcome.result == "(integer) 9"
    assert notebook.run("redis.call('GET', 'k')").result == '"9"'


def test_next_steps_over_calls_and_out_leaves_them(notebook: Notebook) -> None:
    body = "local function f(n)\n  local m = n * 2\n  return m\nend\nlocal x = f(4)\nreturn x"
    outcome = talk(notebook, f"%%debug\n{body}", ["n", "s", "o", "c"])
    assert lines(outcome)[::2] == [
        "* Stopped at 5, stop reason = step over",
        "* Stopped at 6, stop reason = step over",
        "* Stopped at 3, stop reason = step over",
        "* Stopped at 7, stop reason = step over",
    ]


def test_commands_may_stand_in_the_cell_for_notebooks_without_a_user(notebook: Notebook) -> None:
    cell = "%%debug ; next ; print ; continue\nlocal a = 1\nreturn a + 1"
    outcome = notebook.run(cell, allow_stdin=False)
    assert lines(outcome)[2] == "ldb> next"
    assert lines(outcome)[-3:] == ["ldb> print", "<value> a = 1", "ldb> continue"]
    assert outcome.result == "(integer) 2"


def test_commands_given_beforehand_keep_their_quotes_and_what_is_in_them(
    notebook: Notebook,
) -> None:
    commands = """ ; n ; e x = 'a;b  c' ; e "it's" .. string.upper('d') ; p x ; c"""
    outcome = notebook.run(f"%%debug{commands}\nlocal x = 1\nreturn x")
    assert '<retval> "it\'sD"' in outcome.stream()
    assert '<value> "a;b  c"' in outcome.stream()
    assert outcome.result == '"a;b  c"'


def test_abort_ends_the_script_at_once(notebook: Notebook) -> None:
    outcome = talk(notebook, "%%debug\nlocal a = 1\nreturn a", ["next", "abort"])
    assert lines(outcome)[-1] == "-> 3   return a"
    assert "script aborted for user request" in outcome.traceback


def test_without_anybody_to_ask_commands_are_asked_for(notebook: Notebook) -> None:
    assert "nobody to ask here" in notebook.run("%%debug\nreturn 1", allow_stdin=False).traceback


def test_an_isolated_run_leaves_the_data_as_they_are(notebook: Notebook) -> None:
    notebook.run("%redis SET k kept")
    cell = (
        "%%debug isolated ; continue\nredis.call('SET', 'k', 'new')\nreturn redis.call('GET', 'k')"
    )
    assert notebook.run(cell).result == '"new"'
    assert notebook.run("redis.call('GET', 'k')").result == '"kept"'


@pytest.mark.parametrize(("mode", "left"), [("yes", "kept"), ("sync", "new")])
def test_script_debug_lets_the_following_cells_be_stepped_through(
    notebook: Notebook, mode: str, left: str
) -> None:
    notebook.run(f"%redis SET k kept\n%script debug {mode}")
    try:
        outcome = talk(notebook, "return redis.call('SET', 'k', 'new')", ["s"])
        assert "<redis> SET k new" in lines(outcome)
    finally:
        notebook.run("%script debug no")
    assert notebook.run("redis.call('GET', 'k')").result == f'"{left}"'


def test_a_breakpoint_in_a_librarys_cell_stops_a_later_call(notebook: Notebook) -> None:
    notebook.run(f"%break 4\n{LIBRARY}")
    outcome = talk(notebook, "%fcall g k , v", ["print args[1]", "trace", "c"])
    assert lines(outcome) == [
        "* Stopped at 4, stop reason = break point",
        "->#4     local v = args[1]",
        '<value> "v"',
        "In top level:",
        "->#4     local v = args[1]",
    ]
    assert notebook.run("%break").stream() == "line 4 |   local v = args[1]\n"
    notebook.run("%break 0")
    assert notebook.run("%fcall g k , v").stream() == ""


def test_a_breakpoint_shows_the_place_where_nobody_answers(notebook: Notebook) -> None:
    outcome = notebook.run("%break 3\nlocal a = 1\nreturn a", allow_stdin=False)
    notebook.run("%break 0")
    assert lines(outcome) == ["* Stopped at 3, stop reason = break point", "->#3   return a"]
    assert outcome.result == "(integer) 1"


def test_an_error_stops_with_the_variables_it_was_raised_on(notebook: Notebook) -> None:
    outcome = talk(notebook, "%%debug\nlocal y = 5\nreturn y + nil", ["c", "print y", "q"])
    assert lines(outcome)[2].startswith("* Failed at 3: user_script:2: attempt to perform")
    assert lines(outcome)[-1] == "<value> 5"
    assert "line 3" in outcome.traceback


def test_debug_looks_around_after_a_failure(notebook: Notebook) -> None:
    notebook.run("local y = {5}\nreturn y + nil")
    outcome = talk(notebook, "%debug", ["print y[1]", "redis PING", "q"])
    assert lines(outcome) == ["<value> 5", '<reply> {["ok"]="PONG"}']


@pytest.mark.parametrize("how", ["", " isolated"])
def test_an_interrupt_ends_the_pause_and_undoes_the_cell(notebook: Notebook, how: str) -> None:
    cell = f"%%debug{how}\nredis.call('SET', 'k', 'never')\nreturn 1"
    request = notebook.begin(cell, allow_stdin=True)
    notebook.client.get_stdin_msg(timeout=60)
    notebook.client.input("next")
    notebook.client.get_stdin_msg(timeout=60)
    notebook.manager.interrupt_kernel()
    assert notebook.finish(request).reply["ename"] == "Interrupted"
    assert notebook.run("redis.call('GET', 'k')").result == "(nil)"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%debug now\nreturn 1", "usage: %%debug [isolated] [; command ...]"),
        ("%break x\nreturn 1", "usage: %break [line ...]"),
        ("%break 7\nreturn 1", "the cell has no line 7 below its magics"),
        ("%break 1", "%break stands above the lines that it is about"),
    ],
)
def test_what_cannot_be_gets_a_clear_error(notebook: Notebook, cell: str, message: str) -> None:
    outcome: Any = notebook.run(cell)
    assert message in outcome.traceback
