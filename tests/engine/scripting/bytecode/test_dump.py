"""Compiled code: what is put into it, and how it loses its lines."""

from __future__ import annotations

from collections.abc import Sequence
from threading import get_ident
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from redislua_kernel import Engine
from redislua_kernel.engine.debugging.profile import Profile
from redislua_kernel.engine.interrupts import ask, forget
from redislua_kernel.engine.scripting.bytecode.dump import DoesNotFit, read_dump, strip_lines
from redislua_kernel.engine.scripting.bytecode.opcodes import MOVE
from redislua_kernel.engine.scripting.bytecode.rewriting import rewrite


def dumped(script: bytes) -> bytes:
    lua: Any = LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    stock = lua.globals()
    dump: bytes = stock[b"string"][b"dump"](stock[b"loadstring"](script, b"@script"))
    return dump


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


#: Each takes more instructions when it is rewritten than a jump can pass over in the end.
TURNS = {
    "s:find(p) ": 25_000,
    "if i > 5 then return s:len(i) end ": 18_000,
    "redis.call('PING') ": 32_000,
}


@pytest.mark.parametrize(("turn", "count"), TURNS.items(), ids=TURNS)
def test_a_loop_as_long_as_there_can_be_runs(engine: Engine, turn: str, count: int) -> None:
    loop = f"while i < 2 do i = i + 1 {turn * count} end"
    script = f"local s, i, p = 'banana', 0, 'a' {loop} return i"
    assert engine.execute("EVAL", script, 0) == 2
    with Profile(engine.scripting):
        assert engine.execute("EVAL", script, 0) == 2


@pytest.mark.parametrize("word", [MOVE | 1 << 32, -1])
def test_what_does_not_fit_changes_nothing(word: int) -> None:
    dump = dumped(b"local x = 1 while x do x = nil end return x")
    function = read_dump(dump)
    before: Sequence[int] = tuple(function.code)
    with pytest.raises(DoesNotFit):
        function.insert({2: [(word, 1)]})
    with pytest.raises(DoesNotFit):
        function.replace({2: word})
    assert tuple(function.code) == before
    assert function.dump() == read_dump(dump).dump()


def test_who_compiles_many_functions_looks_for_interrupts_in_each() -> None:
    functions = 100
    dump = dumped(b"f = function(s) return s:find(redis.call(s)) end " * functions)
    looks = 0

    def is_over() -> bool:
        nonlocal looks
        looks += 1
        return False

    ask(get_ident(), proviso=is_over)
    try:
        rewrite(dump)
    finally:
        forget()
    assert looks > 4 * functions  # read, bound to calls, put in, and dumped


def test_stripped_code_runs_and_its_errors_name_no_line() -> None:
    lua: Any = LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    stock = lua.globals()
    script = b"\nlocal function f(x) return x + 1 end\nif ... then return f(41) end\nreturn f({})"
    dump = stock[b"string"][b"dump"](stock[b"loadstring"](script, b"@script"))
    function = stock[b"loadstring"](strip_lines(dump), b"@script")
    assert function(True) == 42
    ok, message = stock[b"pcall"](function)
    assert not ok
    assert b":4:" not in message
    assert b":2:" not in message
