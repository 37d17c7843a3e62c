"""The nodes of a stream: runs of neighbouring entries, as the reference has them.

Approximate trimming drops whole nodes only, so it shows when a node was full: by the number of
its entries, or by the bytes they take in the reference's packed form, which is computed here.
"""

from __future__ import annotations

from redislua_kernel.engine.rdb.listpack import EMPTY_SIZE, entry_size, integer_size
from redislua_kernel.engine.settings.encoding_limits import EncodingLimits
from redislua_kernel.engine.types.stream_group import Id

__all__ = ["Entries", "Fields", "Node"]

#: Names and values in turn.
Fields = tuple[bytes, ...]

#: Some entries of a node: their ids, these as replies show them, and their fields.
Entries = tuple[list[Id], list[bytes], list[Fields]]

#: Ids that are less than so many milliseconds apart, which is two hours, and sequence numbers
#: that are less than so many apart, have a short difference.
_NEAR_MS, NEAR = 1 << 23, 1 << 12


class Node:
    """A run of neighbouring entries; `first` and `last` also count deleted ones.

    A trim up to an id may leave a node without entries, as it does in the reference.
    """

    __slots__ = (
        "deleted",
        "fields",
        "first",
        "ids",
        "last",
        "measured",
        "most",
        "names",
        "near",
        "shown",
        "unmeasured",
    )

    def __init__(self, first: Id, names: Fields) -> None:
        self.first = self.last = first
        self.names = names
        self.ids: list[Id] = []
        #: The ids as replies show them: each is written once, however often it is read.
        self.shown: list[bytes] = []
        self.fields: list[Fields] = []
        self.deleted = 0
        #: Bytes the reference's packed form takes, without its two counters and its last entries,
        #: `unmeasured` in number; 0: nobody has asked. And how many it takes at most, with these.
        self.measured = self.unmeasured = 0
        self.most = EMPTY_SIZE + 12 + sum(map(len, names)) + 10 * len(names)
        #: Ids before this millisecond, with a sequence number below `NEAR`, take few bytes.
        self.near = first[0] + _NEAR_MS if first[1] <= NEAR else 0

    @property
    def size(self) -> int:
        """Bytes the reference's packed form takes, without its two counters."""
        if self.unmeasured or not self.measured:
            measured = self.measured or self._size_of_names()
            ids, fields = self.ids[-self.unmeasured :], self.fields[-self.unmeasured :]
            self.measure(measured + sum(map(self._size_of, ids, fields)))
        return self.measured

    def measure(self, size: int) -> None:
        """Take note of how many bytes the packed form takes."""
        self.measured = self.most = size
        self.unmeasured = 0

    def copy(self) -> Node:
        twin = Node.__new__(Node)
        twin.first, twin.last, twin.near = self.first, self.last, self.near
        twin.names = self.names
        twin.ids, twin.shown, twin.fields = self.ids.copy(), self.shown.copy(), self.fields.copy()
        twin.deleted = self.deleted
        twin.measure(self.size)
        return twin

    def has_all(self, limits: EncodingLimits) -> bool:
        """Tell whether it has got as many entries as it may have, whatever they take."""
        return 0 < limits.stream_entries <= len(self.ids) + self.deleted

    def append(self, entry_id: Id, fields: Fields, size: int) -> bytes:
        """Add an entry whose id is greater than `last`; give the id as replies show it.

        `size` is the number of bytes in its fields and values. What they take packed is measured
        when it matters, which is hardly ever: until then it is enough to know the most it can be.
        """
        ms, sequence = entry_id
        shown = f"{ms}-{sequence}".encode()  # faster than b"%d"
        self.ids.append(entry_id)
        self.shown.append(shown)
        self.fields.append(fields)
        self.last = entry_id
        self.unmeasured += 1
        count = len(fields)
        if ms < self.near and sequence < NEAR and size + count < 64:
            self.most += size + 2 * count + 14
        else:
            self.most += size + 10 * count + 34
        return shown

    def pop(self) -> None:
        """Take back the entry that was added last."""
        entry_id, fields = self.ids.pop(), self.fields.pop()
        self.shown.pop()
        if self.unmeasured:
            self.unmeasured -= 1
        else:
            self.measure(self.measured - self._size_of(entry_id, fields))

    def cut(self, start: int, stop: int) -> Entries:
        """Delete the entries at some places; give them for `insert`."""
        self.deleted += stop - start
        cut = self.ids[start:stop], self.shown[start:stop], self.fields[start:stop]
        del self.ids[start:stop], self.shown[start:stop], self.fields[start:stop]
        return cut

    def insert(self, place: int, entries: Entries) -> None:
        """Take back that entries were deleted."""
        ids, shown, fields = entries
        self.ids[place:place], self.shown[place:place] = ids, shown
        self.fields[place:place] = fields
        self.deleted -= len(ids)

    def _size_of_names(self) -> int:
        """Give the bytes it takes before its first entry."""
        names = self.names
        return EMPTY_SIZE + integer_size(len(names)) + sum(map(entry_size, names)) + 2

    def _size_of(self, entry_id: Id, fields: Fields) -> int:
        """Give the bytes an entry takes in the packed form."""
        ms, sequence = entry_id
        first_ms, first_sequence = self.first
        size = 4 + integer_size(ms - first_ms) + integer_size(sequence - first_sequence)
        words = fields
        if fields[::2] == self.names:
            words = fields[1::2]
        else:
            size += integer_size(len(fields) // 2)
        return size + sum(map(entry_size, words))

    def check(self) -> None:
        """Check the invariants: for tests."""
        assert len(self.ids) == len(self.fields)
        assert self.shown == [b"%d-%d" % entry_id for entry_id in self.ids]
        assert all(self.first <= entry_id <= self.last for entry_id in self.ids)
        most = self.most
        assert self.size <= most
