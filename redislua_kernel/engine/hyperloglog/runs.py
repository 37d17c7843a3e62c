"""Sparse values: their registers as runs.

    00llllll           l+1 registers of 0
    01llllll llllllll  l+1 registers of 0
    1vvvvvll           l+1 registers of v+1

While runs are worked on, the registers lie one a byte, and beside them marks tell where a run
begins: so a run is found by searching for the marks around a register.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from redislua_kernel.engine.hyperloglog.layout import HEADER, REGISTERS, CorruptedError

__all__ = ["OutgrownError", "SparseRuns", "decode", "expand"]

MAX_VALUE = 32
#: So many zeros are written in one byte at most, and so many registers of another value.
_FEW, _LONGEST = 64, 4
#: How many runs the reference looks at to join some, after a change.
_JOINED = 5

_RUN = re.compile(rb"[\x00-\x3f]|[\x40-\x7f].|[\x80-\xff]", re.DOTALL)


class OutgrownError(Exception):
    """A register's value does not fit into runs, or the runs not into their limit."""

    def __init__(self, index: int, value: int) -> None:
        super().__init__(index, value)
        self.wanted = index, value


def _read(run: bytes) -> tuple[int, int]:
    """Give the value of a run's registers, and how many they are."""
    byte = run[0]
    if byte & 0x80:
        return (byte >> 2 & 31) + 1, (byte & 3) + 1
    return 0, ((byte & 63) << 8 | run[1] if byte & 0x40 else byte) + 1


class SparseRuns:
    """The runs of a sparse value in a form in which they are quickly found and changed.

    `values` are the registers. Those of a corrupted value may be too few, or too many.
    """

    __slots__ = (
        *("_first", "_is_joined", "_last", "_marks", "_rest", "_size", "_wide"),
        *("changes", "values"),
    )

    def __init__(self, written: bytes | bytearray) -> None:
        end = len(written)
        if not self._lay_out(written, REGISTERS):
            registers, end = _sense(written)
            self._lay_out(written[:end], registers)
        #: How many bytes follow the runs that count: such a value is corrupted.
        self._rest = len(written) - end
        self._size = HEADER + len(written)
        #: Tells whether there are no neighbours to join but those that a change makes.
        self._is_joined = self._marks.count(1) == 2
        #: How many registers were changed since the runs were written.
        self.changes = 0
        #: The registers between which they were, from one run to another.
        self._first, self._last = len(self.values), 0

    def _lay_out(self, written: bytes | bytearray, registers: int) -> bool:
        """Put the registers of runs side by side; tell whether they are so many."""
        self.values = values = bytearray(registers)
        #: 1 for each register with which a run begins, and one more at the end.
        self._marks = marks = bytearray(registers + 1)
        #: Where the runs begin that are written in two bytes, in order.
        self._wide: list[int] = []
        place, run = 0, iter(written)
        try:
            for byte in run:
                marks[place] = 1
                if byte > 0x7F:
                    values[place] = value = (byte >> 2 & 31) + 1
                    place += 1
                    for _ in range(byte & 3):
                        values[place] = value
                        place += 1
                elif byte > 0x3F:
                    self._wide.append(place)
                    place += ((byte & 63) << 8 | next(run)) + 1
                else:
                    place += byte + 1
            marks[place] = 1
        except (IndexError, StopIteration):  # too many, or the last has no end
            return False
        return place == registers

    @property
    def is_whole(self) -> bool:
        """Tell whether the runs make up all registers, and nothing else."""
        return len(self.values) == REGISTERS and not self._rest

    def raise_registers(
        self, wanted: Iterable[tuple[int, int]], limit: int, counts: list[int]
    ) -> None:
        """Make registers at least the values wanted, which `changes` and `counts` count.

        Raises CorruptedError where no run holds the register; OutgrownError, with what is wanted,
        where the value would no longer be a sparse one, of `limit` bytes at most.
        """
        values, marks, wide = self.values, self._marks, self._wide
        previous_mark, next_mark = marks.rfind, marks.find
        for index, value in wanted:
            if value > MAX_VALUE:
                raise OutgrownError(index, value)
            if index >= len(values):
                raise CorruptedError
            old = values[index]
            if old >= value:
                continue
            start, end = previous_mark(1, 0, index + 1), next_mark(1, index + 1)
            before, after = index - start, end - index - 1
            growth = (before > 0) + (after > 0)
            if not old:
                place = bisect_left(wide, start)
                was_wide = wide[place : place + 1] == [start]
                growth += (before > _FEW) + (after > _FEW) - was_wide
            if growth > 0 and self._size + growth > limit:
                raise OutgrownError(index, value)
            if not old:
                now_wide = [start] if before > _FEW else []
                if after > _FEW:
                    now_wide.append(index + 1)
                wide[place : place + was_wide] = now_wide
            values[index] = value
            marks[index] = marks[index + 1] = 1
            counts[old] -= 1
            counts[value] += 1
            self._size += growth
            self.changes += 1
            if start < self._first:
                self._first = start
            if end > self._last:
                self._last = end
            if old or not (before and after and self._is_joined):
                self._join(previous_mark(1, 0, start) if start else 0)

    def _join(self, place: int) -> None:
        """Join neighbouring runs of one value, from one run on as far as the reference looks."""
        values, marks = self.values, self._marks
        for _ in range(_JOINED):
            middle = marks.find(1, place + 1)
            if middle == len(values):
                return
            end = marks.find(1, middle + 1)
            value = values[place]
            if value and value == values[middle] and end - place <= _LONGEST:
                marks[middle] = 0
                self._size -= 1
                self._first, self._last = min(self._first, place), max(self._last, end)
            else:
                place = middle

    def write(self, data: bytearray) -> None:
        """Write what was changed into the value."""
        first, last = self._first, self._last
        if first < last:
            marks, wide_before = self._marks, bisect_left(self._wide, first)
            if first < len(marks) // 2:  # the bytes before are counted on the shorter side
                before = HEADER + marks.count(1, 0, first) + wide_before
            else:
                behind = marks.count(1, first, -1) + len(self._wide) - wide_before
                before = self._size - self._rest - behind
            written = self._written(first, last)
            after = self._size - before - len(written)
            data[before : len(data) - after] = written
        self.changes, self._first, self._last = 0, len(self.values), 0

    def _written(self, first: int, last: int) -> bytearray:
        """Give the runs between two registers as they are written."""
        values, place = self.values, first
        wide = set(self._wide[bisect_left(self._wide, first) : bisect_left(self._wide, last)])
        written = bytearray()
        for rest in self._marks[first + 1 : last].split(b"\1"):
            value, more = values[place], len(rest)
            if value:
                written.append(0x80 | value - 1 << 2 | more)
            elif place in wide:
                written += (0x4000 | more).to_bytes(2, "big")
            else:
                written.append(more)
            place += more + 1
        return written


def expand(written: bytes | bytearray) -> bytearray:
    """Give the values of all registers that runs make up, one a byte. Raises CorruptedError."""
    runs = SparseRuns(written)
    if not runs.is_whole:
        raise CorruptedError
    return runs.values


def _sense(written: bytes | bytearray) -> tuple[int, int]:
    """Give how many registers, and how many bytes, of corrupted runs can be of use.

    These are those of a few runs beyond the last that the reference looks at.
    """
    registers = beyond = end = 0
    for match in _RUN.finditer(written):
        beyond += registers >= REGISTERS
        if beyond > _JOINED:
            break
        registers += _read(match[0])[1]
        end = match.end()
    return registers, end


def decode(data: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Give a sparse value's runs: first byte, registers' value, length."""
    runs = _RUN.findall(data, HEADER)
    if sum(map(len, runs)) < len(data) - HEADER:
        runs.append(data[-1:] + b"\0")  # C reads the zero after the string
    for run in runs:
        value, length = _read(run)
        yield run[0], value, length
