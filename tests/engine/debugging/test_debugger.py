"""The debugger's core: where scripts and functions stop, and what can be asked and set there."""

from __future__ import annotations

from contextlib import suppress
from itertools import repeat
from typing import Any

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.debugging.breakpoints import Breakpoint
from redislua_kernel.engine.debugging.post_mortem import PostMortem
from redislua_kernel.engine.debugging.stop import EvaluationError, Reason, Step, Stop
from tests.engine.debugging.watching import watched

SCRIPT = b"""local total = 0
local function add(n)
  total = total + n
  return total
end
for i = 1, 3 do
  add(i)
end
return total"""

LIBRARY = """#!lua name=lib
local function double(n)
  local twice = n * 2
  return twice
end
redis.register_function('f', function(keys, args)
  local n = double(tonumber(args[1]))
  return redis.call('INCRBY', keys[1], n)
end)"""


def variables(stop: Stop) -> dict[str, bytes]:
    return {each.name: stop.text_of(each.value) for each in stop.frames[0].locals}


def test_a_step_into_stops_on_every_line(engine: Engine) -> None:
    with watched(engine, repeat(Step.INTO)) as (watcher, _):
        assert engine.execute("EVAL", SCRIPT, 0) == 6
    assert watcher.lines == [1, 5, 6, 7, 3, 4, 6, 7, 3, 4, 6, 7, 3, 4, 6, 9]


def test_a_step_over_stays_in_the_function(engine: Engine) -> None:
    with watched(engine, repeat(Step.OVER)) as (watcher, _):
        engine.execute("EVAL", SCRIPT, 0)
    assert watcher.lines == [1, 5, 6, 7, 6, 7, 6, 7, 6, 9]


def test_a_step_out_ends_behind_the_call(engine: Engine) -> None:
    with watched(engine, [Step.OUT], enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(3)])
        engine.execute("EVAL", SCRIPT, 0)
    assert watcher.stops[:2] == [(Reason.BREAKPOINT, 3), (Reason.STEP, 6)]


def test_breakpoints_belong_to_a_body(engine: Engine) -> None:
    with watched(engine, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(4), Breakpoint(9)])
        engine.execute("EVAL", SCRIPT, 0)
        engine.execute("EVAL", SCRIPT + b" ", 0)
        debugger.set_breakpoints(SCRIPT, [])
        engine.execute("EVAL", SCRIPT, 0)
    assert watcher.stops == [(Reason.BREAKPOINT, line) for line in (4, 4, 4, 9)]


@pytest.mark.parametrize(
    ("given", "visits"),
    [
        ({"condition": "n == 2"}, [2]),
        ({"condition": "n > 1"}, [2, 3]),
        ({"condition": "KEYS[1] == 'no'"}, []),
        ({"hits": "2"}, [2, 3]),
        ({"hits": ">= 3"}, [3]),
        ({"hits": "== 2"}, [2]),
        ({"hits": "%2"}, [2]),
        ({"hits": "<2"}, [1]),
        ({"condition": "n > 1", "hits": "==2"}, [3]),
    ],
)
def test_a_breakpoint_may_have_conditions(
    engine: Engine, given: dict[str, str], visits: list[int]
) -> None:
    def look(stop: Stop) -> Any:
        return stop.evaluate(b"n", stop.frames[0])

    with watched(engine, look=look, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(3, **given)])
        engine.execute("EVAL", SCRIPT, 0)
    assert watcher.seen == visits


def test_a_breakpoint_may_log_in_place_of_stopping(engine: Engine) -> None:
    with watched(engine, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(3, message="n is {n}, {total + n} {nope}")])
        engine.execute("EVAL", SCRIPT, 0)
    assert not watcher.stops
    assert [text.partition(" <")[0] for _, text in watcher.logs] == [
        "n is 1, 1", "n is 2, 3", "n is 3, 6",
    ]  # fmt: skip
    assert "nonexistent global variable 'nope'" in watcher.logs[0][1]


@pytest.mark.parametrize("given", [{"condition": "n +"}, {"condition": "no()"}, {"hits": "often"}])
def test_a_bad_condition_shows_its_error_and_goes_on(engine: Engine, given: dict[str, str]) -> None:
    with watched(engine, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(3, **given)])
        assert engine.execute("EVAL", SCRIPT, 0) == 6
    assert not watcher.stops
    assert watcher.logs[0][1].startswith("breakpoint on line 3: ")


def test_a_stop_shows_the_stack_and_its_variables(engine: Engine) -> None:
    def look(stop: Stop) -> Any:
        return [
            (frame.name, frame.line, [(v.name, v.value) for v in frame.upvalues])
            for frame in stop.frames
        ]

    script = SCRIPT.replace(b"  add(i)", b"  local x = add(i)")
    with watched(engine, look=look, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(script, [Breakpoint(4, hits="== 2")])
        engine.execute("EVAL", script, 2, "a", "b", "c")
    assert watcher.seen == [[("add", 4, [("total", 3)]), (None, 7, [])]]


def test_code_runs_in_a_frame_and_may_set_its_variables(engine: Engine) -> None:
    def look(stop: Stop) -> Any:
        frame = stop.frames[0]
        stop.evaluate(b"n = n + 10", frame)
        stop.evaluate(b"total = 100", frame)
        (n,) = frame.locals
        before = n.value
        stop.assign(frame, n, before + 1)
        return before, n.value, stop.evaluate(b"redis.call('INCR', 'seen')", frame)

    with watched(engine, look=look, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(SCRIPT, [Breakpoint(3, hits="== 1")])
        assert engine.execute("EVAL", SCRIPT, 0) == 100 + 12 + 2 + 3
    assert watcher.seen == [(11, 12, 1)]


def test_a_variable_that_is_redis_call_is_not_set_as_its_calls_would_not_notice(
    engine: Engine,
) -> None:
    script = b"local call = redis.call\nreturn call('ECHO', 'kept')"

    def look(stop: Stop) -> Any:
        frame = stop.frames[0]
        with pytest.raises(EvaluationError, match="call: its calls are bound"):
            stop.evaluate(b"call = 1", frame)
        with pytest.raises(EvaluationError, match="its calls are bound"):
            stop.assign(frame, frame.locals[0], 1)

    with watched(engine, look=look, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(script, [Breakpoint(2)])
        assert engine.execute("EVAL", script, 0) == b"kept"
    assert watcher.seen == [None]


def test_variables_of_a_coroutine_are_read_and_set_too(engine: Engine) -> None:
    script = b"""local co = coroutine.wrap(function(n)
  local m = n + 1
  coroutine.yield(m)
  return m
end)
return {co(1), co()}"""

    def look(stop: Stop) -> Any:
        stop.evaluate(b"m = 7", stop.frames[0])
        return variables(stop)

    with watched(engine, look=look, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(script, [Breakpoint(3)])
        assert engine.execute("EVAL", script, 0) == [7, 7]
    assert watcher.seen == [{"n": b"1", "m": b"7"}]


def test_a_step_over_a_yield_ends_outside_the_coroutine(engine: Engine) -> None:
    script = b"""local co = coroutine.wrap(function()
  coroutine.yield(1)
end)
co()
return 5"""
    with watched(engine, repeat(Step.OVER), enters=False) as (watcher, debugger):
        debugger.set_breakpoints(script, [Breakpoint(2)])
        engine.execute("EVAL", script, 0)
    assert watcher.lines == [2, 5]


def test_failing_code_tells_why(engine: Engine) -> None:
    def look(stop: Stop) -> Any:
        texts = []
        for code in (b"1 +", b"nope", b"error('boo')", b"error({err='E x'})", b"\x1bLua"):
            with pytest.raises(EvaluationError) as caught:
                stop.evaluate(code, stop.frames[0])
            texts.append(str(caught.value))
        return texts

    with watched(engine, look=look) as (watcher, _):
        engine.execute("EVAL", "return 1", 0)
    syntax, nope, boo, table, _ = watcher.seen[0]
    assert "unexpected symbol near '1'" in syntax
    assert "nonexistent global variable 'nope'" in nope
    assert boo.endswith("boo")
    assert table == "E x"


def test_tables_open_piece_by_piece(engine: Engine) -> None:
    def look(stop: Stop) -> Any:
        table = stop.frames[0].locals[0].value
        stop.set_entry(table, b"new", True)
        with pytest.raises(EvaluationError):
            stop.set_entry(stop.evaluate(b"redis"), b"new", True)
        return stop.type_of(table), stop.sizes(table), list(stop.contents(table, 1, 2))

    script = "local t = {10, 20, 30}\nreturn tostring(t.new)"
    with watched(engine, [Step.INTO], look=lambda s: s.line == 2 and look(s)) as (watcher, _):
        assert engine.execute("EVAL", script, 0) == b"true"
    assert watcher.seen[1] == ("table", (3, 1), [(2, 20), (3, 30)])


def test_functions_are_debugged_in_their_library(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", LIBRARY)
    with watched(engine, look=variables, enters=False) as (watcher, debugger):
        debugger.set_breakpoints(LIBRARY.encode(), [Breakpoint(4)])
        assert engine.execute("FCALL", "f", 1, "k", "21") == 42
        engine.execute("EVAL", "local a\na = 1\na = 2\na = 3", 0)
    assert watcher.seen == [{"n": b"21", "twice": b"42"}]


def test_calls_and_their_replies_are_told(engine: Engine) -> None:
    script = "redis.call('SET', 'k', 'v') redis.pcall('INCR', 'k') return redis.pcall('NO')"
    with watched(engine, enters=False) as (watcher, _), pytest.raises(ResponseError):
        engine.execute("EVAL", script, 0)
    texts = [call[-1] for call in watcher.calls]
    assert watcher.calls[0] == ("call", b"SET", b"k", b"v")
    assert watcher.calls[3] == ("error", b"ERR value is not an integer or out of range")
    assert texts[1] == "OK" or bytes(texts[1]) == b"OK"
    assert watcher.calls[-1] == ("end",)


def test_an_error_that_nothing_catches_stops_where_it_was_raised(engine: Engine) -> None:
    script = b"local a = 1\npcall(error, 'caught')\nlocal b = a + nil"
    with (
        watched(engine, look=variables, enters=False) as (watcher, _),
        pytest.raises(ResponseError),
    ):
        engine.execute("EVAL", script, 0)
    assert watcher.stops == [(Reason.ERROR, 3)]
    assert watcher.seen == [{"a": b"1"}]


def test_an_endless_loop_is_paused(engine: Engine) -> None:
    with watched(engine, look=lambda stop: stop.evaluate(b"go = false", stop.frames[0])) as (
        watcher,
        _,
    ):
        watcher._enters = False
        watcher.reason = Reason.PAUSE
        engine.execute("EVAL", "local go = true\nwhile go do end", 0)
    assert watcher.stops == [(Reason.PAUSE, 2)]


def test_redis_breakpoint_and_debug_speak_only_under_a_debugger(engine: Engine) -> None:
    script = "redis.debug('a', {1})\nlocal stopped = redis.breakpoint()\nreturn tostring(stopped)"
    with watched(engine, enters=False) as (watcher, _):
        assert engine.execute("EVAL", script, 0) == b"true"
    assert watcher.stops == [(Reason.CALL, 3)]
    assert watcher.logs == [(1, '"a", {1}')]
    assert engine.execute("EVAL", script, 0) == b"false"


def test_a_debugger_that_is_gone_is_asked_nothing(engine: Engine) -> None:
    with watched(engine) as (watcher, _):
        pass
    assert engine.execute("EVAL", SCRIPT, 0) == 6
    assert not watcher.stops
    assert not watcher.calls


def test_the_last_failure_is_kept_with_its_variables(engine: Engine) -> None:
    kept = PostMortem()
    engine.scripting.watchers.watch_errors(kept.raised)
    for script in ("local x = {1}\nlocal y = x + ARGV[1]", "return 1"):
        with suppress(ResponseError):
            engine.execute("EVAL", script, 1, "k", "v")
    assert kept.stop is not None
    assert (kept.stop.line, variables(kept.stop)) == (2, {"x": b"{1}"})
    assert "arithmetic on local 'x'" in kept.stop.text
    engine.execute("EVAL", "return KEYS[1]", 1, "another")
    assert {each.name: kept.stop.text_of(each.value) for each in kept.stop.globals} == {
        "KEYS": b'{"k"}', "ARGV": b'{"v"}',
    }  # fmt: skip
    assert kept.stop.evaluate(b"x[1] + 1", kept.stop.frames[0]) == 2


def test_the_watchers_stay_when_the_dialect_changes(engine: Engine) -> None:
    with watched(engine) as (watcher, _):
        engine.change_dialect("valkey")
        engine.execute("EVAL", "return 1", 0)
    assert watcher.lines == [1]
