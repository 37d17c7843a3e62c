"""The debugger's console in a notebook: its words come from the cell, then from the user."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

__all__ = ["Terminal", "TerminalChannel"]

PROMPT = "ldb> "


class Terminal(Protocol):
    """The user of a cell that runs, told and asked line by line."""

    @property
    def answers(self) -> bool:
        """Tell whether there is somebody to ask."""

    def write(self, text: str) -> None:
        """Show text, now."""

    def ask(self, prompt: str) -> str | None:
        """Give what the user answers; None: nothing, and nothing more will come."""


class TerminalChannel:
    """What the console says and hears; `split` reads a line's words, or raises ValueError.

    The lines of `script` are taken before the user is asked, and shown as if he had typed them.
    An empty line says again what was said last.
    """

    def __init__(
        self, terminal: Terminal, split: Callable[[str], list[bytes]], script: Iterable[str] = ()
    ) -> None:
        self._terminal = terminal
        self._split = split
        self._script = iter(script)
        self._last: list[bytes] = []

    def send(self, lines: Iterable[bytes]) -> None:
        """Show what the console says."""
        self._terminal.write("".join(f"{line.decode('utf-8', 'replace')}\n" for line in lines))

    def read(self) -> list[bytes] | None:
        """Give the words of the next line; None: there is none, and nobody to ask."""
        while (line := self._next()) is not None:
            try:
                words = self._split(line)
            except ValueError as error:
                self._terminal.write(f"{error}\n")
                continue
            if words or self._last:
                self._last = words or self._last
                return self._last
        return None

    def _next(self) -> str | None:
        line = next(self._script, None)
        if line is None:
            return self._terminal.ask(PROMPT)
        self._terminal.write(f"{PROMPT}{line}\n")
        return line
