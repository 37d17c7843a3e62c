"""Bitmaps: strings seen as rows of bits, the first bit the highest of the first byte."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import and_, or_, setitem, xor
from typing import Annotated

from redislua_kernel.engine.commands.string_ranges import MAX_LENGTH, edit_string
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.interrupts import pieces
from redislua_kernel.engine.journal import Undo, put_back
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Word, Words, parse_int
from redislua_kernel.engine.types.string import RawString

Bits = bytes | bytearray
#: Puts numbers together, given one of the same length whose bits are all set.
Combine = Callable[[list[int], int], int]

_MOST_BITS = 8 * MAX_LENGTH

BAD_OFFSET = CommandError("ERR bit offset is not an integer or out of range")
BAD_BIT = CommandError("ERR bit is not an integer or out of range")
BIT_NOT_BINARY = CommandError("ERR The bit argument must be 1 or 0.")
NOT_TAKES_ONE = CommandError("ERR BITOP NOT must be called with a single source key.")

_NOT_ALL = {0: re.compile(rb"[^\xff]"), 1: re.compile(rb"[^\x00]")}


def parse_offset(word: bytes, width: int = 0) -> int:
    """Read a bit's offset; with a `width`, `#n` means n times that many bits."""
    counts_fields = width > 0 and word[:1] == b"#"
    try:
        offset = parse_int(word[1:] if counts_fields else word)
    except CommandError:
        raise BAD_OFFSET from None
    if counts_fields:
        offset *= width
    if not 0 <= offset < _MOST_BITS:
        raise BAD_OFFSET
    return offset


def _parse_bit(word: bytes) -> int:
    if word == b"1":
        return 1
    if word == b"0":
        return 0
    raise BAD_BIT


BitOffset = Annotated[int, Word(parse_offset, type="integer", numbers=(0, _MOST_BITS - 1))]
Bit = Annotated[int, Word(_parse_bit, type="integer", numbers=(0, 1))]


def _set_quickly(db: Database, name: bytes, key: bytes, offset: int, value: int) -> int | None:
    text, keyspace, byte = db.entries.get(key), db.keyspace, offset >> 3
    if (
        text.__class__ is not RawString
        or text.journal is not db.journal
        or text.is_text
        or byte >= len(text.data)
        or keyspace.listeners
        or key in db.expires
    ):
        return None
    data = text.data
    old = data[byte]
    place = 7 - (offset & 7)
    was = old >> place & 1
    if was != value:
        record: Undo = (put_back, data, byte, old, db.index, name, key, offset, value)
        db.undo.append(record)
        db.journal.calls.append(record)
        data[byte] = old ^ 1 << place
        keyspace.dirty += 1
    return was


@command(
    "SETBIT",
    flags="write denyoom",
    group="bitmap",
    since="2.2.0",
    complexity="O(1)",
    quick=_set_quickly,
)
def setbit(db: Database, key: Key, offset: BitOffset, value: Bit) -> int:
    """Set or clear one bit of a string; give what it was."""
    byte, mask = offset >> 3, 0x80 >> (offset & 7)
    text, has_grown = grow_string(db, key, byte + 1)
    data = text.data
    old = data[byte]
    was = 1 if old & mask else 0
    if was != value:
        db.undo.append((setitem, data, byte, old))
        data[byte] = old ^ mask
    elif not has_grown:
        return was
    db.changed(key, b"setbit")
    return was


def grow_string(db: Database, key: bytes, length: int) -> tuple[RawString, bool]:
    """Give the string at a key for changes in place, with zero bytes added up to a length.

    Tells whether it is new or had to grow.
    """
    found = db.entries.get(key)
    if found.__class__ is RawString and len(found.data) >= length and not found.is_text:
        if found.journal is db.journal and key not in db.expires:
            return found, False
        text = db.edit(key, RawString)
        if text is not None:
            return text, False
    is_new = not db.exists(key)
    text = edit_string(db, key)
    return text, text.grow(length) or is_new


@command("GETBIT", flags="readonly fast", group="bitmap", since="2.2.0", complexity="O(1)")
def getbit(db: Database, key: Key, offset: BitOffset) -> int:
    """Read one bit of a string; bits beyond its end are 0."""
    found = db.entries.get(key)
    data = found.data if found.__class__ is RawString and key not in db.expires else db.buffer(key)
    byte = offset >> 3
    if data is None or byte >= len(data):
        return 0
    return data[byte] >> (7 - (offset & 7)) & 1


@command(
    "BITCOUNT",
    flags="readonly",
    group="bitmap",
    since="2.6.0",
    complexity="O(N) where N is the number of bytes looked at.",
)
def bitcount(db: Database, key: Key, *range: Words) -> int:
    """Count the bits that are set, in a string or between two of its bytes or bits."""
    if not range:
        whole = db.buffer(key) or b""
        return _count(whole, 0, len(whole))
    if len(range) not in (2, 3):
        raise SYNTAX_ERROR
    start, end = parse_int(range[0]), parse_int(range[1])
    in_bits = len(range) == 3 and _parse_unit(range[2])
    data = db.buffer(key)
    if data is None or (start < 0 and end < 0 and start > end):
        return 0
    first, last = _clip(start, end, data, in_bits)
    if first > last:
        return 0
    return _count_between(data, first, last)


def _count(data: Bits, start: int, stop: int) -> int:
    """Count the set bits of the bytes from `start` to before `stop`."""
    return sum(
        int.from_bytes(data[first:last], "little").bit_count()
        for first, last in pieces(start, stop)
    )


def _count_between(data: Bits, first: int, last: int) -> int:
    """Count the set bits from bit `first` to bit `last`, both included."""
    start, end = first >> 3, last >> 3
    count = _count(data, start, end + 1)
    before = data[start] >> (8 - (first & 7))
    after = data[end] & (0x7F >> (last & 7))
    return count - before.bit_count() - after.bit_count()


def _parse_unit(word: bytes) -> bool:
    """Read BYTE or BIT; tell whether it is BIT."""
    unit = word.upper()
    if unit not in (b"BIT", b"BYTE"):
        raise SYNTAX_ERROR
    return unit == b"BIT"


def _clip(start: int, end: int, data: Bits, in_bits: bool) -> tuple[int, int]:
    """Give the first and the last bit of a range; the first is the greater where it is empty."""
    total = len(data) * 8 if in_bits else len(data)
    start = max(start + total, 0) if start < 0 else start
    end = max(end + total, 0) if end < 0 else end
    end = min(end, total - 1)
    return (start, end) if in_bits else (start * 8, end * 8 + 7)


@command(
    "BITPOS",
    flags="readonly",
    group="bitmap",
    since="2.8.7",
    complexity="O(N) where N is the number of bytes looked at.",
)
def bitpos(db: Database, key: Key, bit: bytes, *range: Words) -> int:
    """Find the first bit that is set or clear, in a string or a part of it; -1 if there is none."""
    wanted = parse_int(bit)
    if wanted not in (0, 1):
        raise BIT_NOT_BINARY
    if len(range) > 3:
        raise SYNTAX_ERROR
    start = parse_int(range[0]) if range else 0
    in_bits = len(range) == 3 and _parse_unit(range[2])
    end = parse_int(range[1]) if len(range) > 1 else -1
    data = db.buffer(key)
    if data is None:
        return -1 if wanted else 0
    first, last = _clip(start, end, data, in_bits)
    if first > last:
        return -1
    place = _find(data, wanted, first, last)
    # Without an end, a string of ones counts as followed by zeros.
    return last + 1 if place == -1 and wanted == 0 and len(range) < 2 else place


def _find(data: Bits, wanted: int, first: int, last: int) -> int:
    """Find the first bit that is `wanted` from bit `first` to bit `last`; -1 if there is none."""
    start, end = first >> 3, last >> 3
    skipped = 0 if wanted else 0xFF
    # The bits of the first byte before the range count as not wanted.
    before = 0xFF00 >> (first & 7) & 0xFF
    byte = data[start] & ~before if wanted else data[start] | before
    if byte == skipped:
        search = _NOT_ALL[wanted].search
        found = (search(data, *piece) for piece in pieces(start + 1, end + 1))
        match = next(filter(None, found), None)
        if match is None:
            return -1
        start = match.start()
        byte = data[start]
    highest = byte if wanted else ~byte & 0xFF
    place = start * 8 + 8 - highest.bit_length()
    return place if place <= last else -1


@command(
    "BITOP",
    flags="write denyoom",
    group="bitmap",
    since="2.6.0",
    complexity="O(N) where N is the length of the longest string.",
)
def bitop(db: Database, operation: bytes, destkey: Key, *keys: Key) -> int:
    """Combine strings bit by bit into another one; give its length."""
    name = operation.upper()
    combine = _OPERATIONS.get(name)
    if combine is None:
        raise SYNTAX_ERROR
    if name == b"NOT" and len(keys) > 1:
        raise NOT_TAKES_ONE
    if name in (b"DIFF", b"DIFF1", b"ANDOR") and len(keys) < 2:
        raise CommandError(
            f"ERR BITOP {name.decode()} must be called with at least two source keys."
        )
    sources = [db.buffer(key) or b"" for key in keys]
    length = max(map(len, sources))
    result = b"".join(_combine(combine, sources, *piece) for piece in pieces(0, length))
    db.store_result(destkey, RawString(result, db.journal) if result else b"", b"set")
    return length


def _combine(combine: Combine, sources: list[Bits], start: int, stop: int) -> bytes:
    """Combine the bytes from `start` to before `stop`; those missing count as zero."""
    # Little-endian numbers align the strings at their first byte, whatever their lengths.
    numbers = [int.from_bytes(source[start:stop], "little") for source in sources]
    length = stop - start
    ones = (1 << 8 * length) - 1
    return (combine(numbers, ones) & ones).to_bytes(length, "little")


def _exactly_one(numbers: list[int], ones: int) -> int:
    seen = repeated = 0
    for number in numbers:
        repeated |= seen & number
        seen |= number
    return seen & ~repeated


_OPERATIONS: dict[bytes, Combine] = {
    b"AND": lambda numbers, ones: reduce(and_, numbers),
    b"OR": lambda numbers, ones: reduce(or_, numbers),
    b"XOR": lambda numbers, ones: reduce(xor, numbers),
    b"NOT": lambda numbers, ones: numbers[0] ^ ones,
    b"DIFF": lambda numbers, ones: numbers[0] & ~reduce(or_, numbers[1:]),
    b"DIFF1": lambda numbers, ones: reduce(or_, numbers[1:]) & ~numbers[0],
    b"ANDOR": lambda numbers, ones: numbers[0] & reduce(or_, numbers[1:]),
    b"ONE": _exactly_one,
}
