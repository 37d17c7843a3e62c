"""Where code can be stopped: asked on any thread, also while a script runs."""

from __future__ import annotations

from lupa import lua51

from redislua_kernel.engine.scripting.bytecode import lines_of

__all__ = ["NotLua", "lines_of_code"]

_COMPILE = b"""
local f, problem = loadstring(..., "=line")
return f and string.dump(f), problem
"""


class NotLua(ValueError):
    """Code that does not compile, and why."""


def lines_of_code(code: bytes) -> set[int]:
    """Give the lines of a script's code, or of a library's functions, that have instructions.

    What a library runs while it is loaded cannot be stopped at: a load has little time. A bare
    expression counts as `return <expression>`. Compiles in a Lua state of its own, so
    that it waits for nobody. Raises NotLua.
    """
    shebang, newline, rest = code.partition(b"\n")
    text = newline + rest if shebang.startswith(b"#!") else code
    is_library = shebang.startswith(b"#!") and b"name=" in shebang
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
    return lines_of(compiled, within_functions=is_library)
