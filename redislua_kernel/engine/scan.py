"""Cursors: how SCAN, HSCAN, SSCAN and ZSCAN walk a container that changes meanwhile.

An iteration follows the order of a hash of the elements that is the same in every process,
so a cursor is a place in that order and holds no state: whatever was added or removed
between two calls, every element that is there from the first call to the last is returned.
Sorting is the costly part, so the orders of the containers scanned last are kept, and what
was added since is put in its place: a dict has its newest elements at its end. So a scan costs
the same however many there are, but for the first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from zlib import crc32

from redislua_kernel.engine.errors import INVALID_CURSOR, SYNTAX_ERROR, CommandError
from redislua_kernel.engine.glob import compile_glob
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort
from redislua_kernel.engine.signature import parse_int

if TYPE_CHECKING:
    from redislua_kernel.engine.database import Database

__all__ = ["ScanOptions", "ScanOrders", "parse_cursor", "parse_scan_options", "scan"]

_CURSOR_MAX = (1 << 64) - 1
_CURSOR_DIGITS = 21  # one more than it has
_ORDERS_KEPT = 16
#: All are sorted anew once so many were added, and besides that share of them.
_FEW, _SHARE = 256, 64


def scan(
    db: Database, container: dict[bytes, Any], cursor: int, count: int
) -> tuple[int, list[bytes]]:
    """Give the next cursor (0 at the end) and about `count` elements of a container.

    `container` is the dict that holds the elements, the same object at each call.
    A collection whose encoding is a small one is not scanned: the reference gives it whole.
    """
    keyspace = db.keyspace
    order = keyspace.scan_orders.get(container, keyspace.dirty, fresh=not cursor)
    # Cursor 0 means both start and end, so the places count from 1.
    found, following = order.page(cursor - 1 if cursor else 0, count)
    cursor = 0 if following is None else following + 1
    return cursor, [element for element in interruptible(found) if element in container]


class ScanOrders:
    """The orders of the containers that were scanned last."""

    __slots__ = ("_orders",)

    def __init__(self) -> None:
        #: By the container's id; the container is held so that its id stays its own.
        self._orders: OrderedDict[int, _Order] = OrderedDict()

    def get(self, container: dict[bytes, Any], dirty: int, *, fresh: bool) -> _Order:
        """Give the order of a container's elements, and maybe of some that are gone.

        Those that were added lately may be missing unless the order must be `fresh`; `dirty`
        counts at least one change for each element ever added to whatever container.
        """
        known = self._orders.get(id(container))
        if known is None:
            known = _Order(container, dirty)
            self._orders[id(container)] = known
            if len(self._orders) > _ORDERS_KEPT:
                self._orders.popitem(last=False)
        else:
            self._orders.move_to_end(id(container))
            if fresh:
                known.refresh(dirty)
        return known

    def clear(self) -> None:
        """Forget every order: the elements changed in a way that versions do not show."""
        self._orders.clear()


class _Order:
    """The elements of one container by their hashes, as they were when `dirty` was counted.

    They are in two sorted lists: to put one that was added among all the others would move half
    of them.
    """

    __slots__ = ("added", "container", "dirty", "elements")

    def __init__(self, container: dict[bytes, Any], dirty: int) -> None:
        self.container = container
        self.dirty = dirty
        self._sort()

    def page(self, start: int, count: int) -> tuple[list[bytes], int | None]:
        """Give about `count` elements whose hash is `start` or more, and the next one's hash."""
        parts = self.elements, self.added
        starts = [bisect_left(part, start, key=crc32) for part in parts]
        found = _merged(parts, starts, [place + count + 1 for place in starts])
        if len(found) <= count:
            return found, None
        # A cursor cannot tell elements with one hash apart: they are returned together.
        last = crc32(found[count - 1])
        ends = [
            bisect_right(part, last, place, key=crc32)
            for part, place in zip(parts, starts, strict=True)
        ]
        rest = [crc32(part[end]) for part, end in zip(parts, ends, strict=True) if end < len(part)]
        return _merged(parts, starts, ends), min(rest, default=None)

    def refresh(self, dirty: int) -> None:
        """Put in place what was added, or sort anew where much has changed."""
        container, added = self.container, self.added
        most = dirty - self.dirty
        count = len(self.elements) + len(added)
        many = _FEW + len(container) // _SHARE
        if (
            len(added) + most > many
            or count + most < len(container)
            or count > 2 * len(container) + _FEW
        ):
            self._sort()
        else:
            for element in interruptible(islice(reversed(container), most)):
                if not self._has(element):
                    insort(added, element, key=crc32)
        self.dirty = dirty

    def _has(self, element: bytes) -> bool:
        hashed = crc32(element)
        for part in (self.elements, self.added):
            place = bisect_left(part, hashed, key=crc32)
            while place < len(part) and crc32(part[place]) == hashed:
                if part[place] == element:
                    return True
                place += 1
        return False

    def _sort(self) -> None:
        self.elements = interruptible_sort(list(self.container), crc32)
        self.added: list[bytes] = []


def _merged(
    parts: Sequence[list[bytes]], starts: Sequence[int], ends: Sequence[int]
) -> list[bytes]:
    """Give in order what lies between these places of the parts."""
    most, few = (part[start:end] for part, start, end in zip(parts, starts, ends, strict=True))
    return interruptible_sort(most + few, crc32) if few else most


@dataclass(frozen=True)
class ScanOptions:
    """What may follow the cursor."""

    match: bytes | None = None
    count: int = 10
    novalues: bool = False
    type: bytes | None = None

    def select(self, elements: Iterable[bytes]) -> Iterable[bytes]:
        """Give the elements that MATCH lets through."""
        if self.match is None or self.match == b"*":
            return elements
        return filter(compile_glob(self.match), interruptible(elements))


_DEFAULT_OPTIONS = ScanOptions()


def parse_cursor(word: bytes) -> int:
    """Read a cursor the way strtoull does: leading blanks, a sign and zeros are let through."""
    digits = word.lstrip(b" \t\n\v\f\r")
    negative = digits[:1] == b"-"
    if digits[:1] in (b"+", b"-"):
        digits = digits[1:]
    if not digits.isdigit():
        raise INVALID_CURSOR
    number = int(digits.lstrip(b"0")[:_CURSOR_DIGITS] or b"0")
    # A negative number that is written as such is refused if it is an integer of 64 bits.
    if number > _CURSOR_MAX or (word[:1] == b"-" and digits[:1] > b"0" and number <= 1 << 63):
        raise INVALID_CURSOR
    return -number & _CURSOR_MAX if negative else number


def parse_scan_options(
    words: Sequence[bytes], *, of_keys: bool = False, of_hash: bool = False
) -> ScanOptions:
    """Read MATCH, COUNT, and what only SCAN (TYPE) or HSCAN (NOVALUES) takes.

    The key comes first: without one the reference does not look at the options.
    """
    if not words:
        return _DEFAULT_OPTIONS
    match: bytes | None = None
    count, novalues = _DEFAULT_OPTIONS.count, False
    kind: bytes | None = None
    place, end = 0, len(words)
    while place < end:
        token = words[place].upper()
        has_value = place + 1 < end
        if token == b"COUNT" and has_value:
            count = parse_int(words[place + 1])
            if count < 1:
                raise SYNTAX_ERROR
        elif token == b"MATCH" and has_value:
            match = words[place + 1]
        elif token == b"TYPE" and of_keys and has_value:
            kind = words[place + 1].lower()
        elif token == b"NOVALUES":
            if not of_hash:
                raise CommandError("ERR NOVALUES option can only be used in HSCAN")
            novalues = True
            place -= 1  # takes no value
        else:
            raise SYNTAX_ERROR
        place += 2
    return ScanOptions(match, count, novalues, kind)
