"""Tail calls of library functions become plain calls, others stay."""

from __future__ import annotations

from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.bytecode.dump import HEADER, read_dump
from redislua_kernel.engine.scripting.bytecode.tail_calls import (
    LIBRARY_FUNCTIONS,
    guards_of_tail_calls,
)

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
    globals = lua.globals()
    globals[LIBRARY_FUNCTIONS] = lua.table()
    globals[LIBRARY_FUNCTIONS][globals[b"call"]] = True
    return lua


def rebuilt(lua: Any, script: bytes) -> Any:
    stock = lua.globals()
    main = read_dump(dump := stock[b"string"][b"dump"](stock[b"loadstring"](script, b"@script")))
    for function in main.tree():
        function.insert(guards_of_tail_calls(function))
    return stock[b"loadstring"](dump[:HEADER] + main.dump(), b"@script")


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
        b"local name = 'call'\nreturn redis[name]()",
        b"return (redis.call)()",
        b"local list = {redis.call}\nreturn list[1]((unpack({1, 2})))",
        b"local x = unpack\nreturn redis.call(x{1, x{2, 3}})",
        b"local f = ... or redis.call\nfor i = 1, 2 do if i == 2 then\nreturn f(i, ...) end end",
        b"return (nil or redis.call)(unpack({1, 2}))",
    ],
)
def test_the_caller_of_a_library_function_stays_on_the_stack(lua: Any, script: bytes) -> None:
    function = rebuilt(lua, script)
    assert function() == script.count(b"\n", 0, script.rindex(b"return ")) + 1


def test_so_it_does_inside_functions_and_through_upvalues(lua: Any) -> None:
    script = b"local f = redis.call\nlocal function g()\nreturn f()\nend\nlocal x = g()\nreturn x"
    assert rebuilt(lua, script)() == 3


def test_other_tail_calls_stay_tail_calls(lua: Any) -> None:
    script = b"local other = redis.other\nreturn other()"
    assert rebuilt(lua, script)() != 2
    loop = b"local function f(n) if n == 0 then return 'done' end return f(n - 1) end return f(1e5)"
    assert rebuilt(lua, loop)() == b"done"


def test_every_result_of_the_call_is_returned(lua: Any) -> None:
    lua.globals()[LIBRARY_FUNCTIONS][lua.globals()[b"unpack"]] = True
    function = rebuilt(lua, b"return unpack({1, nil, 'three'}, 1, 3)")
    assert function() == (1, None, b"three")


def test_an_error_names_what_was_called_wherever_it_is_called(lua: Any) -> None:
    script = b"""
    local object = {}
    if ... == 1 then return object.first(1) elseif ... == 2 then return object.second(...) end
    local third
    for i = 1, 3 do if i == ... then return third() end end
    return object:fourth(unpack({1}))
    """
    function = rebuilt(lua, script)
    for argument, (line, kind, name) in enumerate(
        [
            (3, "field", "first"),
            (3, "field", "second"),
            (5, "local", "third"),
            (6, "method", "fourth"),
        ],
        1,
    ):
        _, message = lua.globals()[b"pcall"](function, argument)
        assert message == f"script:{line}: attempt to call {kind} '{name}' (a nil value)".encode()


def test_jumps_and_names_survive_in_long_functions(lua: Any) -> None:
    script = b"""
    local total = 0
    local function add(n) total = total + n return total end
    local function step(n) if n % 2 == 0 then return add(n) else return call(n) end end
    for i = 1, 10 do
      local kept = i
      while true do step(kept) if kept > 0 then break end end
      repeat local again = step(kept + 1) until again or true
    end
    for _, n in ipairs({1, 2, 3}) do step(n) end
    return total
    """
    stock = lua.globals()
    plain = stock[b"loadstring"](script)()
    assert rebuilt(lua, script)() == plain == 62


def test_a_long_list_of_values_is_not_taken_for_instructions(lua: Any) -> None:
    script = b"local t = {" + b"1," * 60_000 + b"} return unpack(t, 59999)"
    assert rebuilt(lua, script)() == (1, 1)


def test_code_without_tail_calls_is_left_alone(lua: Any) -> None:
    stock = lua.globals()
    for script in (b"", b"return 1", b"local t = {1.5, 'x', true, nil} return t"):
        dump = stock[b"string"][b"dump"](stock[b"loadstring"](script))
        main = read_dump(dump)
        assert not guards_of_tail_calls(main)
        assert dump[:HEADER] + main.dump() == dump
