"""Asking, before something is handed to Lua, whether there is room for it: see `lua_memory`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.interrupts import Stopped, look
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.scripting.lua_failure import LuaFailure

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Room"]


class Room:
    """The room that a Lua state has, and who is stopped for want of it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def require(self, weight: int) -> None:
        """Refuse to begin what takes so many bytes in Lua if there is no room: raise LuaFailure."""
        if not self._runtime.memory.has_room(weight):
            raise LuaFailure(self._runtime.engine.limits.lua_text)

    def weigh(self, weight: int) -> None:
        """Refuse to hand so many bytes to Lua if there is no room for them: raise Stopped.

        Who hands over much, which takes long, is asked whether to stop, too.
        """
        look()
        if not self._runtime.memory.has_room(weight):
            self.fill()
            raise Stopped

    def weighing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function that gives texts ask for the room that they take."""

        def weighed(*arguments: Any) -> Any:
            text = function(*arguments)
            if text.__class__ is bytes and len(text) >= LONG:
                self.weigh(len(text))
            return text

        return weighed

    def fill(self) -> None:
        """Take note that the script holds too much: it is stopped."""
        runtime = self._runtime
        if runtime.is_abandoned:
            runtime.memory.relieve()
            raise Stopped
        runtime.is_unusual = True
        runtime.memory.fill()
