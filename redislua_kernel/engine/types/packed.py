"""Small collections that nobody looks at, each kept in one piece.

A dict of five fields, with all that is in it, takes six times as much memory as the same in one
piece. So a collection that is made of several elements at once lies packed in its table, where
there are many, and so does one that was not used for a while; `Database` unpacks it in place for
whoever looks at it.

What a piece looks like is its type's matter. Most are elements joined by a byte that is in none of
them, which stands before the first as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from redislua_kernel.engine.journal import Journal
    from redislua_kernel.engine.types.value import Value

__all__ = ["MOST_BYTES", "MOST_ELEMENTS", "Packed"]

#: What is larger stays as it is: to unpack it would take longer than a call.
MOST_ELEMENTS = 128
MOST_BYTES = 1 << 13

#: Text in UTF-8 has none of the first; hardly any small collection has all of them.
_SEPARATORS = (b"\xff", b"\xfe", b"\0", b"\x1f", b"\x1e", b"\x01")

P = TypeVar("P", bound="Packed")


class Packed(bytes):
    """A collection as a table keeps it while nobody uses it.

    It never changes and belongs to no journal, so that tables may share it. It is no string,
    though it is made of bytes: whoever reads a table himself looks for it first.
    """

    __slots__ = ()

    #: What it is a value of.
    kind: ClassVar[type[Value]]

    @classmethod
    def joining(cls: type[P], elements: Iterable[bytes]) -> P | None:
        """Give some elements in one piece; None: they are too large, or have every separator."""
        words = [b"", *elements]
        for separator in _SEPARATORS:
            piece = separator.join(words)
            if piece.count(separator) == len(words) - 1:
                return cls(piece) if len(piece) <= MOST_BYTES else None
        return None

    def elements(self) -> list[bytes]:
        """Give the elements that were joined."""
        words = self.split(self[:1])
        del words[0]
        return words

    def unpack(self, journal: Journal) -> Value:
        """Give a new value of its kind, whose changes go to `journal`."""
        raise NotImplementedError
