"""The worker: whatever a script does, it can be stopped, and the engine goes on as it was."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.journal import REPLICATE_ALL
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import ResponseError
from tests.engine.picture import picture
from tests.waiting import wait_until

LIBRARY = """#!lua name=lib
local calls = 0
redis.register_function('count', function() calls = calls + 1 return calls end)
"""

#: No hook fires in a pattern. It takes the longer the longer the text is: a tenth of a second for
#: 70, some seconds for 150.
PATTERN = "string.find(('a'):rep({}), ('a-'):rep(4) .. 'b')"
STUCK = PATTERN.format(150)

#: How long to wait for what must come.
SECONDS = 60


@pytest.fixture
def engine() -> Engine:
    return filled()


def filled() -> Engine:
    engine = Engine()
    engine.execute("SET", "k", "v")
    engine.execute("FUNCTION", "LOAD", LIBRARY)
    return engine


@pytest.fixture
def worker(engine: Engine) -> Iterator[Worker]:
    worker = Worker(engine, grace=0.1)
    yield worker
    worker.close()


def evaluate(engine: Engine, script: str) -> Callable[[], object]:
    return lambda: engine.execute("EVAL", script, 0)


def wait_until_running(engine: Engine, writes: int = 0) -> None:
    """Wait until a script runs and has written so often; then a little, until it loops."""
    journal = engine.keyspace.journal
    wait_until(lambda: engine.scripting.running and len(journal.undo) >= writes)
    time.sleep(0.05)


def stop(engine: Engine, worker: Worker, script: str, writes: int = 0) -> Interrupted:
    future = worker.submit(evaluate(engine, script))
    wait_until_running(engine, writes)
    worker.interrupt()
    with pytest.raises(Interrupted) as caught:
        future.result(SECONDS)
    return caught.value


def test_it_runs_functions_in_order_and_hands_results_and_errors_back(
    engine: Engine, worker: Worker
) -> None:
    futures = [worker.submit(lambda number=number: number) for number in range(3)]  # type: ignore[misc]
    failed = worker.submit(evaluate(engine, "return redis.call('INCR', 'k')"))
    assert [future.result(SECONDS) for future in futures] == [0, 1, 2]
    with pytest.raises(ResponseError, match="not an integer"):
        failed.result(SECONDS)


def test_interrupting_nothing_does_nothing(engine: Engine, worker: Worker) -> None:
    worker.interrupt()
    assert worker.submit(evaluate(engine, "return 1")).result(SECONDS) == 1


ENDLESS = {
    "a loop": "while true do end",
    "calls": "while true do redis.call('GET', 'k') end",
    "calls that fail": "while true do redis.pcall('INCR', 'k') end",
    "pcall": "while true do pcall(function() while true do end end) end",
    "xpcall": "while true do xpcall(function() while true do end end, function() end) end",
    "nested pcalls": "local function f() while true do pcall(f) end end f()",
    "nested xpcalls": "local function f() while true do xpcall(f, function() end) end end f()",
    "nested coroutines": "local c = coroutine "
    "local function f() while true do c.resume(c.create(f)) end end f()",
    "a handler": "while true do xpcall(error, function() for i = 1, 1e4 do end end) end",
    "a coroutine": "coroutine.wrap(function() while true do end end)()",
    "new coroutines": "local c = coroutine "
    "while true do c.resume(c.create(function() while true do end end)) end",
    "a comparator": "while true do table.sort({3, 1, 2}, function(a, b) while true do end end) end",
    "a replacement": "string.gsub(('a'):rep(9), 'a', function() while true do end end)",
    "a metamethod": "return setmetatable({}, {__index = function() while true do end end}).x",
    "tail calls": "local function f() return f() end return f()",
    "loaded code": "loadstring('while true do end')()",
}


@pytest.mark.parametrize("loop", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_script_is_stopped_and_undone(engine: Engine, worker: Worker, loop: str) -> None:
    was = picture(engine)
    thread = worker._thread
    worker.grace = 10  # a hook stops it: however busy the machine is, nobody is to abandon it
    write = "redis.call('SET', 'k', 'changed') redis.call('RPUSH', 'l', 'a') "
    assert stop(engine, worker, write + loop, writes=2).undone >= 2
    assert picture(engine) == was
    assert worker.submit(evaluate(engine, "return redis.call('GET', 'k')")).result(SECONDS) == b"v"
    assert worker._thread is thread


def test_an_endless_function_is_stopped_and_its_library_keeps_its_state(
    engine: Engine, worker: Worker
) -> None:
    engine.execute(
        "FUNCTION", "LOAD",
        "#!lua name=endless\nredis.register_function('loop', function() while true do end end)",
    )  # fmt: skip
    assert engine.execute("FCALL", "count", 0) == 1
    future = worker.submit(lambda: engine.execute("FCALL", "loop", 0))
    wait_until_running(engine)
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(SECONDS)
    assert engine.execute("FCALL", "count", 0) == 2


def test_an_interrupt_undoes_the_whole_unit_around_the_script(
    engine: Engine, worker: Worker
) -> None:
    def unit() -> None:
        with engine.keyspace.unit():
            engine.execute("SET", "before", "1")
            engine.execute("EVAL", "while true do end", 0)

    future = worker.submit(unit)
    wait_until_running(engine)
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(SECONDS)
    assert engine.execute("EXISTS", "before") == 0


def test_a_script_stuck_in_a_pattern_is_abandoned_and_nothing_else_is_lost(
    engine: Engine, worker: Worker
) -> None:
    sha = engine.execute("SCRIPT", "LOAD", "return 'cached'")
    was = picture(engine)
    thread = worker._thread
    stuck = worker.submit(
        evaluate(engine, f"redis.call('SET', 'k', 'x') redis.call('SET', 'n', 'y') {STUCK}")
    )
    waiting = worker.submit(evaluate(engine, "return redis.call('GET', 'k')"))
    wait_until_running(engine, writes=2)
    worker.interrupt()
    with pytest.raises(Interrupted) as caught:
        stuck.result(SECONDS)
    assert caught.value.was_abandoned
    assert caught.value.undone == 2
    assert waiting.result(SECONDS) == b"v"
    assert worker._thread is not thread
    assert picture(engine) == was
    assert engine.execute("EVALSHA", sha, 0) == b"cached"
    assert engine.execute("FCALL", "count", 0) == 1
    assert engine.execute("SET", "k", "new") == b"OK"
    # The next one is as easy to stop as the first.
    assert stop(engine, worker, "redis.call('SET', 'k', 'x') while true do end").undone == 1
    assert engine.execute("GET", "k") == b"new"


LATE = {
    "a write": "redis.call('SET', 'k', 'late')",
    "a flush": "redis.call('FLUSHALL')",
    "a message": "redis.call('PUBLISH', 'c', 'late')",
    "a log line": "redis.log(redis.LOG_WARNING, 'late')",
    "another loop": "while true do pcall(redis.call, 'FLUSHALL') end",
    "replication": "redis.set_repl(redis.REPL_NONE)",
    "its end": "return 1",
    "an error": "error('late')",
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_an_abandoned_script_that_comes_back_never_touches_the_engine(
    late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine it would not come back for a long time.
    monkeypatch.setattr("redislua_kernel.engine.worker._demote", lambda thread: None)
    for length in (70, 100, 130):  # what is short may be over before it is abandoned
        engine = filled()
        heard = listen(engine)
        worker = Worker(engine, grace=0.1)
        thread = worker._thread
        if was_abandoned(worker, f"{PATTERN.format(length)} {late}"):
            break
    wait_until(lambda: is_parked(thread))
    assert engine.execute("GET", "k") == b"v"
    assert heard == []
    assert engine.keyspace.journal.targets == REPLICATE_ALL
    worker.close()


def listen(engine: Engine) -> list[object]:
    """Give what is logged and published from now on."""
    heard: list[object] = []
    engine.log_listeners.append(lambda level, text: heard.append(text))
    listener = engine.client()
    listener.deliver = heard.append
    listener.execute("SUBSCRIBE", "c")
    heard.clear()
    return heard


def was_abandoned(worker: Worker, script: str) -> bool:
    """Run a script and abandon it at once; tell whether that came before its end."""
    future = worker.submit(evaluate(worker.engine, script))
    wait_until_running(worker.engine)
    if worker._current is not None:
        worker._abandon_if_stuck(worker._current)
    return isinstance(future.exception(SECONDS), Interrupted)


def is_parked(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == "park":
            return True
        frame = frame.f_back
    return False


def test_a_script_that_is_stuck_on_a_view_leaves_the_engine_itself_alone(
    engine: Engine, worker: Worker
) -> None:
    runtime = engine.scripting.runtime
    view = engine.view()
    future = worker.submit(evaluate(view, f"redis.call('SET', 'k', 'x') {STUCK}"))
    wait_until_running(view)
    with engine.keyspace.unit():
        engine.execute("SET", "k", "kept")
        worker.interrupt()
        with pytest.raises(Interrupted):
            future.result(SECONDS)
    assert engine.execute("GET", "k") == b"kept"
    assert engine.scripting.runtime is runtime
    assert (
        worker.submit(evaluate(engine, "return redis.call('GET', 'k')")).result(SECONDS) == b"kept"
    )


def test_a_library_that_is_stuck_while_it_loads_is_not_there_afterwards(
    engine: Engine, worker: Worker
) -> None:
    body = "#!lua name=stuck\nlocal _ = (('a'):rep(150)):find(('a-'):rep(4) .. 'b')"
    future = worker.submit(lambda: engine.execute("FUNCTION", "LOAD", body))
    wait_until(lambda: engine.scripting.runtime.polling.deadline)
    time.sleep(0.05)
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(SECONDS)
    assert engine.execute("FCALL", "count", 0) == 1
    assert set(engine.scripting.functions.libraries) == {b"lib"}


def test_where_each_step_takes_long_the_script_looks_more_often(
    engine: Engine, worker: Worker
) -> None:
    worker.grace = 10
    long_steps = "local s = ('ab '):rep(15000) while true do s:gsub('%w+', '%0 ') end"
    future = worker.submit(evaluate(engine, long_steps))
    wait_until_running(engine)
    # Seconds apart, without that.
    wait_until(lambda: engine.scripting.runtime.polling.every <= 2000)
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(SECONDS)


def test_a_command_that_takes_long_is_waited_for(engine: Engine, worker: Worker) -> None:
    future = worker.submit(lambda: time.sleep(0.4) or engine.execute("SET", "k", "w"))
    time.sleep(0.05)
    worker.interrupt()  # no script runs: nothing to stop, and nothing to abandon
    assert future.result(SECONDS) == b"OK"


def test_a_script_is_stopped_also_where_no_thread_can_be_started(
    engine: Engine, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    future = worker.submit(evaluate(engine, "redis.call('SET', 'k', 'x') while true do end"))
    stuck = worker.submit(evaluate(engine, STUCK))
    wait_until_running(engine)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        worker.interrupt()
        with pytest.raises(Interrupted):
            future.result(SECONDS)
        wait_until_running(engine)
        worker.interrupt()
        time.sleep(0.5)  # it cannot be abandoned yet
        assert not stuck.done()
    with pytest.raises(Interrupted):
        stuck.result(SECONDS)
    assert worker.submit(evaluate(engine, "return redis.call('GET', 'k')")).result(SECONDS) == b"v"
