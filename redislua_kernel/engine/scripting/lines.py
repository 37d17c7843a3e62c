"""Which lines of code run, and where it can be stopped: asked on any thread, at any time."""

from __future__ import annotations

from lupa import lua51

from redislua_kernel.engine.scripting.bytecode.dump import Function, lines_of, read_dump
from redislua_kernel.engine.scripting.bytecode.rewriting import rewrite

__all__ = ["NotLua", "functions_of_code", "stops_of_code"]

_COMPILE = b"""
local f, problem = loadstring(..., "=line")
return f and string.dump(f), problem
"""


class NotLua(ValueError):
    """Code that does not compile, and why."""


def stops_of_code(code: bytes) -> set[int]:
    """Give the lines of a script, or of a library's functions, that can be stopped on.

    What a library runs while it is loaded is not among them: a load has little time.
    """
    text = _without_shebang(code)
    return lines_of(_compile(text), within_functions=_is_library(code))


def functions_of_code(code: bytes) -> list[Function]:
    """Give the functions of a script's or a library's code as they run, in the order of the text.

    The first is the code as a whole. A bare expression counts as `return <expression>`.
    Compiles in a Lua state of its own, so that it waits for nobody. Raises NotLua.
    """
    return list(read_dump(rewrite(_compile(_without_shebang(code))).dump).tree())


def _without_shebang(code: bytes) -> bytes:
    _, newline, rest = code.partition(b"\n")
    return newline + rest if code.startswith(b"#!") else code


def _is_library(code: bytes) -> bool:
    return code.startswith(b"#!") and b"name=" in code.partition(b"\n")[0]


def _compile(text: bytes) -> bytes:
    if text.startswith(b"\x1b"):
        raise NotLua("it is compiled already")
    lua = lua51.LuaRuntime(
        encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False
    )
    dump = lua.compile(_COMPILE)
    compiled, problem = dump(text)
    if not compiled:
        compiled, _ = dump(b"return " + text)
    if not compiled:
        raise NotLua(problem.decode("utf-8", "replace"))
    return bytes(compiled)
