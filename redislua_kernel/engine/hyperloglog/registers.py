"""All registers of a value at once, one a byte: packed, merged, counted, and estimated from.

The estimate is Otmar Ertl's (arXiv:1702.01284).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf, sqrt

from redislua_kernel.engine.hyperloglog.layout import REGISTERS

__all__ = ["VALUES", "count", "estimate", "merge", "pack", "registers_set", "unpack"]

#: So many values a register of a dense value may have.
VALUES = 64
#: The bits of a hash that do not choose the register.
_Q = 50
_ALPHA = 0.721347520444481703680


def _shifted(by: int, mask: int) -> bytes:
    """Give the table that shifts every byte to the left, or to the right, under a mask."""
    return bytes([(byte << by if by > 0 else byte >> -by) & mask for byte in range(256)])


# Four registers are three bytes. All bytes that lie alike in their threes are treated at once:
# shifted by a table, and put together as one large number.


def unpack(packed: bytes | bytearray) -> bytearray:
    """Give the registers of a dense value, one a byte."""
    low, middle, high = packed[0::3], packed[1::3], packed[2::3]
    values = bytearray(REGISTERS)
    values[0::4] = low.translate(_SHIFTED[0, 63])
    values[1::4] = _both(low.translate(_SHIFTED[-6, 3]), middle.translate(_SHIFTED[2, 60]))
    values[2::4] = _both(middle.translate(_SHIFTED[-4, 15]), high.translate(_SHIFTED[4, 48]))
    values[3::4] = high.translate(_SHIFTED[-2, 63])
    return values


def pack(values: bytes | bytearray) -> bytes:
    """Give the registers of a dense value, from one a byte."""
    a, b, c, d = values[0::4], values[1::4], values[2::4], values[3::4]
    packed = bytearray(REGISTERS * 6 // 8)
    packed[0::3] = _both(a, b.translate(_SHIFTED[6, 192]))
    packed[1::3] = _both(b.translate(_SHIFTED[-2, 15]), c.translate(_SHIFTED[4, 240]))
    packed[2::3] = _both(c.translate(_SHIFTED[-4, 3]), d.translate(_SHIFTED[2, 252]))
    return bytes(packed)


_SHIFTED = {
    (by, mask): _shifted(by, mask)
    for by, mask in (
        *((0, 63), (-6, 3), (2, 60), (-4, 15), (4, 48), (-2, 63)),
        *((6, 192), (-2, 15), (4, 240), (-4, 3), (2, 252)),
    )
}


def _both(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    joined = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return joined.to_bytes(len(one), "little")


#: The highest bit of every register's byte.
_HIGHEST = int.from_bytes(b"\x80" * REGISTERS, "little")


def merge(sources: Iterable[bytes | bytearray]) -> bytes:
    """Give the greatest value of each register over several values' registers."""
    greatest = 0
    for values in sources:
        number = int.from_bytes(values, "little")
        if not greatest:
            greatest = number
            continue
        # Of each byte the highest bit, which no value has, tells which of the two is greater.
        kept = (greatest | _HIGHEST) - number & _HIGHEST
        mask = kept - (kept >> 7)
        greatest = number ^ (greatest ^ number) & mask
    return greatest.to_bytes(REGISTERS, "little")


def count(values: bytes | bytearray) -> list[int]:
    """Count how many registers have each value: most have a small one."""
    counts = [0] * VALUES
    for value in range(VALUES):
        if value in values:  # those counted are left out: the rest is soon short
            rest = values.translate(None, bytes([value]))
            counts[value] = len(values) - len(rest)
            values = rest
    return counts


#: The table that makes ones of all but zeros.
_IS_SET = b"\0" + b"\1" * 255


def registers_set(values: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Give the registers that are not 0, and their values."""
    marks = values.translate(_IS_SET)
    index = marks.find(1)
    while index >= 0:
        yield index, values[index]
        index = marks.find(1, index + 1)


def estimate(counts: Sequence[int]) -> int:
    """Estimate the number of elements from how many registers have each value."""
    size = float(REGISTERS)
    z = size * _tau((size - counts[_Q + 1]) / size)
    for value in range(_Q, 0, -1):
        z = (z + counts[value]) * 0.5
    z += size * _sigma(counts[0] / size)
    number = _ALPHA * size * size / z
    whole = int(number)
    return whole + (number - whole >= 0.5)


def _sigma(x: float) -> float:
    if x == 1.0:
        return inf
    y, z, before = 1.0, x, -1.0
    while before != z:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while before != z:
        x = sqrt(x)
        before = z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
