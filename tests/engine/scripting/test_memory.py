"""Scripts may hold only so much memory: who holds more is stopped, whatever he catches."""

from __future__ import annotations

import threading

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.memory.guard import MemoryGuard
from redislua_kernel.engine.memory.limits import MEGABYTE, MemoryLimits
from redislua_kernel.engine.scripting.lua_memory import LuaMemory, weight
from redislua_kernel.reply import Pairs

TEXT = r"^ERR not enough memory: scripts may hold 24 MB in Lua \(lua-memory\)$"


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.limits = MemoryLimits(24 * MEGABYTE)
    return engine


@pytest.mark.parametrize(
    "script",
    [
        "local t = {} while true do t[#t + 1] = {} end",  # little by little
        "local s = 'x' while true do s = s .. s end",  # at once
        "return pcall(function() local s = 'x' while true do s = s .. s end end)",
        "return pcall(string.rep, 'x', 2^31 - 1)",  # before it is tried
        "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
        "local t = {} for _ = 1, 40 do t = {t, t} end return cjson.encode(t)",  # in our own code
        "local t = {} for _ = 1, 40 do t = {t, t} end return t",  # as a reply
    ],
)
def test_who_holds_more_is_stopped(engine: Engine, script: str) -> None:
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", script, 0)
    assert engine.execute("EVAL", "return redis.call('ECHO', 'x')", 0) == b"x"
    assert engine.execute("EVAL", "return collectgarbage('count')", 0) < 12 << 10


def test_what_is_garbage_counts_for_nothing(engine: Engine) -> None:
    script = "for i = 1, 300 do local t = {} for j = 1, 10000 do t[j] = {} end end return 'done'"
    assert engine.execute("EVAL", script, 0) == b"done"


def test_a_script_that_was_stopped_keeps_its_writes_as_after_any_error(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute(
            "EVAL", "redis.call('SET', 'k', 1) local t = {} while true do t = {t} end", 0
        )
    assert engine.execute("GET", "k") == b"1"


def test_it_is_counted_as_an_error_like_any_other(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", "local t = {} while true do t = {t} end", 0)
    assert "errorstat_ERR:count=1" in bytes(engine.execute("INFO", "errorstats")).decode()


def test_a_library_that_is_loaded_is_stopped_too(engine: Engine) -> None:
    with pytest.raises(ResponseError, match="ERR not enough memory"):
        engine.execute("FUNCTION", "LOAD", "#!lua name=l\nlocal s = ('x'):rep(2^31 - 1)")
    assert engine.execute("EVAL", "return 1", 0) == 1


def test_libraries_live_on_when_lua_begins_anew_after_one_that_keeps_too_much(
    engine: Engine,
) -> None:
    engine.execute(
        "FUNCTION",
        "LOAD",
        "#!lua name=l\nlocal kept = {}\n"
        "redis.register_function('keep', function() while true do kept[#kept + 1] = {} end end)\n"
        "redis.register_function('one', function() return 1 end)",
    )
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("FCALL", "keep", 0)
    assert engine.execute("FCALL", "one", 0) == 1


def test_the_limit_can_be_changed(engine: Engine) -> None:
    script = "local t = {} for i = 1, 500000 do t[i] = {} end return #t"
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", script, 0)
    engine.limits = MemoryLimits(100 * MEGABYTE)
    assert engine.execute("EVAL", script, 0) == 500_000


#: How much is in use, in percent of what it was after a collection, when the next one comes.
PAUSE = """
redis.call('PING') collectgarbage()
local witness, most = setmetatable({{}}, {__mode = 'v'}), 0
local first = collectgarbage('count')
while witness[1] do most = collectgarbage('count') local garbage = {} end
return math.floor(100 * most / first)
"""


def test_garbage_is_collected_as_seldom_after_a_script_that_held_much(engine: Engine) -> None:
    before = engine.execute("EVAL", PAUSE, 0)
    much = "local t = {} for i = 1, 20 do t[i] = ('x'):rep(1e6) .. i end"
    for script in (f"{much} collectgarbage() redis.call('PING')", PAUSE):
        engine.execute("EVAL", script, 0)
    assert engine.execute("EVAL", PAUSE, 0) == pytest.approx(before, abs=5)


def test_a_view_has_the_same_limits(engine: Engine) -> None:
    assert engine.view().limits == engine.limits


def test_a_state_that_holds_too_much_is_stopped_at_its_next_call(engine: Engine) -> None:
    """Though there are few instructions between its calls, and no hook comes by."""
    engine.execute("SET", "k", "x" * (20 * MEGABYTE))
    seen = []
    engine.log_listeners.append(lambda level, text: seen.append(text))
    script = """
    local t = {}
    for i = 1, 20 do
      t[i] = redis.call('GETRANGE', 'k', i, -1)
      redis.log(redis.LOG_WARNING, i)
    end
    """
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", script, 0)
    assert len(seen) < 4
    assert engine.execute("EVAL", "return redis.call('STRLEN', 'k')", 0) == 20 * MEGABYTE


def test_a_reply_for_which_there_is_no_room_is_not_handed_over(engine: Engine) -> None:
    engine.scripting.runtime.memory.restrict(24 * MEGABYTE, 0)
    for number in range(12):
        engine.execute("RPUSH", "l", f"{number}" * (10 * MEGABYTE))
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", "return #redis.call('LRANGE', 'l', 0, -1)", 0)
    assert engine.execute("EVAL", "return #redis.call('LRANGE', 'l', 0, 0)", 0) == 1


@pytest.mark.parametrize("keys", ["'a', 'b'", "'a', 'b', 'n'", "unpack(KEYS)"])
def test_the_strings_of_several_keys_are_weighed_together(
    engine: Engine, keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LuaMemory, "has_room", lambda self, weight: weight < 100_000)
    engine.execute("MSET", "a", "a" * 70_000, "b", "b" * 70_000, "n", 1)
    short = "redis.call('MGET', 'n', 'n') redis.call('MGET', 'n', 'n', 'n')"
    script = f"for i = 1, 30 do {short} end return #redis.call('MGET', {keys})"
    with pytest.raises(ResponseError, match=TEXT):
        engine.execute("EVAL", script, 40, *["a", "b"] * 20)


def test_a_reply_weighs_what_is_in_it() -> None:
    assert weight(b"x" * 1000) > 1000
    assert weight([[b"x" * 1000], {b"y" * 1000: [b"z" * 1000, 1, None]}]) > 3000
    assert weight(Pairs([(b"x" * 1000, 1.0)])) > 1000
    assert weight(1) < 100


def test_a_process_that_takes_too_much_is_interrupted_and_its_writes_are_undone(
    engine: Engine,
) -> None:
    engine.limits = MemoryLimits(process_memory=1)
    guard = MemoryGuard()
    guard._engines.add(engine)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.001):
            guard.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    script = "for i = 1, 1e9 do redis.call('SETRANGE', i, 1000000, 'x') end"
    try:
        with pytest.raises(Interrupted, match=r"^ERR not enough memory: the process may take"):
            engine.execute("EVAL", script, 0)
    finally:
        ended.set()
        watcher.join()
    assert engine.execute("DBSIZE") == 0
    assert engine.execute("EVAL", "return 1", 0) == 1
