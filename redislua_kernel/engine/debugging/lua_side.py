"""The Lua side of debugging: what `lua/debugger.lua` offers, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

__all__ = ["LuaHost", "LuaSide"]


class LuaHost(Protocol):
    """What the Lua side asks and tells; see `lua/debugger.lua`."""

    def glance(self) -> bytes | None:
        """Asked now and then: why to stop here, or None."""

    def visit(self, line: int, frames: Any) -> bool:
        """Asked on a line that wants it: whether to stop there."""

    def stopped(self, reason: bytes, line: int, frames: Any) -> Any:
        """Wait while the script is stopped; give how to go on, and perhaps an error's text."""

    def printed(self, line: int, text: bytes) -> None:
        """Take what redis.debug() was given."""

    def complained(self, text: bytes) -> None:
        """Take why a function of the API has failed."""


class LuaSide:
    """The functions of the Lua side as attributes: `attach`, `begin`, `evaluate`, ...

    `ask` calls them: one of them may evaluate what a user has typed, and be stuck in that.
    """

    def __init__(self, functions: Any, ask: Callable[..., Any]) -> None:
        for name, function in functions.items():
            setattr(self, name.decode(), partial(ask, function))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)
