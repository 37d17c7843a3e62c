"""Cells by the paths that debugging clients call them by.

A client names a cell by a path that it makes of the cell's whole text. The engine knows the body
alone. Here the two meet, and a line of the cell is a line of the body.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

__all__ = ["SEED", "SUFFIX", "CellReader", "SourceText", "Sources", "murmur2", "prefix"]

#: What clients are told to hash with; any number serves.
SEED = 0xC70F6907
SUFFIX = ".lua"

#: Reads a cell: gives its body, and how many lines stand before it; None: it has no body.
CellReader = Callable[[str], tuple[bytes, int] | None]

_RETURN = b"return "
_MASK = 0xFFFFFFFF


def prefix() -> str:
    """Give what the paths begin with. No such files exist; each kernel has names of its own.

    JupyterLab says `Cell [1]` in place of a path that has `ipykernel_` in it.
    """
    return os.path.join(tempfile.gettempdir(), f"ipykernel_redislua_{os.getpid()}", "")


def murmur2(data: bytes, seed: int) -> int:
    """Give the 32-bit MurmurHash2 of some bytes, by which clients name cells."""
    multiplier = 0x5BD1E995
    whole = len(data) & ~3
    value = (seed ^ len(data)) & _MASK
    for place in range(0, whole, 4):
        word = int.from_bytes(data[place : place + 4], "little") * multiplier & _MASK
        word = (word ^ word >> 24) * multiplier & _MASK
        value = value * multiplier & _MASK ^ word
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * multiplier & _MASK
    value = (value ^ value >> 13) * multiplier & _MASK
    return value ^ value >> 15


@dataclass(frozen=True)
class SourceText:
    """A text that is shown while its body runs: a cell, or code that no cell holds.

    The body's line n is the text's line `offset + n`. Without a body there is nothing to stop in.
    """

    text: str
    body: bytes | None
    offset: int = 0
    #: What a client shows where it cannot find the cell.
    name: str = "cell"

    @cached_property
    def path(self) -> str:
        """What clients call it."""
        data = self.text.encode("utf-8", "replace")
        return f"{prefix()}{murmur2(data, SEED)}{SUFFIX}"


class Sources:
    """All texts that were run, or that a client has named. Used by several threads."""

    def __init__(self, read: CellReader) -> None:
        self._read = read
        self._by_path: dict[str, SourceText] = {}
        #: For each body the text that brought it last.
        self._by_body: dict[bytes, SourceText] = {}
        #: Texts whose paths nobody has asked for yet: most are never debugged.
        self._unnamed: list[SourceText] = []
        #: The cell that runs now.
        self._running: SourceText | None = None

    def begin(self, text: str) -> None:
        """Take note that a cell begins to run."""
        source = self._of_cell(text)
        self._running = source
        if source.body is not None:
            self._by_body[source.body] = source
            self._unnamed.append(source)

    def end(self) -> None:
        """Take note that it has ended."""
        self._running = None

    def add_cell(self, text: str) -> SourceText:
        """Take a cell that a client has named."""
        source = self._of_cell(text)
        self._by_path[source.path] = source
        if source.body is not None:
            self._by_body.setdefault(source.body, source)
        return source

    def at(self, path: str) -> SourceText | None:
        """Give the text with a path; None: it is not known."""
        while self._unnamed:
            source = self._unnamed.pop()
            self._by_path.setdefault(source.path, source)
        return self._by_path.get(path)

    def of_code(self, code: bytes) -> SourceText | None:
        """Give the text that holds some code: the cell that runs, or the last that had it."""
        # A cell that is one expression ran with `return` before it, on the same line.
        bodies = (code, code.removeprefix(_RETURN))
        running = self._running
        if running is not None and running.body in bodies:
            return running
        found = (self._by_body[body] for body in bodies if body in self._by_body)
        return next(found, None)

    def add_code(self, code: bytes, name: str) -> SourceText:
        """Give the text that holds some code, or one of its own for code that no cell holds."""
        known = self.of_code(code)
        if known is not None:
            return known
        source = SourceText(code.decode("utf-8", "replace"), code, 0, name)
        self._by_body[code] = self._by_path[source.path] = source
        return source

    def _of_cell(self, text: str) -> SourceText:
        body, offset = self._read(text) or (None, 0)
        return SourceText(text, body, offset)
