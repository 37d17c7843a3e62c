"""Who talks to the user where a script has stopped."""

from __future__ import annotations

from typing import Protocol

from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Reason, Resume, Stop
from redislua_kernel.engine.scripting.calls.guards import Tracer

__all__ = ["Front"]


class Front(Tracer, Protocol):
    """What a debugger tells, always on the thread that runs the script.

    As a tracer it is told of each call of a command and of its reply, too.
    """

    def begins(self, source: Source) -> bool:
        """Take note that something begins to run; tell whether to stop at its first line."""

    def stopped(self, stop: Stop) -> Resume:
        """Let the user look around; give how to go on. Blocks for as long as it takes."""

    def printed(self, line: int, text: bytes) -> None:
        """Take what redis.debug() was given, on which line."""

    def complained(self, text: bytes) -> None:
        """Take why a function of the API, such as redis.sha1hex, has failed."""

    def logged(self, line: int, text: str) -> None:
        """Take the message of a breakpoint that logs, or the error of one's condition."""

    def glance(self) -> Reason | None:
        """Tell why to stop as soon as may be, or None; asked now and then."""

    def wants_errors(self) -> bool:
        """Tell whether to stop where an error is raised that nothing catches."""

    def ended(self) -> None:
        """Take note that what ran has ended."""
