"""How a script's error leaves Lua."""

from __future__ import annotations

from redislua_kernel.engine.scripting.lua_memory import NOT_ENOUGH

__all__ = ["LuaFailure", "lua_text"]


class LuaFailure(Exception):
    """A script ended with an error: its text, where it was raised, whether it is counted yet."""

    def __init__(
        self,
        text: bytes,
        source: bytes | None = None,
        line: int | None = None,
        is_counted: bool = False,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.source = source
        self.line = line
        self.is_counted = is_counted


def lua_text(error: Exception) -> bytes:
    """Give the text of an error as Lua had it."""
    if isinstance(error, MemoryError):
        return NOT_ENOUGH  # lupa keeps no text of these
    return str(error).encode("utf-8", "surrogateescape")
