"""SCRIPT KILL and FUNCTION KILL, from another thread while a script runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine import interrupts
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import ResponseError
from tests.waiting import wait_until

FOR_EVER = "while true do end"


def begin(worker: Worker, *words: str | int) -> Future[object]:
    """Run a command on the worker, and wait until its script runs."""
    future = worker.submit(lambda: worker.engine.execute(*words))
    wait_until(lambda: worker.engine.scripting.running)
    time.sleep(0.02)
    return future


def kill(engine: Engine, container: str = "SCRIPT") -> object:
    return engine.busy_call(engine.client(), [container.encode(), b"KILL"])


def load(engine: Engine, body: str) -> None:
    code = f"#!lua name=lib\nredis.register_function('f', function() {body} end)"
    engine.execute("FUNCTION", "LOAD", code)


def test_nothing_runs_nothing_is_killed(engine: Engine) -> None:
    for container in ("SCRIPT", "FUNCTION"):
        with pytest.raises(ResponseError, match=r"^NOTBUSY No scripts in execution right now"):
            engine.execute(container, "KILL")


@pytest.mark.parametrize(
    "body",
    [
        FOR_EVER,
        "while true do pcall(function() while true do end end) end",
        "while true do redis.call('GET', 'k') end",
        "coroutine.wrap(function() while true do end end)()",
        "loadstring('while true do end', '=sandbox')()",
        "loadstring('while true do end', '=sandbox\\0')()",
        "local t = {} for _ = 1, 40 do t = {t, t} end return t",
    ],
)
def test_a_script_that_only_read_is_killed(engine: Engine, worker: Worker, body: str) -> None:
    running = begin(worker, "EVAL", body, 0)
    assert kill(engine) == b"OK"
    with pytest.raises(ResponseError, match=r"^ERR Script killed by user"):
        running.result(60)
    assert engine.execute("EVAL", "return 1", 0) == 1


def test_a_function_is_killed_by_function_kill_alone(engine: Engine, worker: Worker) -> None:
    load(engine, FOR_EVER)
    running = begin(worker, "FCALL", "f", 0)
    with pytest.raises(ResponseError, match=r"^BUSY .* FUNCTION KILL"):
        kill(engine, "SCRIPT")
    assert not running.done()
    assert kill(engine, "FUNCTION") == b"OK"
    with pytest.raises(ResponseError, match="Script killed by user"):
        running.result(60)


def test_a_script_that_wrote_cannot_be_killed_but_interrupted(
    engine: Engine, worker: Worker
) -> None:
    running = begin(worker, "EVAL", f"redis.call('SET', 'k', 'v') {FOR_EVER}", 0)
    wait_until(lambda: engine.scripting.runtime.wrote)
    with pytest.raises(ResponseError, match=r"^UNKILLABLE Sorry the script already executed write"):
        kill(engine)
    assert not running.done()
    worker.interrupt()
    with pytest.raises(ResponseError, match="Interrupted"):
        running.result(60)
    assert engine.execute("EXISTS", "k") == 0


def until(key: str) -> str:
    """Give the code that waits for a key."""
    return f"while redis.call('EXISTS', '{key}') == 0 do end "


def kill_late(engine: Engine, monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> None:
    """Send SCRIPT KILL, which asks the script it has found only when `before` is done."""

    def late(*args: Any, **named: Any) -> None:
        before()
        interrupts.ask(*args, **named)

    monkeypatch.setattr("redislua_kernel.engine.scripting.scripting.ask", late)
    kill(engine)
    time.sleep(0.05)  # for who would obey


def test_a_kill_does_not_hit_the_next_script(
    engine: Engine, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = engine.keyspace[0].entries
    first = begin(worker, "EVAL", until("a") + "return 'first'", 0)
    futures = []

    def go_on() -> None:
        entries[b"a"] = b"1"
        first.result(60)
        futures.append(begin(worker, "EVAL", until("b") + "return 'second'", 0))

    kill_late(engine, monkeypatch, go_on)
    entries[b"b"] = b"1"
    assert (first.result(60), futures[0].result(60)) == (b"first", b"second")


def test_a_kill_does_not_hit_a_script_that_has_begun_to_write(
    engine: Engine, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = engine.keyspace[0].entries
    body = f"{until('a')} redis.call('SET', 'x', 1) {until('b')} redis.call('SET', 'y', 1)"
    running = begin(worker, "EVAL", body, 0)

    def go_on() -> None:
        entries[b"a"] = b"1"
        wait_until(lambda: engine.scripting.runtime.wrote)

    kill_late(engine, monkeypatch, go_on)
    entries[b"b"] = b"1"
    assert running.result(60) is None
    assert engine.execute("EXISTS", "x", "y") == 2


def test_who_interrupts_a_script_that_was_killed_stops_all(engine: Engine) -> None:
    interrupts.ask(get_ident(), proviso=lambda: True)
    interrupts.ask(get_ident(), "no more room")
    interrupts.ask(get_ident(), proviso=lambda: True)
    assert interrupts.forget() == "no more room"


def test_an_interrupt_outside_of_scripts_leaves_nothing_stopped(engine: Engine) -> None:
    interrupts.ask(get_ident())
    for _ in range(3000):  # in one of them the hook fires, and hears of it; each may obey
        with suppress(interrupts.Stopped):
            assert engine.scripting.compile_error(b"return 1") is None
    interrupts.forget()
    handled = "local _, text = xpcall(error, function() return 'handled' end) return text"
    assert engine.execute("EVAL", handled, 0) == b"handled"


def test_others_are_told_that_the_engine_is_busy(engine: Engine, worker: Worker) -> None:
    load(engine, FOR_EVER)
    client = engine.client()
    running = begin(worker, "FCALL", "f", 0)
    with pytest.raises(ResponseError, match=r"^BUSY Redis is busy running a script"):
        engine.busy_call(client, [b"GET", b"k"])
    stats = engine.busy_call(client, [b"FUNCTION", b"STATS"])
    assert stats[b"running_script"][b"name"] == b"f"
    assert stats[b"running_script"][b"command"] == [b"FCALL", b"f", b"0"]
    assert stats[b"running_script"][b"duration_ms"] >= 10
    kill(engine, "FUNCTION")
    with pytest.raises(ResponseError):
        running.result(60)
    assert engine.execute("FUNCTION", "STATS")[b"running_script"] is None
