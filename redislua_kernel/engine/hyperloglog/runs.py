"""Sparse values: their registers as runs.

    00llllll           l+1 registers of 0
    01llllll llllllll  l+1 registers of 0
    1vvvvvll           l+1 registers of v+1

While runs are worked on, each is one number: the registers' value, whether it is written in two
bytes, and l.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import accumulate

from redislua_kernel.engine.hyperloglog.layout import HEADER, REGISTERS, CorruptedError

__all__ = ["OutgrownError", "SparseRuns", "decode", "expand"]

MAX_VALUE = 32
#: So many zeros are written in one byte at most.
_FEW = 64

_VALUE_SHIFT = 15
_WIDE = 1 << 14
_LENGTH = _WIDE - 1

_RUN = re.compile(rb"[\x00-\x3f]|[\x40-\x7f].|[\x80-\xff]", re.DOTALL)
#: No run that counts begins later: each is for one register at least.
_LONGEST = 2 * REGISTERS
#: How many runs the reference looks at to join some, after a change.
_JOINED = 5


class OutgrownError(Exception):
    """A register's value does not fit into runs, or the runs not into their limit."""

    def __init__(self, index: int, value: int) -> None:
        super().__init__(index, value)
        self.wanted = index, value


class SparseRuns:
    """The runs of a sparse value in a form in which they are quickly found and changed."""

    __slots__ = ("_ends", "_rest", "_runs", "_size", "_written", "changes")

    def __init__(self) -> None:
        self._written: bytes | bytearray = b""
        self._runs: list[int] = []
        #: The register after each run.
        self._ends: list[int] = []
        #: What follows the runs that count: such a value is corrupted.
        self._rest = b""
        self._size = HEADER
        #: How many registers were changed since the runs were read or written.
        self.changes = 0

    def read(self, data: bytearray) -> None:
        """Take the runs of a value; costs little if they are those that are there already."""
        self.changes = 0
        written = data[HEADER:]
        if written == self._written:
            return
        self._written, self._size = written, len(data)
        found = _RUN.findall(written, 0, _LONGEST)
        self._runs = list(map(_read, found))
        self._ends = list(accumulate(map(_length, found)))
        self._rest = bytes(written[sum(map(len, found)) :])

    def write(self, data: bytearray) -> None:
        """Put the runs in the place of those of a value."""
        self.changes = 0
        self._written = b"".join(map(_write, self._runs)) + self._rest
        data[HEADER:] = self._written

    def raise_registers(self, wanted: Iterable[tuple[int, int]], limit: int) -> None:
        """Make registers at least the values wanted, which `changes` counts.

        Raises CorruptedError where no run holds the register; OutgrownError, with what is wanted,
        where the value would no longer be a sparse one, of `limit` bytes at most.
        """
        runs, ends = self._runs, self._ends
        for index, value in wanted:
            if value > MAX_VALUE:
                raise OutgrownError(index, value)
            number = bisect_right(ends, index)
            if number == len(ends):
                raise CorruptedError
            run = runs[number]
            old = run >> _VALUE_SHIFT
            if old >= value:
                continue
            end = ends[number]
            before, after = index - end + (run & _LENGTH) + 1, end - index - 1
            parts, part_ends = [value << _VALUE_SHIFT], [index + 1]
            growth = -1 if run & _WIDE else 0
            if before:
                parts.insert(0, _run(old, before))
                part_ends.insert(0, index)
                growth += 2 if parts[0] & _WIDE else 1
            if after:
                parts.append(_run(old, after))
                part_ends.append(end)
                growth += 2 if parts[-1] & _WIDE else 1
            if growth > 0 and self._size + growth > limit:
                raise OutgrownError(index, value)
            self._size += growth
            self.changes += 1
            runs[number : number + 1] = parts
            ends[number : number + 1] = part_ends
            place = number - 1 if number else 0
            last = 0
            for run in runs[place : place + _JOINED + 1]:
                if last ^ run < _WIDE <= run:  # the same value, which is not 0
                    self._join(place)
                    break
                last = run

    def _join(self, number: int) -> None:
        """Join neighbouring runs of one value, from one run on as far as the reference looks."""
        runs, ends = self._runs, self._ends
        for _ in range(_JOINED):
            if number + 1 >= len(runs):
                return
            run, other = runs[number], runs[number + 1]
            length = (run & _LENGTH) + (other & _LENGTH) + 2
            if run >> _VALUE_SHIFT and run >> _VALUE_SHIFT == other >> _VALUE_SHIFT and length <= 4:
                runs[number : number + 2] = [_run(run >> _VALUE_SHIFT, length)]
                del ends[number]
                self._size -= 1
            else:
                number += 1


def _run(value: int, length: int) -> int:
    """Give the number for a run of `length` registers of `value`."""
    if value or length <= _FEW:
        return value << _VALUE_SHIFT | length - 1
    return _WIDE | length - 1


@cache
def _read(written: bytes) -> int:
    byte = written[0]
    if byte & 0x80:
        return (byte >> 2 & 31) + 1 << _VALUE_SHIFT | byte & 3
    return _WIDE | (byte & 63) << 8 | written[1] if byte & 0x40 else byte


@cache
def _write(run: int) -> bytes:
    value, last = run >> _VALUE_SHIFT, run & _LENGTH
    if value:
        return bytes([0x80 | value - 1 << 2 | last])
    return bytes([0x40 | last >> 8, last & 0xFF]) if run & _WIDE else bytes([last])


@cache
def _length(written: bytes) -> int:
    return (_read(written) & _LENGTH) + 1


def expand(data: bytes | bytearray) -> bytes:
    """Give the value of every register of a sparse value, one a byte. Raises CorruptedError."""
    if len(data) > HEADER + _LONGEST:
        raise CorruptedError
    runs = _RUN.findall(data, HEADER)
    is_whole = sum(map(len, runs)) == len(data) - HEADER
    if not is_whole or sum(map(_length, runs)) != REGISTERS:
        raise CorruptedError
    return b"".join(map(_registers, runs))


@lru_cache(maxsize=512)
def _registers(run: bytes) -> bytes:
    return bytes([_read(run) >> _VALUE_SHIFT]) * _length(run)


def decode(data: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Give a sparse value's runs: first byte, registers' value, length."""
    for run in _RUN.findall(data, HEADER):
        yield run[0], _read(run) >> _VALUE_SHIFT, _length(run)
