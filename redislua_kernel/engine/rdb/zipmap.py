"""Zipmaps: small hashes before Redis 2.6.

number of fields, then for each: its length, it, its value's length, unused bytes, the value,
the unused bytes; 255
"""

from __future__ import annotations

from redislua_kernel.engine.rdb.reader import Corrupt

__all__ = ["decode"]

_LONG, _END = 254, 255


def decode(data: bytes) -> list[bytes]:
    """Give fields and values in turn. Raises `Corrupt` unless all of it is sound."""
    end = len(data) - 1
    if end < 1 or data[end] != _END:
        raise Corrupt("no zipmap")
    words: list[bytes] = []
    place = 1
    while data[place] != _END:
        length, place = _length(data, place, end)
        field, place = data[place : place + length], place + length
        length, place = _length(data, place, end)
        unused, place = data[place], place + 1
        words += field, data[place : place + length]
        place += length + unused
        if place > end:
            raise Corrupt("a value runs past the end")
    if place != end or not words or data[0] not in (_LONG, len(words) // 2):
        raise Corrupt("another number of fields")
    return words


def _length(data: bytes, place: int, end: int) -> tuple[int, int]:
    """Give a length and the place after it."""
    if place > end:
        raise Corrupt("a field runs past the end")
    length, following = data[place], place + 1
    if length >= _LONG:
        length, following = int.from_bytes(data[place + 1 : place + 5], "little"), place + 5
    if following > end:
        raise Corrupt("a length runs past the end")
    return length, following
