"""Our own compiled code without its lines."""

from __future__ import annotations

from typing import Any

from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.bytecode.dump import strip_lines


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
