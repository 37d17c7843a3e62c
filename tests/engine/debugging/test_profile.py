"""Hits and time by line."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
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


@pytest.fixture
def engine() -> Engine:
    return Engine()


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
    assert [line.hits for line in seen.lines] == [None, 0, 4, 2, 2, 2, 0]
    assert seen.lines[3].calls == 2


def test_nothing_is_counted_afterwards(engine: Engine) -> None:
    with Profile(engine.scripting) as profile:
        pass
    engine.execute("EVAL", "return 1", 0)
    assert profile.sources == []
    assert not engine.conditions.any
