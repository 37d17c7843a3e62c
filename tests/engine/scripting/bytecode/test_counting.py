"""Counters in compiled Lua: they count what runs, and change nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.bytecode.counting import CannotCount, count_runs

#: Sets the counters of a function to 0, and gives one that reads them.
START = b"""
local f, owned, cells, rest = ...
local numbers = {}
for place = 1, rest do numbers[place] = 0 end
for slot = owned + 1, owned + cells do debug.setupvalue(f, slot, 0) end
if rest > 0 then debug.setupvalue(f, owned + cells + 1, numbers) end
return function()
  local found = {}
  for slot = owned + 1, owned + cells do
    local _, number = debug.getupvalue(f, slot)
    found[#found + 1] = number
  end
  for _, number in ipairs(numbers) do found[#found + 1] = number end
  return found
end
"""


@pytest.fixture
def lua() -> Any:
    lua: Any = LuaRuntime(
        encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False
    )
    return lua


def outcome_of(function: Any) -> Any:
    try:
        result = function()
    except Exception as error:
        return str(error)
    return result


def hits(lua: Any, script: bytes) -> dict[int, int]:
    """Run a script as it is and with counters; give how often what on each line ran."""
    stock = lua.globals()
    compiled = stock[b"loadstring"](script, b"@script")
    counted = count_runs(stock[b"string"][b"dump"](compiled))
    copy = stock[b"loadstring"](counted.code)
    rest = len(counted.places) - counted.cells
    read = stock[b"loadstring"](START)(copy, 0, counted.cells, rest)
    assert outcome_of(copy) == outcome_of(compiled)
    found: dict[int, int] = {}
    for each in counted.runs(list(read().values())):
        for line, count in each.by_line():
            found[line] = max(found.get(line, 0), count)
    return found


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (b"for i = 1, 5 do\n  local x = i\nend", {1: 6, 2: 5}),
        (b"local n = 3\nwhile n > 0 do\n  n = n - 1\nend", {2: 4, 3: 3}),
        (b"local n = 0\nrepeat\n  n = n + 1\nuntil n == 4", {3: 4, 4: 4}),
        (b"for k, v in pairs({1, 2}) do\n  local x = v\nend", {1: 3, 2: 2}),
        (b"local a = ...\nif a then\n  a = 1\nelse\n  a = 2\nend", {2: 1, 3: 0, 5: 1}),
        (b"local function f(n)\n  return n\nend\nf(1)\nf(2)", {2: 2, 3: 1, 4: 1}),
        (b"local x = 1\nerror('no')\nlocal y = 2\nreturn y", {1: 1, 2: 1, 3: 0, 4: 0}),
        (b"local a, b = 1, 2\nlocal c = a <\n  b\nlocal d = a == b or not c", {1: 1, 3: 1, 4: 1}),
        (b"local t = {unpack({1,\n 2}),\n unpack({3})}\nreturn #t", {1: 1, 3: 1, 4: 1}),
        (b"local function f(...)\n  return select('#', ...)\nend\nreturn f(1,\n f(2))", {2: 2}),
    ],
)
def test_each_line_has_run_as_often_as_it_did(
    lua: Any, script: bytes, expected: dict[int, int]
) -> None:
    found = hits(lua, script)
    assert {line: found[line] for line in expected} == expected


def test_functions_share_the_counters_of_what_is_made_in_them(lua: Any) -> None:
    script = b"""local made = {}
for i = 1, 3 do
  made[i] = function(n)
    return (function() return n + i end)()
  end
end
for _, f in ipairs(made) do f(1) f(2) end"""
    assert hits(lua, script)[4] == 6


def test_tail_calls_stay_tail_calls(lua: Any) -> None:
    script = (
        b"local function f(n) if n == 0 then return 'done' end\nreturn f(n - 1) end return f(1e5)"
    )
    assert hits(lua, script)[2] == 100_000


def test_an_error_names_the_line_and_the_variable_that_it_did(lua: Any) -> None:
    hits(lua, b"local t = {}\nfor i = 1, 2 do\n  t.x.y = i\nend")
    hits(lua, b"local s = 'x'\nlocal function f()\n  return s + 1\nend\nreturn f()")


def test_there_may_be_more_counters_than_upvalues(lua: Any) -> None:
    lines = [b"local x = 0", *[b"if x >= 0 then x = x + 1 end"] * 400, b"return x"]
    found = hits(lua, b"\n".join(lines))
    assert set(found.values()) == {1}


def test_constants_may_be_too_many_for_operands(lua: Any) -> None:
    names = b",".join(b"'%d'" % number for number in range(600))
    assert hits(lua, b"local t = {%b}\nfor i = 1, 3 do\n  t[1] = i\nend" % names)[3] == 3


def test_a_function_that_takes_all_registers_cannot_be_counted(lua: Any) -> None:
    values = b",".join(b"t[%d]" % number for number in range(238))
    script = b"local t = {}\nlocal a, b, c, d, e, f, g\nlocal function h() end h(%b)" % values
    stock = lua.globals()
    dump = stock[b"string"][b"dump"](stock[b"loadstring"](script))
    with pytest.raises(CannotCount):
        count_runs(dump)


def test_what_sets_variables_around_it_is_told(lua: Any) -> None:
    script = b"""local n, m = 0, 0
local function set() n = n + 1 end
local function inside() return function() m = m + 1 end end
local function reads() return n + m end
local function own() local k = 0 return function() k = k + 1 end end
return set, inside, reads, own"""
    stock = lua.globals()
    dump = stock[b"string"][b"dump"]
    made = stock[b"loadstring"](script)()
    told = [count_runs(dump(function)).shares_variables for function in made]
    assert told == [True, True, False, False]
