"""The debugger without a panel: a console below the cell, in the words of redis-cli's debugger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from redislua_kernel.debugger.terminal import Terminal, TerminalChannel
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.session import on_a_view, run_debugged
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Stop
from redislua_kernel.reply import Reply

__all__ = ["CellConsole", "Stepping"]


class Stepping(NamedTuple):
    """How a cell is to be stepped through."""

    #: On a copy of the data, which is dropped: SCRIPT DEBUG YES.
    isolated: bool = False
    #: Stop at the first line, not only at breakpoints.
    enters: bool = True
    #: What the user is taken to say before he is asked.
    commands: tuple[str, ...] = ()


class CellConsole:
    """Steps through the scripts and functions that a notebook's cells run."""

    def __init__(self) -> None:
        #: The lines to stop on, by body.
        self.breakpoints: dict[bytes, list[int]] = {}

    def run(
        self,
        client: Client,
        words: Sequence[bytes],
        source: Source,
        stepping: Stepping,
        terminal: Terminal,
        offset: int,
    ) -> Reply:
        """Run a command that runs code, and let the user step through that; give its reply.

        Raises ResponseError as the command does.
        """
        console = Console(
            TerminalChannel(terminal, stepping.commands),
            extended=True,
            enters=stepping.enters,
            offset=offset,
            breakpoints=self.breakpoints.get(source.code, ()),
        )
        if not stepping.isolated:
            return run_debugged(client, words, console)
        with on_a_view(client) as twin:
            return run_debugged(twin, words, console)

    def look(
        self, stop: Stop, terminal: Terminal, offset: int, commands: tuple[str, ...] = ()
    ) -> None:
        """Let the user look around where a script has failed; his first commands may be given."""
        Console(TerminalChannel(terminal, commands), extended=True, offset=offset).look(stop)
