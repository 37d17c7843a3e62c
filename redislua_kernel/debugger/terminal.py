"""The debugger's console in a notebook: its words come from the cell, then from the user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from redislua_kernel.engine.words import split_words

__all__ = ["Terminal", "TerminalChannel"]

PROMPT = "ldb> "
_TAKE_LUA = (b"e", b"eval", b"p", b"print")


class Terminal(Protocol):
    """The user of a cell that runs, told and asked line by line."""

    @property
    def answers(self) -> bool:
        """Tell whether there is somebody to ask."""

    def write(self, text: str) -> None:
        """Show text, now."""

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        """Give what the user answers; None: nothing, and nothing more will come.

        What is `hidden` is shown nowhere.
        """


class TerminalChannel:
    """What the console says and hears.

    The lines of `script` are taken before the user is asked, and shown as if he had typed them.
    An empty line says again what was said last.
    """

    def __init__(self, terminal: Terminal, script: Iterable[str] = ()) -> None:
        self._terminal = terminal
        self._script = iter(script)
        self._last: list[bytes] = []

    def send(self, lines: Iterable[bytes]) -> None:
        """Show what the console says."""
        self._terminal.write("".join(f"{line.decode('utf-8', 'replace')}\n" for line in lines))

    def read(self) -> list[bytes] | None:
        """Give the words of the next line; None: there is none, and nobody to ask."""
        while (line := self._next()) is not None:
            words = _words_of(line)
            if words is None:
                self._terminal.write("Invalid argument(s)\n")
            elif words or self._last:
                self._last = words or self._last
                return self._last
        return None

    def _next(self) -> str | None:
        line = next(self._script, None)
        if line is None:
            return self._terminal.ask(PROMPT)
        self._terminal.write(f"{PROMPT}{line}\n")
        return line


def _words_of(line: str) -> list[bytes] | None:
    """Split a line as redis-cli does, but Lua stays as it is; None: its quotes are unbalanced."""
    data = line.strip().encode("utf-8", "surrogatepass")
    name, _, rest = data.partition(b" ")
    if name.lower() in _TAKE_LUA:
        return [name, rest] if rest else [name]
    return split_words(data)
