"""Lua compiled, and taken apart."""

from __future__ import annotations

from typing import Any

from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.bytecode.dump import Function, read_dump


def compiled(code: bytes) -> Function:
    """Give the function that a text is."""
    lua: Any = LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    stock = lua.globals()
    return read_dump(stock[b"string"][b"dump"](lua.compile(code)))
