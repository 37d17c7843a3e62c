"""Hits and time by line."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.debugging.profile import Profile

SCRIPT = """local function slow(n)
  local x = 0
  for i = 1, n do
    x = x + i % 7
  end
  return x
end
for i = 1, 3 do
  redis.call('SET', 'k' .. i, slow(20000))
end
if false then
  error('never')
end"""

LIBRARY = """#!lua name=lib
redis.register_function('f', function(keys)
  local co = coroutine.wrap(function()
    return redis.call('GET', keys[1])
  end)
  return co()
end)"""


def test_hits_are_exact_and_time_goes_where_it_was_spent(engine: Engine) -> None:
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", SCRIPT, 0)
    (seen,) = profile.sources
    hits = [line.hits for line in seen.lines]
    assert hits == [None, 3, 60003, 60000, None, 3, 1, 4, 3, None, 1, 0, 1]
    assert [line.calls for line in seen.lines] == [0] * 8 + [3] + [0] * 4
    assert seen.lines[8].in_commands > 0
    slowest = sorted(range(13), key=lambda place: -seen.lines[place].in_lua)[:2]
    assert set(slowest) == {2, 3}
    assert sum(line.in_lua + line.in_commands for line in seen.lines) <= seen.total


def test_a_short_script_shares_its_time_out_by_hits(engine: Engine) -> None:
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", "local x = 1\nreturn x", 0)
    (seen,) = profile.sources
    assert all(line.in_lua > 0 for line in seen.lines)


def test_functions_are_profiled_in_their_library_and_coroutines_too(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", LIBRARY)
    with Profile(engine.scripting) as profile:
        engine.execute("FCALL", "f", 1, "k")
        engine.execute("FCALL", "f", 1, "k")
    (seen,) = profile.sources
    assert (seen.runs, seen.source.code) == (2, LIBRARY.encode())
    assert [line.hits for line in seen.lines] == [None, None, 2, 2, 2, 2, None]
    assert seen.lines[3].calls == 2


def test_nothing_is_counted_afterwards(engine: Engine) -> None:
    with Profile(engine.scripting) as profile:
        pass
    engine.execute("EVAL", "return 1", 0)
    assert profile.sources == []
    assert not engine.conditions.any


HELPED = """#!lua name=helped
local known = {}
local function double(n)
  return n * 2
end
local function add(n, seen)
  known[n] = seen
  return double(n)
end
redis.register_function('f', function(keys, args)
  local sum = 0
  for i = 1, 3 do
    sum = sum + add(i, args[1])
  end
  return {sum, known[1] or ''}
end)"""


def test_functions_that_a_function_calls_are_counted_with_it(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", HELPED)
    with Profile(engine.scripting) as profile:
        assert engine.execute("FCALL", "f", 0, "x") == [12, b"x"]
    (seen,) = profile.sources
    assert not seen.is_by_lines
    assert [seen.lines[line - 1].hits for line in (4, 7, 8, 12, 13)] == [3, 3, 3, 4, 3]
    # What it has kept, it has kept.
    assert engine.execute("FCALL", "f", 0, "y") == [12, b"y"]


@pytest.mark.parametrize(
    "keeps",
    [
        "local n = 0 local function tick() n = n + 1 return n end",
        "local n = 0 local lib = {tick = function() return 1 end} local tick = function() n = n + 1"
        " return lib.tick() + n - 1 end",
        "local lib = {} function lib.tick() lib.n = (lib.n or 0) + 1 return lib.n end"
        " local function tick() return lib.tick() end",
    ],
)
def test_a_library_that_keeps_variables_is_counted_by_lines(engine: Engine, keeps: str) -> None:
    code = f"#!lua name=k\n{keeps}\nredis.register_function('f', function()\n  return tick()\nend)"
    engine.execute("FUNCTION", "LOAD", code)
    assert engine.execute("FCALL", "f", 0) == 1
    with Profile(engine.scripting) as profile:
        assert engine.execute("FCALL", "f", 0) == 2
    assert engine.execute("FCALL", "f", 0) == 3
    (seen,) = profile.sources
    assert seen.is_by_lines
    assert seen.lines[3].hits == 1
    assert seen.counts_in(code.encode()) is None


def test_an_error_is_the_one_it_is_without_a_profile(engine: Engine) -> None:
    script = "local function f(t)\n  return t.a.b\nend\nlocal x = f({})\nreturn x"
    with pytest.raises(ResponseError) as plain:
        engine.execute("EVAL", script, 0)
    with Profile(engine.scripting) as profile, pytest.raises(ResponseError) as profiled:
        engine.execute("EVAL", script, 0)
    assert str(profiled.value) == str(plain.value)
    assert [line.hits for line in profile.sources[0].lines] == [None, 1, 1, 1, 0]


def test_what_loadstring_makes_is_not_taken_for_the_script(engine: Engine) -> None:
    script = "local f = loadstring('for i = 1, 9 do end return 1', '@user_script')\nreturn f()"
    with Profile(engine.scripting) as profile:
        assert engine.execute("EVAL", script, 0) == 1
    assert [line.hits for line in profile.sources[0].lines] == [1, 1]


def test_time_in_libraries_goes_to_the_line_that_calls_them(engine: Engine) -> None:
    script = """local t = {}
for i = 1, 300 do t[i] = {id = i} end
local text
for i = 1, 20 do
  text = cjson.encode(t)
end
return #text"""
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", script, 0)
    lines = profile.sources[0].lines
    assert max(lines, key=lambda line: line.in_lua).line == 5


def test_a_line_that_only_ends_something_is_no_line_that_did_not_run(engine: Engine) -> None:
    script = """local function f(n)
  if n then
    return 1
  end
  return 2
end
for _, n in ipairs({f(1), f()}) do
  if n > 1 then
    redis.call('PING')
  end
end"""
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", script, 0)
    assert [line.line for line in profile.sources[0].lines if line.hits == 0] == []


def test_a_script_that_does_nothing_but_call_spends_its_time_in_commands(engine: Engine) -> None:
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", "for i = 1, 1000 do\n  redis.call('GET', 'k')\nend", 0)
    loop, call, _ = profile.sources[0].lines
    assert call.in_commands > loop.in_lua + call.in_lua
