"""Values taken apart: their registers one a byte, whatever the encoding.

Those that were looked at last stay so. What is kept of a value counts only for the bytes that it
was made of, which are compared each time: anybody may change them, or undo a change.
"""

from __future__ import annotations

from functools import lru_cache

from redislua_kernel.engine.hyperloglog.layout import HEADER, SPARSE
from redislua_kernel.engine.hyperloglog.registers import VALUES, count, unpack
from redislua_kernel.engine.hyperloglog.runs import SparseRuns, expand
from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.types.string import RawString

__all__ = ["Opened", "Text", "data_of", "open_up"]

#: What a value is kept as: one that was changed here, or one that was set or loaded.
Text = RawString | bytes

#: The bytes of the magic and the encoding.
_KIND = 5


def data_of(text: Text) -> bytes | bytearray:
    """Give the bytes of a value, not copied."""
    return text if text.__class__ is bytes else text.data  # type: ignore[union-attr]


@lru_cache(maxsize=64)
def open_up(text: Text) -> Opened:
    """Give what is kept of a value; it is to be read before it is used."""
    return Opened()


class Opened:
    """A value taken apart."""

    __slots__ = ("_counts", "_data", "_is_counted", "_runs", "values")

    def __init__(self) -> None:
        #: The registers.
        self.values = bytearray()
        self._counts = [0] * VALUES
        self._is_counted = False
        self._runs: SparseRuns | None = None
        #: The value that this is of.
        self._data = b""

    def is_of(self, data: bytes | bytearray) -> bool:
        """Tell whether this is a value taken apart; the cached estimate in that does not count."""
        mine = self._data
        if data == mine:
            return True
        if data[:_KIND] != mine[:_KIND] or data[HEADER:] != mine[HEADER:]:
            return False
        self._data = bytes(data)
        return True

    def forget(self) -> None:
        """Be of no value, until `keep` tells which."""
        self._data = b""

    def keep(self, data: bytes | bytearray) -> None:
        """Be of a value that has these registers, and these runs if it has any."""
        self._data = bytes(data)

    def read(self, data: bytes | bytearray) -> None:
        """Take a value apart, unless it is that already. Raises CorruptedError."""
        if self.is_of(data):
            return
        look()
        written = data[HEADER:]
        self.take(expand(written) if data[4] == SPARSE else unpack(written))
        self.keep(data)

    def take(self, values: bytearray) -> None:
        """Take other registers."""
        self.forget()
        self.values, self._runs, self._is_counted = values, None, False

    def runs(self, data: bytearray) -> SparseRuns:
        """Take a sparse value apart, corrupted or not; give its runs, which share the registers."""
        is_known = self.is_of(data)
        if not is_known or self._runs is None:
            look()
            runs = SparseRuns(data[HEADER:])
            if is_known:
                self.values = runs.values
            else:
                self.take(runs.values)
            self._runs = runs
        return self._runs

    @property
    def counts(self) -> list[int]:
        """How many registers have each value."""
        if not self._is_counted:
            self._counts[:] = count(self.values)
            self._is_counted = True
        return self._counts

    @property
    def tally(self) -> list[int]:
        """What to count changes of registers in: `counts`, if they were asked for."""
        return self._counts
