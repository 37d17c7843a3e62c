"""What a key holds: the base of the value types, each of which has a file beside this."""

from __future__ import annotations

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.packed import Packed

__all__ = ["Stored", "Value", "as_stored", "as_value", "type_of"]


class Value:
    """Base of the value types that are edited in place."""

    __slots__ = ("journal",)

    type_name = b"none"  # as TYPE answers

    journal: Journal

    def copy(self, journal: Journal) -> Value:
        """Give an independent copy whose changes go to `journal`."""
        raise NotImplementedError

    def encoding(self) -> bytes:
        """Give the encoding that OBJECT ENCODING reports."""
        raise NotImplementedError

    def memory(self, samples: int) -> int:
        """Estimate the bytes the value takes from `samples` of its elements (0: all)."""
        raise NotImplementedError

    def pack(self) -> Packed | None:
        """Give the value in one piece; None: it is too large, or a piece cannot say all of it."""
        return None


#: What the table of a database has at a key: a string that counting wrote is kept as its number,
#: a small collection perhaps in one piece.
Stored = bytes | int | Packed | Value


def as_value(stored: Stored, journal: Journal) -> bytes | Value:
    """Give the value that a table keeps so; what has to be unpacked belongs to `journal`."""
    if isinstance(stored, Packed):
        return stored.unpack(journal)
    return b"%d" % stored if isinstance(stored, int) else stored


def as_stored(value: bytes | Value) -> bytes | Value:
    """Give a new value, which nobody else has, as a table keeps it until it is used."""
    return value.pack() or value if isinstance(value, Value) else value


def type_of(stored: Stored) -> bytes:
    """Give the type of what a table keeps, as TYPE answers it."""
    if isinstance(stored, Packed):
        return stored.kind.type_name
    return stored.type_name if isinstance(stored, Value) else b"string"
