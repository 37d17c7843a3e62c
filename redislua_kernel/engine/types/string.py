"""Strings that are edited in place; all others are plain `bytes`, or nearly."""

from __future__ import annotations

from redislua_kernel.engine.interrupts import look_before
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.value import Value

__all__ = ["LONG_COPY", "RawString"]

#: It takes some time to copy so many bytes.
LONG_COPY = 1 << 20


class RawString(Value):
    """A string that was edited in place (APPEND, SETRANGE, SETBIT). Read `data`.

    Whoever changes `data` by other means than `write` and `grow` calls `remember` first. One that
    `is_text` is not to be edited, and not kept as an integer though it may look like one.
    """

    __slots__ = ("data", "is_text")

    type_name = b"string"

    def __init__(self, data: bytes | bytearray, journal: Journal, *, is_text: bool = False) -> None:
        self.journal = journal
        self.data = bytearray(data)
        self.is_text = is_text

    def copy(self, journal: Journal) -> RawString:
        return RawString(self.data, journal, is_text=self.is_text)

    def encoding(self) -> bytes:
        return b"raw"

    def memory(self, samples: int) -> int:
        return len(self.data) + 16

    def text(self) -> bytes:
        """Give what it holds as it is now; who asks for many long ones is asked whether to stop."""
        if len(self.data) >= LONG_COPY:
            look_before(len(self.data))
        return bytes(self.data)

    def write(self, start: int, data: bytes) -> None:
        """Put bytes in the place of those from `start` on; zeros fill a gap before it."""
        end = start + len(data)
        self._look_before(end)
        self.remember(start, end)
        self._fill(start)
        self.data[start:end] = data

    def grow(self, length: int) -> bool:
        """Add zero bytes up to a length; tell whether any were missing."""
        if len(self.data) >= length:
            return False
        self._look_before(length)
        self.remember(length, length)
        self._fill(length)
        return True

    def remember(self, start: int = 0, end: int | None = None) -> None:
        """Let undoing bring back the length, and the bytes from `start` to before `end`."""
        data = self.data
        self.journal.undo.append((_restore, data, start, bytes(data[start:end]), len(data)))

    def _look_before(self, length: int) -> None:
        missing = length - len(self.data)
        if missing >= LONG_COPY:
            look_before(missing)

    def _fill(self, length: int) -> None:
        missing = length - len(self.data)
        if missing > 0:
            self.data.extend(bytes(missing))


def _restore(data: bytearray, start: int, old: bytes, length: int) -> None:
    del data[length:]
    data[start : start + len(old)] = old
