"""What a debugger's console has to say: lines of a script, and values that are cut to a length."""

from __future__ import annotations

from collections.abc import Iterable

from redislua_kernel.engine.debugging.source import Source

__all__ = ["ConsoleText"]

#: How long a value or a reply may be before it is cut, at first, in bytes.
MAX_LENGTH = 256

TRIMMED = b"<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming."


class ConsoleText:
    """Lines that wait to be sent. `offset` is added to the numbers of lines that are shown."""

    def __init__(self, offset: int, breakpoints: Iterable[int]) -> None:
        self.offset = offset
        #: The lines to stop on, in the order in which they were set; they are marked.
        self.breakpoints = list(breakpoints)
        #: What runs, and the line where it has stopped.
        self.source: Source | None = None
        self.current = 0
        #: In bytes; 0: nothing is cut.
        self.max_length = MAX_LENGTH
        #: The user knows how to change that.
        self.hinted = False
        self._lines: list[bytes] = []

    def take(self) -> list[bytes]:
        """Give the lines that were said since the last time."""
        lines, self._lines = self._lines, []
        return lines

    def say(self, line: bytes) -> None:
        """Say a line."""
        self._lines.append(line)

    def say_cut(self, line: bytes) -> None:
        """Say a line, or what there is room for of it."""
        if not self.max_length or len(line) <= self.max_length:
            self.say(line)
            return
        self.say(line[: self.max_length] + b" ...")
        if not self.hinted:
            self.hinted = True
            self.say(TRIMMED)

    def say_line(self, line: int) -> None:
        """Say a line of the source."""
        lines = self.source.lines if self.source is not None else []
        known = 0 < line <= len(lines)
        text = lines[line - 1] if known else b"<out of range source code line>"
        arrow = b"->" if line == self.current else b"  "
        mark = b"#" if line in self.breakpoints else b" "
        self.say(b"%b%b%-3d %b" % (arrow, mark, self.shown(line), text))

    def say_around(self, line: int, context: int) -> None:
        """Say a line of the source, and so many before and after it."""
        count = len(self.source.lines) if self.source is not None else 0
        for each in range(max(line - context, 1), min(line + context, count) + 1):
            self.say_line(each)

    def shown(self, line: int) -> int:
        """Give the number under which the user knows a line."""
        return line + self.offset
