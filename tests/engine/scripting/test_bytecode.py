"""Surgery on compiled Lua: tail calls of library functions become plain calls, others stay."""

from __future__ import annotations

from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.bytecode import keep_callers, strip_lines

NAMES = {b"call", b"pcall"}

#: Gives the depth of the stack, and with it whether the caller's frame was kept.
PRELUDE = b"""
local function depth()
  local level = 0
  while debug.getinfo(level + 1, 'S') do level = level + 1 end
  return level
end
local function inner()
  local info = debug.getinfo(3, 'Sl')
  return info and info.currentline or -2
end
call = function() return (inner()) end
other = function() return (inner()) end
redis = { call = call, other = other }
"""


@pytest.fixture
def lua() -> Any:
    lua: Any = LuaRuntime(
        encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False
    )
    lua.execute(PRELUDE)
    return lua


def rebuilt(lua: Any, script: bytes, change: Any) -> Any:
    stock = lua.globals()
    dump = stock[b"string"][b"dump"](stock[b"loadstring"](script, b"@script"))
    return stock[b"loadstring"](change(dump), b"@script")


@pytest.mark.parametrize(
    "script",
    [
        b"\nreturn call()",
        b"\nreturn redis.call()",
        b"local r = redis\nreturn r.call(1, 2, 3)",
        b"local f = redis.call\nreturn f()",
        b"local f = call\nreturn f{1}",
        b"local a, b, f = 1, 2, redis.call\nreturn f(a, b)",
        b"local x = 1\nreturn redis.call(x, unpack({1, 2}))",
        b"local x = 'call'\nif x then return redis.call(x) end",
    ],
)
def test_the_caller_of_a_library_function_stays_on_the_stack(lua: Any, script: bytes) -> None:
    function = rebuilt(lua, script, lambda dump: keep_callers(dump, NAMES))
    assert function() == script.count(b"\n", 0, script.rindex(b"return")) + 1


def test_so_it_does_inside_functions_and_through_upvalues(lua: Any) -> None:
    script = b"local f = redis.call\nlocal function g()\nreturn f()\nend\nlocal x = g()\nreturn x"
    assert rebuilt(lua, script, lambda dump: keep_callers(dump, NAMES))() == 3


def test_other_tail_calls_stay_tail_calls(lua: Any) -> None:
    script = b"local other = redis.other\nreturn other()"
    assert rebuilt(lua, script, lambda dump: keep_callers(dump, NAMES))() != 2
    loop = b"local function f(n) if n == 0 then return 'done' end return f(n - 1) end return f(1e5)"
    assert rebuilt(lua, loop, lambda dump: keep_callers(dump, NAMES))() == b"done"


def test_every_result_of_the_call_is_returned(lua: Any) -> None:
    lua.execute(b"call = function(...) return ... end")
    function = rebuilt(lua, b"return call(1, nil, 'three')", lambda d: keep_callers(d, NAMES))
    assert function() == (1, None, b"three")


def test_a_dump_without_such_calls_is_left_alone(lua: Any) -> None:
    stock = lua.globals()
    for script in (
        b"",
        b"return 1",
        b"local t = {1.5, 'x', true, nil} return t",
        b"return other()",
    ):
        dump = stock[b"string"][b"dump"](stock[b"loadstring"](script))
        assert keep_callers(dump, NAMES) == dump


def test_stripped_code_runs_and_its_errors_name_no_line(lua: Any) -> None:
    script = b"\nlocal function f(x) return x + 1 end\nif ... then return f(41) end\nreturn f({})"
    function = rebuilt(lua, script, strip_lines)
    assert function(True) == 42
    ok, message = lua.globals()[b"pcall"](function)
    assert not ok
    assert b":4:" not in message
    assert b":2:" not in message
