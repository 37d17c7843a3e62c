"""A script or a function, as what it takes to run it; and the one that is running now."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.interrupts import is_asked
from redislua_kernel.engine.scripting.modes import modes_by_flags
from redislua_kernel.engine.scripting.runs import Runs

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["Program", "Running"]


class Program:
    """A script, or a function of a library: all that a run needs is found once, and kept here."""

    __slots__ = ("enter", "flags", "is_evictable", "mode", "mode_in_ro", "name", "runs")

    #: Tells functions from scripts.
    is_function = False

    def __init__(
        self, name: bytes, flags: frozenset[str] | None, runs: Runs, enter: Any = None
    ) -> None:
        #: A function's name, or a script's digest.
        self.name = name
        #: What its shebang, or its registration, says of it; None for a script without a shebang.
        self.flags = flags
        #: What it may do as far as no condition of the engine's forbids it more; and by a command
        #: that only reads, which may refuse it: None.
        self.mode, self.mode_in_ro = modes_by_flags(flags)
        self.runs = runs
        #: What runs it in the current Lua state: see the entries in redis.lua.
        self.enter = enter
        #: Whether the cache of scripts may drop it.
        self.is_evictable = False


class Running:
    """The script or function that is running; one object serves all runs, one after another."""

    __slots__ = ("__weakref__", "client", "program", "thread")

    program: Program
    #: Who runs it: the command's words and when it began are there.
    client: Client
    #: The thread that it runs on.
    thread: int

    @property
    def name(self) -> bytes:
        """A function's name, or a script's digest."""
        return self.program.name

    @property
    def is_function(self) -> bool:
        """Tell functions from scripts."""
        return self.program.is_function

    @property
    def is_stopping(self) -> bool:
        """Tell whether it was killed or interrupted."""
        return is_asked(self.thread)

    @property
    def command(self) -> list[bytes]:
        """The words of the command that runs it."""
        return list(self.client.words)

    def milliseconds(self) -> int:
        """Give how long it has been running."""
        return int((monotonic() - self.client.started) * 1000)
