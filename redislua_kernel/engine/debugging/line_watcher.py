"""Who watches what runs line by line: a debugger, or a profile. There is one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from redislua_kernel.engine.debugging.source import Source

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.runtime import Runtime
    from redislua_kernel.engine.scripting.watching import Watchers

__all__ = ["LineWatcher"]


class LineWatcher(Protocol):
    """Told of each script and function, by `Watchers`; it has a hook of its own in Lua."""

    scripting: Scripting

    def listen(self, watchers: Watchers) -> None:
        """Ask to be told of calls, too."""

    def hush(self, watchers: Watchers) -> None:
        """Ask to be told no more."""

    def enter(self, runtime: Runtime) -> None:
        """Set the hook in a Lua state."""

    def leave(self, runtime: Runtime) -> None:
        """Take it out again."""

    def begin(self, source: Source) -> None:
        """Take note that something begins to run."""

    def stand_in(self, enter: Any) -> Any:
        """Give the entry of what is to run in the place of what has just begun."""

    def end(self) -> None:
        """Take note that it has ended."""

    def raised(self, scripting: Scripting, text: bytes, frames: Any) -> None:
        """Take an error that nothing catches, where it was raised."""
