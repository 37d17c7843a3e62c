"""BITFIELD: integers of any width anywhere in a string."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from redislua_kernel.engine.commands.bitmap import grow_string, parse_offset
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, Words, parse_int
from redislua_kernel.engine.types.string import RawString

BAD_TYPE = CommandError(
    "ERR Invalid bitfield type. Use something like i16 u8."
    " Note that u64 is not supported but i64 is."
)
BAD_OVERFLOW = CommandError("ERR Invalid OVERFLOW type specified")
READ_ONLY = CommandError("ERR BITFIELD_RO only supports the GET subcommand")


class Field:
    """An integer in a string: where it is, how wide, whether signed."""

    __slots__ = ("_limit", "_mask", "_shift", "_start", "end", "is_signed", "least", "most")

    def __init__(self, offset: int, width: int, *, is_signed: bool) -> None:
        self.is_signed = is_signed
        #: Between these it may be.
        self.least = -(1 << width - 1) if is_signed else 0
        self.most = (1 << width - is_signed) - 1
        #: The bytes that it touches: from the first to before the end.
        self._start, self.end = offset >> 3, (offset + width + 7) >> 3
        #: How many bits of these are behind it.
        self._shift = self.end * 8 - offset - width
        self._limit = 1 << width
        self._mask = self._limit - 1

    def wrap(self, number: int) -> int:
        """Give the number's lowest bits as the field would read them."""
        bits = number & self._mask
        return bits - self._limit if bits > self.most else bits

    def read(self, data: bytes | bytearray) -> int:
        """Read the field; bits beyond the end are 0."""
        start, end = self._start, self.end
        window = data[start:end]
        if len(window) < end - start:
            window = bytes(window).ljust(end - start, b"\0")
        bits = int.from_bytes(window, "big") >> self._shift & self._mask
        return bits - self._limit if bits > self.most else bits

    def write(self, text: RawString, number: int) -> None:
        """Write the field into a string that reaches its end."""
        start, end, data = self._start, self.end, text.data
        text.remember(start, end)
        kept = int.from_bytes(data[start:end], "big") & ~(self._mask << self._shift)
        bits = (number & self._mask) << self._shift
        data[start:end] = (kept | bits).to_bytes(end - start, "big")


class Operation(NamedTuple):
    """One GET, SET or INCRBY, and what an overflow does: WRAP, SAT or FAIL."""

    name: bytes
    field: Field
    value: int
    overflow: bytes

    def compute(self, old: int) -> int | None:
        """Give the field's new value; None if it overflows and may not."""
        field = self.field
        if self.name == b"INCRBY":
            new = old + self.value
        else:
            # An unsigned field takes a negative value as the large number its bits are.
            new = self.value if field.is_signed else self.value & 0xFFFF_FFFF_FFFF_FFFF
        if field.least <= new <= field.most:
            return new
        if self.overflow == b"FAIL":
            return None
        if self.overflow == b"SAT":
            # Where the distance to `most` exceeds 63 bits, the reference takes SET's value for
            # too large.
            is_far = self.name == b"SET" and field.most - new > INT64_MAX
            return field.least if new < field.least and not is_far else field.most
        return field.wrap(new)


@command(
    "BITFIELD",
    flags="write denyoom",
    group="bitmap",
    since="3.2.0",
    complexity="O(1) for each operation.",
)
def bitfield(db: Database, key: Key, *operations: Words) -> list[int | None]:
    """Read, set and increment integers of any width in a string, with a say on overflow."""
    parsed, end = _parse(*operations)
    return _run(db, key, parsed, end) if end else _read(db, key, parsed)


@command(
    "BITFIELD_RO",
    flags="readonly fast",
    group="bitmap",
    since="6.0.0",
    complexity="O(1) for each operation.",
)
def bitfield_ro(db: Database, key: Key, *operations: Words) -> list[int | None]:
    """Read integers of any width in a string."""
    parsed, end = _parse(*operations)
    if end:
        raise READ_ONLY
    return _read(db, key, parsed)


def _read(db: Database, key: bytes, operations: Sequence[Operation]) -> list[int | None]:
    data = db.buffer(key) or b""
    return [operation.field.read(data) for operation in operations]


def _run(db: Database, key: bytes, operations: Sequence[Operation], end: int) -> list[int | None]:
    text, has_grown = grow_string(db, key, end)
    data = text.data
    replies: list[int | None] = []
    changes = 0
    for operation in operations:
        field = operation.field
        old = field.read(data)
        if operation.name == b"GET":
            replies.append(old)
            continue
        new = operation.compute(old)
        if new is None:
            replies.append(None)
            continue
        replies.append(new if operation.name == b"INCRBY" else old)
        if old != new:
            field.write(text, new)
            changes += 1
        else:
            changes += has_grown
    if changes:
        db.changed(key, b"setbit", changes)
    return replies


_OVERFLOWS = frozenset({b"WRAP", b"SAT", b"FAIL"})
#: How many words an operation has, its name included.
_SIZES = {b"GET": 3, b"SET": 4, b"INCRBY": 4}


@lru_cache(maxsize=256)
def _parse(*words: bytes) -> tuple[Sequence[Operation], int]:
    """Read operations; give also where the last field that may be written ends, 0 for none."""
    operations = []
    overflow = b"WRAP"
    place, count, end = 0, len(words), 0
    while place < count:
        name = words[place].upper()
        if name == b"OVERFLOW" and place + 1 < count:
            overflow = words[place + 1].upper()
            if overflow not in _OVERFLOWS:
                raise BAD_OVERFLOW
            place += 2
            continue
        size = _SIZES.get(name)
        if size is None or place + size > count:
            raise SYNTAX_ERROR
        field = _field(words[place + 1], words[place + 2])
        value = parse_int(words[place + 3]) if size == 4 else 0
        operations.append(Operation(name, field, value, overflow))
        if name != b"GET":
            end = max(end, field.end)
        place += size
    return operations, end


@lru_cache(maxsize=1024)
def _field(kind: bytes, offset: bytes) -> Field:
    width, is_signed = _parse_type(kind)
    return Field(parse_offset(offset, width), width, is_signed=is_signed)


def _parse_type(word: bytes) -> tuple[int, bool]:
    """Read `i8` or `u8`: the width, and whether the integer is signed."""
    try:
        width = parse_int(word[1:])
    except CommandError:
        width = 0
    is_signed = word[:1] == b"i"
    if word[:1] not in (b"i", b"u") or not 1 <= width <= 63 + is_signed:
        raise BAD_TYPE
    return width, is_signed
