"""What a key holds: the base of the value types, each of which has a file in `engine/types`."""

from __future__ import annotations

from redislua_kernel.engine.journal import Journal

__all__ = ["Stored", "Value", "as_value"]


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


#: What the table of a database has at a key: a string that counting wrote is kept as its number.
Stored = bytes | int | Value


def as_value(stored: Stored) -> bytes | Value:
    """Give the value that a table keeps so."""
    return b"%d" % stored if isinstance(stored, int) else stored
