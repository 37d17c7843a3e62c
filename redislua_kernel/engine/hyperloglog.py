"""HyperLogLog: estimates how many different elements were added, in 12 KB or less.

The value is a string in the reference's format: a header (`HYLL`, the encoding, the cached
estimate) and 16384 registers of 6 bits. Dense, the registers lie one after the other; sparse,
they are runs:

    00llllll           l+1 registers of 0
    01llllll llllllll  l+1 registers of 0
    1vvvvvll           l+1 registers of v+1

A sparse value becomes dense for good when a register exceeds 32, or its runs a limit in bytes.
Functions here work on such strings and know nothing of keys. The estimate is Otmar Ertl's
(arXiv:1702.01284).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import accumulate
from math import inf, sqrt

from redislua_kernel.engine.interrupts import look

__all__ = [
    "SPARSE",
    "CorruptedError",
    "add",
    "cached_estimate",
    "estimate",
    "invalidate",
    "is_valid",
    "locate",
    "make_dense",
    "merge",
    "new",
    "pack",
    "place_of",
    "raise_register",
    "registers",
    "runs",
    "set_dense",
    "store_estimate",
]

REGISTERS = 1 << 14
HEADER = 16
DENSE_LENGTH = HEADER + REGISTERS * 6 // 8
#: The default of hll-sparse-max-bytes.
SPARSE_LIMIT = 3000
SPARSE_MAX_VALUE = 32

DENSE, SPARSE = 0, 1
#: The bits of a hash that do not choose the register.
_Q = 50
_ALPHA = 0.721347520444481703680

#: A run of a sparse value.
_RUN = re.compile(rb"[\x00-\x3f]|[\x40-\x7f].|[\x80-\xff]", re.DOTALL)

_SEED = 0xADC83B19
_MULTIPLIER = 0xC6A4A7935BD1E995
_MASK = (1 << 64) - 1


class CorruptedError(Exception):
    """The runs of a sparse value do not make up all registers."""


def new() -> bytes:
    """Give an empty value: sparse, one run of zeros."""
    return b"HYLL" + bytes([SPARSE, 0, 0, 0]) + bytes(8) + b"\x7f\xff"


def is_valid(data: bytes | bytearray) -> bool:
    """Tell whether a string looks like a value; its runs are not looked at."""
    if len(data) < HEADER or data[:4] != b"HYLL" or data[4] > SPARSE:
        return False
    return data[4] == SPARSE or len(data) == DENSE_LENGTH


# The cached estimate: 8 bytes, whose highest bit says that they are out of date.


def invalidate(data: bytearray) -> None:
    """Say that the cached estimate no longer holds."""
    data[15] |= 0x80


def cached_estimate(data: bytes | bytearray) -> int | None:
    """Give the cached estimate; None if it is out of date."""
    return None if data[15] & 0x80 else int.from_bytes(data[8:16], "little")


def store_estimate(data: bytearray, number: int) -> None:
    """Cache an estimate."""
    data[8:16] = number.to_bytes(8, "little")


# Adding


def hash64(element: bytes) -> int:
    """Hash an element with MurmurHash64A, as the reference does."""
    h = _SEED ^ (len(element) * _MULTIPLIER & _MASK)
    whole = len(element) & ~7
    for place in range(0, whole, 8):
        k = int.from_bytes(element[place : place + 8], "little") * _MULTIPLIER & _MASK
        k = (k ^ k >> 47) * _MULTIPLIER & _MASK
        h = (h ^ k) * _MULTIPLIER & _MASK
    if whole != len(element):
        h = (h ^ int.from_bytes(element[whole:], "little")) * _MULTIPLIER & _MASK
    h = (h ^ h >> 47) * _MULTIPLIER & _MASK
    return h ^ h >> 47


def locate(element: bytes) -> tuple[int, int]:
    """Give the register an element belongs to and the value it asks for."""
    hashed = hash64(element)
    rest = hashed >> 14 | 1 << _Q
    return hashed & REGISTERS - 1, (rest & -rest).bit_length()


def add(data: bytearray, element: bytes, limit: int = SPARSE_LIMIT) -> bool:
    """Add an element; tell whether that changed a register. Raises CorruptedError."""
    return raise_register(data, *locate(element), limit)


def raise_register(data: bytearray, index: int, value: int, limit: int = SPARSE_LIMIT) -> bool:
    """Make a register at least `value`; tell whether it was less. Raises CorruptedError.

    A sparse value that would outgrow the limit becomes dense.
    """
    if data[4] == DENSE:
        return _raise_dense(data, index, value)
    if value > SPARSE_MAX_VALUE:
        make_dense(data)
        return _raise_dense(data, index, value)
    return _raise_sparse(data, index, value, limit)


def place_of(index: int) -> tuple[int, int]:
    """Give the first of the bytes of a dense value that hold a register, and that after them."""
    byte = HEADER + index * 6 // 8
    return byte, min(byte + 2, DENSE_LENGTH)


def _raise_dense(data: bytearray, index: int, value: int) -> bool:
    byte, shift = HEADER + index * 6 // 8, index * 6 % 8
    pair = int.from_bytes(data[byte : byte + 2], "little")
    if pair >> shift & 63 >= value:
        return False
    pair = pair & ~(63 << shift) | value << shift
    size = min(2, DENSE_LENGTH - byte)
    data[byte : byte + size] = pair.to_bytes(2, "little")[:size]
    return True


def _raise_sparse(data: bytearray, index: int, value: int, limit: int) -> bool:
    previous, place, first, length = _find_run(data, index)
    byte = data[place]
    old = (byte >> 2 & 31) + 1 if byte & 0x80 else 0
    if old >= value:
        return False
    size = 2 if byte & 0xC0 == 0x40 else 1
    last = first + length - 1
    runs = _run(old, index - first) + _run(value, 1) + _run(old, last - index)
    if len(runs) > size and len(data) + len(runs) - size > limit:
        make_dense(data)
        return _raise_dense(data, index, value)
    data[place : place + size] = runs
    _join_runs(data, previous)
    invalidate(data)
    return True


def _find_run(data: bytearray, index: int) -> tuple[int, int, int, int]:
    """Find the run that holds a register.

    Gives where the run before it starts, where it starts, its first register, its length.
    """
    ends, places = _layout(bytes(data[HEADER:]))
    number = bisect_right(ends, index)
    if number == len(ends):
        raise CorruptedError
    first = ends[number - 1] if number else 0
    previous = places[number - 1] if number else HEADER
    return previous, places[number], first, ends[number] - first


@lru_cache(maxsize=16)
def _layout(written: bytes) -> tuple[list[int], list[int]]:
    """Give the first register after each run, and where each run starts."""
    found = _RUN.findall(written)
    ends = list(accumulate(map(_run_length, found)))
    return ends, list(accumulate(map(len, found), initial=HEADER))


@cache
def _run_length(run: bytes) -> int:
    if run[0] & 0x80:
        return (run[0] & 3) + 1
    if run[0] & 0x40:
        return ((run[0] & 63) << 8 | run[1]) + 1
    return run[0] + 1


def _run(value: int, length: int) -> bytes:
    """Write a run of `length` registers of `value`, of which there may be none."""
    if not length:
        return b""
    if value:
        return bytes([0x80 | value - 1 << 2 | length - 1])
    if length <= 64:
        return bytes([length - 1])
    return bytes([0x40 | length - 1 >> 8, length - 1 & 0xFF])


def _join_runs(data: bytearray, place: int) -> None:
    """Join neighbouring runs of one value, near `place` as far as the reference looks."""
    for _ in range(5):
        if place >= len(data):
            return
        byte = data[place]
        if not byte & 0x80:
            place += 2 if byte & 0x40 else 1
            continue
        if place + 1 < len(data) and data[place + 1] & 0x80:
            other = data[place + 1]
            length = (byte & 3) + (other & 3) + 2
            if byte >> 2 == other >> 2 and length <= 4:
                data[place : place + 2] = bytes([byte & 0xFC | length - 1])
                continue
        place += 1


# All registers at once


def runs(data: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Give a sparse value's runs: first byte, registers' value, length. Raises CorruptedError."""
    place, end = HEADER, len(data)
    while place < end:
        byte = data[place]
        place += 1
        if byte & 0x80:
            yield byte, (byte >> 2 & 31) + 1, (byte & 3) + 1
        elif byte & 0x40:
            if place == end:
                raise CorruptedError
            yield byte, 0, ((byte & 63) << 8 | data[place]) + 1
            place += 1
        else:
            yield byte, 0, byte + 1


#: The registers that a run of one byte stands for, by that byte.
_RUNS = [
    bytes([(byte >> 2 & 31) + 1]) * ((byte & 3) + 1) if byte & 0x80 else bytes(byte + 1)
    for byte in range(256)
]


def registers(data: bytes | bytearray) -> bytes:
    """Give the value of every register, one a byte. Raises CorruptedError."""
    look()
    return _unpack_sparse(data) if data[4] == SPARSE else _unpack(data[HEADER:])


def _unpack_sparse(data: bytes | bytearray) -> bytes:
    unpacked: list[bytes] = []
    place, end = HEADER, len(data)
    while place < end:
        byte = data[place]
        place += 1
        if byte & 0xC0 != 0x40:
            unpacked.append(_RUNS[byte])
            continue
        if place == end:
            raise CorruptedError
        unpacked.append(bytes(((byte & 63) << 8 | data[place]) + 1))
        place += 1
        if len(unpacked) > REGISTERS:
            raise CorruptedError
    whole = b"".join(unpacked)
    if len(whole) != REGISTERS:
        raise CorruptedError
    return whole


def _shifted(by: int, mask: int) -> bytes:
    """Give the table that shifts every byte to the left, or to the right, under a mask."""
    return bytes([(byte << by if by > 0 else byte >> -by) & mask for byte in range(256)])


# Four registers are three bytes. All bytes that lie alike in their threes are treated at once:
# shifted by a table, and put together as one large number.


def _unpack(packed: bytes | bytearray) -> bytes:
    low, middle, high = packed[0::3], packed[1::3], packed[2::3]
    values = bytearray(REGISTERS)
    values[0::4] = low.translate(_SHIFTED[0, 63])
    values[1::4] = _both(low.translate(_SHIFTED[-6, 3]), middle.translate(_SHIFTED[2, 60]))
    values[2::4] = _both(middle.translate(_SHIFTED[-4, 15]), high.translate(_SHIFTED[4, 48]))
    values[3::4] = high.translate(_SHIFTED[-2, 63])
    return bytes(values)


def pack(values: bytes) -> bytes:
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


def make_dense(data: bytearray) -> None:
    """Make a sparse value dense. Raises CorruptedError."""
    set_dense(data, registers(data))


def set_dense(data: bytearray, values: bytes) -> None:
    """Make a value dense, of these registers."""
    data[4] = DENSE
    data[HEADER:] = pack(values)


#: The highest bit of every register's byte.
_HIGHEST = int.from_bytes(b"\x80" * REGISTERS, "little")


def merge(sources: Iterable[bytes]) -> bytes:
    """Give the greatest value of each register over several values' registers."""
    greatest = 0
    for values in sources:
        number = int.from_bytes(values, "little")
        # Of each byte the highest bit, which no value has, tells which of the two is greater.
        kept = (greatest | _HIGHEST) - number & _HIGHEST
        mask = (kept >> 7) * 0xFF
        greatest = greatest & mask | number & ~mask
    return greatest.to_bytes(REGISTERS, "little")


def estimate(values: bytes) -> int:
    """Estimate the number of elements from all registers."""
    size = float(REGISTERS)
    z = size * _tau((size - values.count(_Q + 1)) / size)
    for value in range(_Q, 0, -1):
        z = (z + values.count(value)) * 0.5
    z += size * _sigma(values.count(0) / size)
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
