"""Lists: elements in order, quick at both ends.

Few elements are in a Python list, which is small and is made quickly; more are in two of them, so
that neither end, nor any place between, is far. `insert`, `del` and `pop` mean the same to both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from operator import delitem, setitem

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb.listpack import EMPTY_SIZE, entry_size
from redislua_kernel.engine.types.packed import MOST_BYTES, MOST_ELEMENTS, Packed
from redislua_kernel.engine.types.two_ended import TwoEnded
from redislua_kernel.engine.types.value import Value

__all__ = ["FEW", "Items", "List", "PackedList"]

#: How many elements a Python list holds: to move them all takes no longer than a call.
FEW = 256

Items = list[bytes] | TwoEnded[bytes]

#: What an element takes in the compact form at least.
LEAST_SIZE = 2


class List(Value):
    """A list value. Read `items`; change them through the methods only."""

    __slots__ = ("items",)

    type_name = b"list"

    def __init__(self, journal: Journal, items: Iterable[bytes] = ()) -> None:
        self.journal = journal
        self.items: Items = [*items]
        if len(self.items) > FEW:
            self.items = TwoEnded(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def copy(self, journal: Journal) -> List:
        return List(journal, self.items)

    def encoding(self) -> bytes:
        # Worked out when asked for: keeping count would make every push and pop slower.
        limits, count = self.journal.limits, len(self.items)
        if count > limits.list_entries or count * LEAST_SIZE > limits.list_bytes:
            return b"quicklist"
        size = EMPTY_SIZE + sum(map(entry_size, self.items))
        return b"quicklist" if size > limits.list_bytes else b"listpack"

    def memory(self, samples: int) -> int:
        count = len(self.items)
        size = sum(map(len, interruptible(islice(self.items, samples or count))))
        if samples and count > samples:
            size = size * count // samples
        return 64 + size + 2 * count

    def range(self, start: int, stop: int) -> list[bytes]:
        """Give the elements from `start` up to but not including `stop`, counted from the head."""
        items = self.items
        return items[start:stop] if isinstance(items, list) else items.between(start, stop)

    def positions(
        self, value: bytes, limit: int = 0, *, from_tail: bool = False, among: int = 0
    ) -> list[int]:
        """Give where a value is, up to `limit` times (0: all), in the order of the search.

        With `among`, only that many elements are looked at.
        """
        known = self.items
        if isinstance(known, list) and not (from_tail or among):  # of few elements
            if limit == 1:
                return [known.index(value)] if value in known else []
            count, place = known.count(value), -1
            return [
                place := known.index(value, place + 1)
                for _ in range(min(count, limit) if limit else count)
            ]
        items: Iterable[bytes] = reversed(known) if from_tail else known
        looked_at = enumerate(interruptible(islice(items, among) if among else items))
        found = (place for place, item in looked_at if item == value)
        places = list(islice(found, limit) if limit else found)
        last = len(self.items) - 1
        return [last - place for place in places] if from_tail else places

    def push(self, value: bytes, left: bool) -> None:
        """Add an element at one end."""
        items = self.items
        if left:
            items.insert(0, value)
            self.journal.undo.append((items.pop, 0))
        else:
            items.append(value)
            self.journal.undo.append((items.pop,))
        if items.__class__ is list and len(items) > FEW:
            self._become_many()

    def push_many(self, values: Sequence[bytes], left: bool) -> None:
        """Add elements at one end, one after another."""
        items, count = self.items, len(values)
        if isinstance(items, list) and len(items) + count > FEW:
            self._become_many()
            items = self.items
        if isinstance(items, TwoEnded):
            add = items.extend_front if left else items.extend
            add(values)
            self.journal.undo.append((items.take, count, left))
        elif left:
            items[:0] = values[::-1]
            self.journal.undo.append((delitem, items, slice(count)))
        else:
            items.extend(values)
            self.journal.undo.append((delitem, items, slice(-count, None)))

    def pop(self, left: bool) -> bytes:
        """Take the element at one end of a list that is not empty."""
        items = self.items
        if left:
            value = items.pop(0)
            self.journal.undo.append((items.insert, 0, value))
        else:
            value = items.pop()
            self.journal.undo.append((items.append, value))
        return value

    def pop_many(self, count: int, left: bool) -> list[bytes]:
        """Take up to `count` elements at one end, the outermost first."""
        items = self.items
        count = min(count, len(items))
        if isinstance(items, list):
            start = 0 if left else len(items) - count
            taken = items[start : start + count]
            del items[start : start + count]
            self.journal.undo.append((setitem, items, slice(start, start), taken))
            return taken if left else taken[::-1]
        taken = items.take(count, left)
        restore = items.extend_front if left else items.extend
        self.journal.undo.append((restore, taken[::-1]))
        return taken

    def set(self, index: int, value: bytes) -> None:
        """Replace an element that is there; negative indexes count from the tail."""
        items = self.items
        self.journal.undo.append((setitem, items, index, items[index]))
        items[index] = value

    def insert(self, index: int, value: bytes) -> None:
        """Put an element before the one at `index`, at the tail where that is the length."""
        items = self.items
        items.insert(index, value)
        self.journal.undo.append((delitem, items, index))
        if items.__class__ is list and len(items) > FEW:
            self._become_many()

    def remove(self, places: list[int]) -> None:
        """Take out the elements at some positions."""
        items, undo = self.items, self.journal.undo
        if len(places) == 1:
            place = places[0]
            undo.append((items.insert, place, items[place]))
            del items[place]
        elif places:
            gone = set(places)
            numbered = enumerate(interruptible(items))
            kept = [item for place, item in numbered if place not in gone]
            undo.append((_refill, items, items.copy()))
            _refill(items, kept)

    def trim(self, start: int, stop: int) -> int:
        """Keep the elements from `start` up to but not including `stop`; give how many went."""
        length = len(self.items)
        if start >= stop or start >= length:
            start = stop = length
        tail = max(length - stop, 0)
        if start:
            self.pop_many(start, True)
        if tail:
            self.pop_many(tail, False)
        return start + tail

    def pack(self) -> Packed | None:
        return PackedList.of(self.items)

    def _become_many(self) -> None:
        self.journal.undo.append((setattr, self, "items", self.items))
        self.items = TwoEnded(self.items)

    def _check(self) -> None:
        """Raise AssertionError if the value breaks its own rules."""
        assert all(item.__class__ is bytes for item in self.items)
        assert len(self.items) <= FEW or isinstance(self.items, TwoEnded)


class PackedList(Packed):
    """The elements of a list."""

    __slots__ = ()

    kind = List

    @classmethod
    def of(cls, items: Sequence[bytes] | Items) -> PackedList | None:
        """Give some elements as a packed list; None: they are too large."""
        if len(items) > MOST_ELEMENTS or sum(map(len, items)) > MOST_BYTES:
            return None
        return cls.joining(items)

    def unpack(self, journal: Journal) -> List:
        value = List(journal)
        value.items = self.elements()
        return value


def _refill(items: Items, values: Items) -> None:
    items.clear()
    items.extend(values)
