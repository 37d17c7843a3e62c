"""Runs of numbers from and to MessagePack at once, for cmsgpack: one by one they are slow in Lua.

Lua numbers come here as `int` where they are whole and fit into 64 bits, and as `float` otherwise.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from operator import eq
from struct import Struct
from typing import Any

__all__ = ["pack_numbers", "read_numbers"]

FLOAT, DOUBLE, INTEGER = 0xCA, 0xCB, 0xCF
#: What follows a first byte. All 64-bit integers are signed, as the reference reads them.
FORMATS = {
    FLOAT: "f", DOUBLE: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", INTEGER: "q",
    0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q",
}  # fmt: skip

Number = int | float


def pack_numbers(*values: Any) -> bytes | None:
    """Pack fractions, or integers of more than 32 bits; None: these are not all of one kind."""
    kinds = {*map(type, values)}
    if kinds == {float}:
        return _pack_fractions(values)
    if kinds == {int} and min(values) >= 1 << 32:
        return _pack(INTEGER, values)
    return None


def read_numbers(data: bytes) -> tuple[Number, ...]:
    """Read as many numbers as have the first byte of the first one; `data` starts with it."""
    size = _fields(data[0], 1).size
    tags = data[: len(data) // size * size : size]
    count = len(tags) - len(tags.lstrip(data[:1]))
    return _fields(data[0], count).unpack_from(data)


# Runs are short, so that there are few counts.


@cache
def _fields(tag: int, count: int) -> Struct:
    return Struct(">" + f"x{FORMATS[tag]}" * count)


@cache
def _values(tag: int, count: int) -> Struct:
    return Struct(f">{count}{FORMATS[tag]}")


def _pack_fractions(numbers: tuple[float, ...]) -> bytes:
    # A number that survives as a float is one. A NaN never does: it equals nothing.
    singles = array("f", numbers)
    if tuple(singles) == numbers:
        return _pack(FLOAT, numbers)
    survives = [*map(eq, singles, numbers)]
    if True not in survives:
        return _pack(DOUBLE, numbers)
    pairs = zip(survives, numbers, strict=True)
    return b"".join([_pack(FLOAT if fits else DOUBLE, (number,)) for fits, number in pairs])


def _pack(tag: int, numbers: Sequence[Number]) -> bytes:
    count = len(numbers)
    values = _values(tag, count).pack(*numbers)
    width = len(values) // count
    packed = bytearray((tag,)) * (len(values) + count)
    for place in range(width):
        packed[place + 1 :: width + 1] = values[place::width]
    return bytes(packed)
