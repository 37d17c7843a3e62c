"""The base of the value types; each has a file in `engine/types`."""

from __future__ import annotations

from redislua_kernel.engine.journal import Journal

__all__ = ["Value"]


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
