"""Ziplists: what listpacks were before Redis 7.

    total size (4 bytes), place of the last element (4), number of elements (2), elements, 255

An element is the size of the one before it, a head that tells its kind, and its bytes.
"""

from __future__ import annotations

from redislua_kernel.engine.rdb.reader import Corrupt

__all__ = ["decode"]

_HEADER, _END = 10, 255
_MANY = 0xFFFF
#: From this byte on the size of the element before takes four more bytes.
_LONG_SIZE = 254
#: The bytes of an integer by its head.
_INTEGER_BYTES = {0xC0: 2, 0xD0: 4, 0xE0: 8, 0xF0: 3, 0xFE: 1}


def decode(data: bytes) -> list[bytes]:
    """Give the words of a ziplist. Raises `Corrupt` unless all of it is sound."""
    end = len(data) - 1
    if end < _HEADER or int.from_bytes(data[:4], "little") != len(data) or data[end] != _END:
        raise Corrupt("no ziplist")
    count = int.from_bytes(data[8:_HEADER], "little")
    words: list[bytes] = []
    last, place, before = _HEADER, _HEADER, 0
    while data[place] != _END:
        said, start = _size_before(data, place)
        word, following = _decode_entry(data, start)
        if said != before or following > end:
            raise Corrupt("an element of another size than said")
        words.append(word)
        last, before, place = place, following - place, following
    tail = int.from_bytes(data[4:8], "little")
    if place != end or tail > end or (words and tail != last):
        raise Corrupt("another end than said")
    if count not in (_MANY, len(words)):
        raise Corrupt("another number of elements")
    return words


def _size_before(data: bytes, place: int) -> tuple[int, int]:
    """Give the size of the element before, and the place after it."""
    size = data[place]
    if size < _LONG_SIZE:
        return size, place + 1
    return int.from_bytes(data[place + 1 : place + 5], "little"), place + 5


def _decode_entry(data: bytes, place: int) -> tuple[bytes, int]:
    """Give the word whose head is at a place, and the place after it."""
    if place >= len(data):
        raise Corrupt("cut off")
    head = data[place]
    if head >= 0xC0:
        return _decode_integer(data, place, head)
    if head < 0x40:
        length, start = head, place + 1
    elif head < 0x80:
        length, start = (head & 0x3F) << 8 | int.from_bytes(data[place + 1 : place + 2]), place + 2
    else:
        length, start = int.from_bytes(data[place + 1 : place + 5], "big"), place + 5
    return data[start : start + length], start + length


def _decode_integer(data: bytes, place: int, head: int) -> tuple[bytes, int]:
    if 0xF1 <= head <= 0xFD:  # 0 to 12, in the head itself
        return b"%d" % ((head & 0x0F) - 1), place + 1
    size = _INTEGER_BYTES.get(head)
    if size is None:
        raise Corrupt("unknown kind of element")
    following = place + 1 + size
    return b"%d" % int.from_bytes(data[place + 1 : following], "little", signed=True), following
