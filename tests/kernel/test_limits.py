"""Limits in a notebook: what they cut is said, and who goes beyond is told how to raise them."""

from __future__ import annotations

import pytest

from tests.kernel.notebook import Notebook


@pytest.fixture(autouse=True)
def usual_limits(notebook: Notebook) -> None:
    notebook.run("%config output-limit 1000000\n%config reply-limit 200000\n%config lua-memory 512")


def test_of_a_long_error_the_beginning_is_shown(notebook: Notebook) -> None:
    outcome = notebook.run("error(('x'):rep(2e6))")
    assert "x" * 1000 in outcome.traceback
    assert len(outcome.traceback) < 1_000_000
    assert "characters left out: %config reply-limit 200000" in outcome.traceback


def test_limits_are_options_with_sane_defaults(notebook: Notebook) -> None:
    for name in ("lua-memory", "process-memory", "reply-limit", "output-limit"):
        _, value = notebook.run(f"%config {name}").stream().split()
        assert int(value) > 100


def test_a_script_that_wants_too_much_is_told_which_setting_raises_the_limit(
    notebook: Notebook,
) -> None:
    notebook.run("%config lua-memory 16")
    outcome = notebook.run("redis.call('SET', 'k', 1)\nreturn #('x'):rep(1e9)")
    text = "ERR not enough memory: scripts may hold 16 MB in Lua (lua-memory)"
    assert outcome.reply["evalue"] == text
    assert "%config lua-memory 32 lets it take twice as much" in outcome.traceback
    assert notebook.run("return redis.call('GET', 'k')").result == '"1"'


def test_of_a_giant_reply_the_beginning_is_shown(notebook: Notebook) -> None:
    outcome = notebook.run("local t = {} for i = 1, 200000 do t[i] = i end return t")
    assert outcome.result is not None
    assert len(outcome.result) < 210_000
    assert " of 200,000 elements left out: %config reply-limit" in outcome.result
    data = outcome.of("execute_result")[0]["data"]
    assert "application/json" not in data
    assert "… 199900 more" in data["text/html"]
    notebook.run("%config reply-limit 10000000")
    outcome = notebook.run("local t = {} for i = 1, 20000 do t[i] = i end return t")
    assert outcome.result is not None
    assert outcome.result.endswith("20000) (integer) 20000")


def test_of_much_output_the_beginning_is_shown_and_the_result(notebook: Notebook) -> None:
    notebook.run("%config output-limit 1000")
    outcome = notebook.run(
        "for i = 1, 1000 do redis.log(redis.LOG_NOTICE, ('x'):rep(99)) end return 1"
    )
    assert outcome.stream() == (("x" * 99 + "\n") * 10) + "…\n"
    assert outcome.stream("stderr").strip() == (
        "… 99,000 characters left out: %config output-limit 1000 shows so many of a cell"
    )
    assert outcome.result == "(integer) 1"


def test_of_many_replies_the_first_are_shown_and_the_last(notebook: Notebook) -> None:
    notebook.run("%config output-limit 1000")
    outcome = notebook.run("%%redis\n" + "ECHO 0123456789\n" * 200)
    assert len(outcome.displayed) == 40
    assert outcome.stream().count('"0123456789"\n') == 40  # 12 characters each, and a line's end
    assert "characters left out" in outcome.stream("stderr")
    assert outcome.result == '"0123456789"'


def test_endless_output_can_be_stopped_and_is_short(notebook: Notebook) -> None:
    request = notebook.begin("while true do redis.log(redis.LOG_WARNING, ('x'):rep(100000)) end")
    notebook.wait_for_stream(request, "x" * 100_000)
    notebook.manager.interrupt_kernel()
    outcome = notebook.finish(request)
    assert outcome.reply["evalue"] == "ERR Interrupted"
    assert len(outcome.stream("stderr")) < 1_000_300
    assert notebook.run("return 1").result == "(integer) 1"


def test_of_many_replies_most_are_text_and_the_last_is_the_result(notebook: Notebook) -> None:
    lines = [f"SET key{number} {number}" for number in range(1000)]
    outcome = notebook.run("\n".join(["%%redis", *lines, "GET key999"]))
    assert outcome.displayed == ["OK"] * 40
    assert outcome.stream() == "OK\n" * 960
    assert outcome.result == '"999"'
    assert sum(len(str(content)) for _, content in outcome.messages) < 150_000


def test_after_an_error_among_many_replies_those_before_it_are_shown(notebook: Notebook) -> None:
    outcome = notebook.run("\n".join(["%%redis", *["SET key 1"] * 300, "INCR key 2"]))
    assert outcome.displayed == ["OK"] * 40
    assert outcome.stream() == "OK\n" * 260
    assert "wrong number of arguments" in outcome.traceback
