"""Intsets: sorted integers of one width, after that width and their number."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise

from redislua_kernel.engine.rdb.reader import Corrupt

__all__ = ["decode", "encode"]

_HEADER = struct.Struct("<II")
_FORMATS = {2: "h", 4: "i", 8: "q"}


def encode(numbers: Sequence[int]) -> bytes:
    """Give the intset of some ascending integers, in the least width that holds them."""
    least, most = numbers[0], numbers[-1]
    width = next(
        width for width in _FORMATS if -1 << 8 * width - 1 <= least and most < 1 << 8 * width - 1
    )
    return _HEADER.pack(width, len(numbers)) + struct.pack(
        f"<{len(numbers)}{_FORMATS[width]}", *numbers
    )


def decode(data: bytes) -> tuple[int, ...]:
    """Give the integers of an intset. Raises `Corrupt` unless they are ascending."""
    if len(data) < _HEADER.size:
        raise Corrupt("no intset")
    width, count = _HEADER.unpack_from(data)
    if width not in _FORMATS or not count or _HEADER.size + width * count != len(data):
        raise Corrupt("another size than said")
    numbers: tuple[int, ...] = struct.unpack_from(f"<{count}{_FORMATS[width]}", data, _HEADER.size)
    if any(one >= other for one, other in pairwise(numbers)):
        raise Corrupt("not ascending")
    return numbers
