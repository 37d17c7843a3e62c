"""Bitmaps: strings seen as rows of bits, the first bit the highest of the first byte."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_, setitem, xor
from typing import Annotated

from redislua_kernel.engine.commands.quick import is_easy, note
from redislua_kernel.engine.commands.string_ranges import MAX_LENGTH, edit_string
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import BYTES_AT_ONCE, look, pieces
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Int, Key, Word, Words, parse_int
from redislua_kernel.engine.types.string import RawString

Bits = bytes | bytearray
#: Puts numbers together, of which the longest has so many bytes.
Combine = Callable[[list[int], int], int]

_MOST_BITS = 8 * MAX_LENGTH

BAD_OFFSET = CommandError("ERR bit offset is not an integer or out of range")
BAD_BIT = CommandError("ERR bit is not an integer or out of range")
BIT_NOT_BINARY = CommandError("ERR The bit argument must be 1 or 0.")
NOT_TAKES_ONE = CommandError("ERR BITOP NOT must be called with a single source key.")

#: The table that makes ones of zeros.
_INVERTED = bytes(range(255, -1, -1))
#: So many bytes a search looks at first, for what is often near.
_NEAR = 16


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
    text, byte = db.entries.get(key), offset >> 3
    if not is_easy(text, RawString, db, key) or text.is_text or byte >= len(text.data):
        return None
    data = text.data
    old = data[byte]
    place = 7 - (offset & 7)
    was = old >> place & 1
    if was != value:
        db.undo.append((setitem, data, byte, old))
        data[byte] = old ^ 1 << place
        note(db, name, key, offset, value)
    return was


@command(
    "SETBIT",
    flags="write denyoom",
    group="bitmap",
    since="2.2.0",
    complexity="O(1)",
    in_scripts=InScripts(quick=_set_quickly),
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


def _count_all(db: Database, key: bytes) -> int:
    text = db.entries.get(key)
    is_there = text.__class__ is RawString and key not in db.expires
    data = text.data if is_there else db.buffer(key)  # type: ignore[union-attr]
    return 0 if data is None else _count(data, 0, len(data))


@command(
    "BITCOUNT",
    flags="readonly",
    group="bitmap",
    since="2.6.0",
    complexity="O(N) where N is the number of bytes looked at.",
    plain=_count_all,
)
def bitcount(db: Database, key: Key, *range: Words) -> int:
    """Count the bits that are set, in a string or between two of its bytes or bits."""
    if not range:
        return _count_all(db, key)
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
    if stop - start <= BYTES_AT_ONCE:
        return int.from_bytes(data[start:stop], "little").bit_count()
    return sum(_count(data, *piece) for piece in pieces(start, stop))


def _count_between(data: Bits, first: int, last: int) -> int:
    """Count the set bits from bit `first` to bit `last`, both included."""
    start, end = first >> 3, last >> 3
    count = _count(data, start, end + 1)
    if first & 7:
        count -= (data[start] >> (8 - (first & 7))).bit_count()
    if last & 7 != 7:
        count -= (data[end] & (0x7F >> (last & 7))).bit_count()
    return count


def _parse_unit(word: bytes) -> bool:
    """Read BYTE or BIT; tell whether it is BIT."""
    unit = word.upper()
    if unit not in (b"BIT", b"BYTE"):
        raise SYNTAX_ERROR
    return unit == b"BIT"


def _clip(start: int, end: int, data: Bits, in_bits: bool) -> tuple[int, int]:
    """Give the first and the last bit of a range; the first is the greater where it is empty."""
    total = len(data) * 8 if in_bits else len(data)
    if start < 0:
        start = max(start + total, 0)
    if end < 0:
        end = max(end + total, 0)
    if end >= total:
        end = total - 1
    return (start, end) if in_bits else (start * 8, end * 8 + 7)


@command(
    "BITPOS",
    flags="readonly",
    group="bitmap",
    since="2.8.7",
    complexity="O(N) where N is the number of bytes looked at.",
)
def bitpos(db: Database, key: Key, bit: Int, *range: Words) -> int:
    """Find the first bit that is set or clear, in a string or a part of it; -1 if there is none."""
    if bit not in (0, 1):
        raise BIT_NOT_BINARY
    if len(range) > 3:
        raise SYNTAX_ERROR
    start = parse_int(range[0]) if range else 0
    in_bits = len(range) == 3 and _parse_unit(range[2])
    end = parse_int(range[1]) if len(range) > 1 else -1
    data = db.buffer(key)
    if data is None:
        return -1 if bit else 0
    first, last = _clip(start, end, data, in_bits)
    if first > last:
        return -1
    place = _find(data, bit, first, last)
    # Without an end, a string of ones counts as followed by zeros.
    return last + 1 if place == -1 and bit == 0 and len(range) < 2 else place


def _find(data: Bits, wanted: int, first: int, last: int) -> int:
    """Find the first bit that is `wanted` from bit `first` to bit `last`; -1 if there is none."""
    place, end = first >> 3, (last >> 3) + 1
    before, length = first & 7, _NEAR
    while place < end:
        some = data[place : min(place + length, end)]
        number = int.from_bytes(some if wanted else some.translate(_INVERTED), "big")
        if before:
            number &= (1 << 8 * len(some) - before) - 1
            before = 0
        place += len(some)
        if number:
            found = 8 * place - number.bit_length()
            return found if found <= last else -1
        length = min(16 * length, BYTES_AT_ONCE)
        look()
    return -1


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
    result = RawString(b"", db.journal)
    for piece in pieces(0, length):
        result.data += _combine(combine, sources, *piece)
    db.store_result(destkey, result if length else b"", b"set")
    return length


def _combine(combine: Combine, sources: list[Bits], start: int, stop: int) -> bytes:
    """Combine the bytes from `start` to before `stop`; those missing count as zero."""
    # Little-endian numbers align the strings at their first byte, whatever their lengths.
    numbers = [int.from_bytes(source[start:stop], "little") for source in sources]
    length = stop - start
    return combine(numbers, length).to_bytes(length, "little")


def _exactly_one(numbers: list[int], length: int) -> int:
    seen = repeated = 0
    for number in numbers:
        repeated |= seen & number
        seen |= number
    return seen & ~repeated


_OPERATIONS: dict[bytes, Combine] = {
    b"AND": lambda numbers, length: reduce(and_, numbers),
    b"OR": lambda numbers, length: reduce(or_, numbers),
    b"XOR": lambda numbers, length: reduce(xor, numbers),
    b"NOT": lambda numbers, length: numbers[0] ^ (1 << 8 * length) - 1,
    b"DIFF": lambda numbers, length: numbers[0] & ~reduce(or_, numbers[1:]),
    b"DIFF1": lambda numbers, length: reduce(or_, numbers[1:]) & ~numbers[0],
    b"ANDOR": lambda numbers, length: numbers[0] & reduce(or_, numbers[1:]),
    b"ONE": _exactly_one,
}
