"""How often scripts and functions ran is always counted, whoever calls them."""

from __future__ import annotations

import hashlib
import time

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.latency.histogram import BATCH
from redislua_kernel.engine.scripting.runs import Runs
from redislua_kernel.engine.scripting.scripts import MAX_EVAL_SCRIPTS
from redislua_kernel.errors import ResponseError


def runs_of_script(engine: Engine, body: str) -> Runs:
    return engine.scripting.scripts.scripts[hashlib.sha1(body.encode()).hexdigest().encode()].runs


def runs_of(engine: Engine, function: str) -> Runs:
    return engine.scripting.functions.find(function.encode()).runs


def load(engine: Engine, *functions: str, library: str = "lib", result: str = "1") -> None:
    code = "\n".join(
        f"redis.register_function('{each}', function() return {result} end)" for each in functions
    )
    engine.execute("FUNCTION", "LOAD", "REPLACE", f"#!lua name={library}\n{code}")


def test_a_script_is_counted_by_whatever_command_runs_it(engine: Engine) -> None:
    body = "return 1"
    sha = engine.execute("SCRIPT", "LOAD", body)
    assert runs_of_script(engine, body).calls == 0
    for command in ("EVAL", "EVAL_RO"):
        engine.execute(command, body, 0)
    for command in ("EVALSHA", "EVALSHA_RO"):
        engine.execute(command, sha, 0)
    engine.execute("MULTI")
    engine.execute("EVALSHA", sha, 0)
    engine.execute("EXEC")
    assert runs_of_script(engine, body).calls == 5


def test_a_function_is_counted_by_the_name_it_was_registered_with(engine: Engine) -> None:
    load(engine, "one", "other")
    engine.execute("FCALL", "ONE", 0)
    assert (runs_of(engine, "one").calls, runs_of(engine, "other").calls) == (1, 0)


def test_times_add_up_and_the_last_run_is_known(engine: Engine) -> None:
    body = "for i = 1, 1e5 do end"
    before = time.time()
    for _ in range(3):
        engine.execute("EVAL", body, 0)
    runs = runs_of_script(engine, body)
    assert 0 < runs.mean <= runs.percentile(99) * 1.01
    assert runs.seconds == pytest.approx(3 * runs.mean)
    assert runs.last is not None
    assert before - 0.1 < runs.last < time.time() + 0.1


def test_what_never_ran_has_no_last_run(engine: Engine) -> None:
    load(engine, "f")
    runs = runs_of(engine, "f")
    assert (runs.last, runs.mean, runs.percentile(99), runs.failed) == (None, 0, 0, 0)


def test_many_runs_take_no_more_memory(engine: Engine) -> None:
    runs = Runs()
    for number in range(10 * BATCH):
        runs.durations.append(number % 100 / 1000)
        if len(runs.durations) == BATCH:
            runs.count()
    assert not runs.durations
    assert runs.calls == 10 * BATCH
    assert runs.percentile(99) == pytest.approx(0.098, rel=0.07)
    for _ in range(BATCH):
        engine.execute("EVAL", "return 1", 0)
    assert not runs_of_script(engine, "return 1").durations


def test_long_runs_are_told_apart() -> None:
    runs = Runs()
    runs.durations.extend([1.5, 90.0])
    assert runs.percentile(50) == pytest.approx(1.5, rel=0.07)
    assert runs.percentile(99) == pytest.approx(90, rel=0.07)


def test_errors_are_counted(engine: Engine) -> None:
    body = "return redis.error_reply('no')"
    with pytest.raises(ResponseError):
        engine.execute("EVAL", body, 0)
    load(engine, "f", result="nothing.there")
    with pytest.raises(ResponseError):
        engine.execute("FCALL", "f", 0)
    for runs in (runs_of_script(engine, body), runs_of(engine, "f")):
        assert (runs.calls, runs.failed) == (1, 1)


def test_a_refused_run_is_none(engine: Engine) -> None:
    engine.execute("SCRIPT", "LOAD", "#!lua\nredis.call('SET', KEYS[1], 1)")
    with pytest.raises(ResponseError):
        engine.execute("EVAL_RO", "#!lua\nredis.call('SET', KEYS[1], 1)", 0)
    assert runs_of_script(engine, "#!lua\nredis.call('SET', KEYS[1], 1)").calls == 0


def test_a_replaced_library_counts_on(engine: Engine) -> None:
    load(engine, "kept", "gone")
    for name in ("kept", "gone"):
        engine.execute("FCALL", name, 0)
    load(engine, "kept", "new", result="2")
    assert engine.execute("FCALL", "kept", 0) == 2
    assert (runs_of(engine, "kept").calls, runs_of(engine, "new").calls) == (2, 0)
    load(engine, "kept", "gone")
    assert runs_of(engine, "gone").calls == 0


def test_flush_forgets_the_counts(engine: Engine) -> None:
    load(engine, "f")
    engine.execute("FCALL", "f", 0)
    engine.execute("EVAL", "return 1", 0)
    engine.execute("FUNCTION", "FLUSH")
    engine.execute("SCRIPT", "FLUSH")
    load(engine, "f")
    engine.execute("SCRIPT", "LOAD", "return 1")
    assert (runs_of(engine, "f").calls, runs_of_script(engine, "return 1").calls) == (0, 0)


def test_another_dialect_counts_on_and_a_view_counts_for_itself(engine: Engine) -> None:
    load(engine, "f")
    engine.execute("FCALL", "f", 0)
    engine.execute("EVAL", "return 1", 0)
    view = engine.view()
    view.execute("FCALL", "f", 0)
    engine.change_dialect("valkey")
    engine.execute("FCALL", "f", 0)
    engine.execute("EVAL", "return 1", 0)
    assert (runs_of(engine, "f").calls, runs_of(view, "f").calls) == (2, 1)
    counts = runs_of_script(engine, "return 1").calls, runs_of_script(view, "return 1").calls
    assert counts == (2, 0)
    view.close()


def test_a_new_lua_state_counts_on(engine: Engine) -> None:
    load(engine, "f")
    engine.execute("FCALL", "f", 0)
    engine.execute("EVAL", "return 1", 0)
    engine.abandon(engine.scripting.runtime)
    engine.execute("FCALL", "f", 0)
    assert (runs_of(engine, "f").calls, runs_of_script(engine, "return 1").calls) == (2, 1)


def test_an_evicted_script_takes_its_counts_along(engine: Engine) -> None:
    engine.execute("EVAL", "return 'first'", 0)
    for number in range(MAX_EVAL_SCRIPTS):
        engine.execute("EVAL", f"return {number}", 0)
    assert engine.scripting.scripts.evicted == 1
    engine.execute("EVAL", "return 'first'", 0)
    assert runs_of_script(engine, "return 'first'").calls == 1


def test_runs_that_fail_are_counted_in_batches_too(engine: Engine) -> None:
    body = "return redis.error_reply('no')"
    for _ in range(BATCH + 1):
        with pytest.raises(ResponseError):
            engine.execute("EVAL", body, 0)
    runs = runs_of_script(engine, body)
    assert (runs.calls, runs.failed) == (BATCH + 1, BATCH + 1)
    assert len(runs.durations) < BATCH
