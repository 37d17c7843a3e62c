"""BITFIELD: integers of any width anywhere in a string."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.commands.bitmap import grow_string, parse_offset
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, Words, parse_int

BAD_TYPE = CommandError(
    "ERR Invalid bitfield type. Use something like i16 u8."
    " Note that u64 is not supported but i64 is."
)
BAD_OVERFLOW = CommandError("ERR Invalid OVERFLOW type specified")
READ_ONLY = CommandError("ERR BITFIELD_RO only supports the GET subcommand")


class Field(NamedTuple):
    """An integer in a string: where it is, how wide, whether signed."""

    offset: int
    width: int
    is_signed: bool

    @property
    def least(self) -> int:
        return -(1 << self.width - 1) if self.is_signed else 0

    @property
    def most(self) -> int:
        return (1 << self.width - self.is_signed) - 1

    @property
    def start(self) -> int:
        """The first byte the field touches."""
        return self.offset >> 3

    @property
    def end(self) -> int:
        """The byte after the last one the field touches."""
        return (self.offset + self.width + 7) >> 3

    def wrap(self, number: int) -> int:
        """Give the number's lowest bits as the field would read them."""
        bits = number & (1 << self.width) - 1
        return bits - (1 << self.width) if bits > self.most else bits

    def read(self, data: bytes | bytearray) -> int:
        """Read the field; bits beyond the end are 0."""
        start, end = self.start, self.end
        window = bytes(data[start:end]).ljust(end - start, b"\0")
        return self.wrap(int.from_bytes(window, "big") >> (end * 8 - self.offset - self.width))

    def write(self, data: bytearray, number: int) -> None:
        """Write the field into data that reaches its end."""
        start, end = self.start, self.end
        shift = end * 8 - self.offset - self.width
        mask = (1 << self.width) - 1
        kept = int.from_bytes(data[start:end], "big") & ~(mask << shift)
        data[start:end] = (kept | (number & mask) << shift).to_bytes(end - start, "big")


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
    parsed = _parse(operations)
    if all(operation.name == b"GET" for operation in parsed):
        return _read(db, key, parsed)
    return _run(db, key, parsed)


@command(
    "BITFIELD_RO",
    flags="readonly fast",
    group="bitmap",
    since="6.0.0",
    complexity="O(1) for each operation.",
)
def bitfield_ro(db: Database, key: Key, *operations: Words) -> list[int | None]:
    """Read integers of any width in a string."""
    parsed = _parse(operations)
    if any(operation.name != b"GET" for operation in parsed):
        raise READ_ONLY
    return _read(db, key, parsed)


def _read(db: Database, key: bytes, operations: list[Operation]) -> list[int | None]:
    data = db.buffer(key) or b""
    return [operation.field.read(data) for operation in operations]


def _run(db: Database, key: bytes, operations: list[Operation]) -> list[int | None]:
    writes = [operation for operation in operations if operation.name != b"GET"]
    text, has_grown = grow_string(db, key, max(operation.field.end for operation in writes))
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
        text.remember(field.start, field.end)
        field.write(data, new)
        replies.append(new if operation.name == b"INCRBY" else old)
        changes += has_grown or old != new
    if changes:
        db.changed(key, b"setbit", changes)
    return replies


def _parse(words: tuple[bytes, ...]) -> list[Operation]:
    operations = []
    overflow = b"WRAP"
    place, count = 0, len(words)
    while place < count:
        name = words[place].upper()
        if name == b"OVERFLOW" and place + 1 < count:
            overflow = words[place + 1].upper()
            if overflow not in (b"WRAP", b"SAT", b"FAIL"):
                raise BAD_OVERFLOW
            place += 2
            continue
        size = {b"GET": 3, b"SET": 4, b"INCRBY": 4}.get(name)
        if size is None or place + size > count:
            raise SYNTAX_ERROR
        width, is_signed = _parse_type(words[place + 1])
        field = Field(parse_offset(words[place + 2], width), width, is_signed)
        value = parse_int(words[place + 3]) if size == 4 else 0
        operations.append(Operation(name, field, value, overflow))
        place += size
    return operations


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
