"""Listpacks: small collections in one run of bytes.

    total size (4 bytes), number of elements (2 bytes), elements, 255

An element is its head, which tells the kind, its bytes or those of an integer, and the size of
both, backwards: a listpack is walked from either end. Words that are integers are kept as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.rdb.reader import Corrupt

__all__ = [
    "EMPTY_SIZE",
    "decode",
    "encode",
    "encode_entry",
    "encode_integer",
    "entry_size",
    "integer_size",
    "packed",
]

#: What a listpack without elements takes.
EMPTY_SIZE = 7

_HEADER, _END = 6, 255
_LONGEST_INTEGER = len(b"-9223372036854775808")
#: Words that begin with one of these come before this one.
_AFTER_DIGITS = b":"
#: The number of elements when there are too many to count.
_MANY = 0xFFFF
#: The bits of the larger integers and the heads that mark them.
_INTEGERS = ((16, 0xF1), (24, 0xF2), (32, 0xF3), (64, 0xF4))
#: The bytes that an integer takes that is not negative, by the bits that it has.
_INTEGER_SIZES = [2] * 8 + [3] * 5 + [4] * 3 + [5] * 8 + [6] * 8 + [10] * 33
#: The integers that are heads.
_SMALL = [b"%d" % number for number in range(128)]
_INTEGER_BYTES = {head: bits // 8 for bits, head in _INTEGERS}


def encode(words: Iterable[bytes]) -> bytes:
    """Give the listpack of some words."""
    return packed([encode_entry(word) for word in words])


def packed(entries: Sequence[bytes]) -> bytes:
    """Give the listpack of some elements that are encoded already."""
    body = b"".join(entries)
    size = EMPTY_SIZE + len(body)
    header = size.to_bytes(4, "little") + min(len(entries), _MANY).to_bytes(2, "little")
    return b"%b%b\xff" % (header, body)


def encode_entry(word: bytes) -> bytes:
    """Give a word as an element."""
    if word < _AFTER_DIGITS:
        number = as_integer(word)
        if number is not None:
            return encode_integer(number)
    length = len(word)
    if length < 64:
        return b"%c%b%c" % (0x80 | length, word, length + 1)
    if length < 4096:
        entry = (0xE000 | length).to_bytes(2, "big") + word
    else:
        entry = b"\xf0" + length.to_bytes(4, "little") + word
    return entry + _encode_tail(len(entry))


def encode_integer(number: int) -> bytes:
    """Give an integer of 64 bits as an element."""
    if 0 <= number <= 127:
        return b"%c\x01" % number
    if -4096 <= number <= 4095:
        return (0xC000 | number & 0x1FFF).to_bytes(2, "big") + b"\x02"
    magnitude = number if number >= 0 else ~number
    bits, head = next(kind for kind in _INTEGERS if not magnitude >> kind[0] - 1)
    size = bits // 8
    return b"%c%b%c" % (head, number.to_bytes(size, "little", signed=True), size + 1)


def entry_size(word: bytes) -> int:
    """Give the bytes that a word takes in a listpack."""
    length = len(word)
    if word < _AFTER_DIGITS and length <= _LONGEST_INTEGER:
        number = as_integer(word)
        if number is not None:
            return integer_size(number)
    if length < 64:
        return length + 2
    size = length + (2 if length < 4096 else 5)
    return size + _tail_size(size)


def integer_size(number: int) -> int:
    """Give the bytes that an integer of 64 bits takes in a listpack."""
    if number < 0:
        return max(_INTEGER_SIZES[(~number).bit_length()], 3)
    return _INTEGER_SIZES[number.bit_length()]


def _tail_size(size: int) -> int:
    if size < 128:
        return 1
    return 2 + sum(size >= limit for limit in (16383, 2097151, 268435455))


def _encode_tail(size: int) -> bytes:
    """Write a size backwards: seven bits a byte, the eighth set in all but the first."""
    groups = [size >> 7 * place & 127 | 128 for place in range(_tail_size(size))]
    groups[-1] &= 127
    return bytes(reversed(groups))


def decode(data: bytes) -> list[bytes]:
    """Give the words of a listpack. Raises `Corrupt` unless all of it is sound."""
    end = len(data) - 1
    if end < _HEADER or int.from_bytes(data[:4], "little") != len(data) or data[end] != _END:
        raise Corrupt("no listpack")
    count = int.from_bytes(data[4:_HEADER], "little")
    words, place = [], _HEADER
    while place < end:
        head = data[place]
        if 0x80 <= head < 0xC0:  # most are such
            size = head - 0x7F
            word = data[place + 1 : place + size]
        elif head < 0x80:
            word, size = _SMALL[head], 1
        else:
            word, size = _decode_entry(data, place)
        tail = 1 if size < 128 else _tail_size(size)
        place += size + tail
        if place > end:
            raise Corrupt("an element runs past the end")
        if size != (data[place - 1] if tail == 1 else _decode_tail(data, place - 1)):
            raise Corrupt("an element ends with another size")
        words.append(word)
    if count not in (_MANY, len(words)):
        raise Corrupt("another number of elements")
    return words


def _decode_entry(data: bytes, place: int) -> tuple[bytes, int]:
    """Give the word at a place, and the bytes of its head and content."""
    head = data[place]
    if head < 0xE0:
        number = (head & 0x1F) << 8 | data[place + 1]
        return b"%d" % (number - (1 << 13) if number >= 1 << 12 else number), 2
    if head < 0xF0:
        return _content(data, place, 2, (head & 0x0F) << 8 | data[place + 1])
    if head == 0xF0:
        return _content(data, place, 5, int.from_bytes(data[place + 1 : place + 5], "little"))
    size = _INTEGER_BYTES.get(head)
    if size is None:
        raise Corrupt("unknown kind of element")
    word, total = _content(data, place, 1, size)
    return b"%d" % int.from_bytes(word, "little", signed=True), total


def _content(data: bytes, place: int, head: int, length: int) -> tuple[bytes, int]:
    start = place + head
    return data[start : start + length], head + length


def _decode_tail(data: bytes, place: int) -> int:
    """Read the size that ends at a place; -1 for one that does not end."""
    size = 0
    for shift in range(0, 35, 7):
        byte = data[place]
        size |= (byte & 127) << shift
        if byte < 128:
            return size
        place -= 1
    return -1
