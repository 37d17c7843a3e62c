"""What every place that can run commands offers: the embedded engine, a real server, a fake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from redislua_kernel.reply import Reply

__all__ = ["Argument", "Backend", "LogLine"]

#: One word of a command.
Argument = str | bytes | int | float

#: Called as a script logs: level (0 debug to 3 warning) and the message.
LogLine = Callable[[int, bytes], None]


class Backend(Protocol):
    """One client's connection to an engine: its database, its RESP version, its commands."""

    @property
    def database(self) -> int:
        """The index of the selected database."""

    @property
    def resp(self) -> int:
        """The RESP version in which replies are shaped: 2 or 3."""

    def execute(self, *args: Argument) -> Reply:
        """Run one command and give its reply; a failed one raises `ResponseError`."""
