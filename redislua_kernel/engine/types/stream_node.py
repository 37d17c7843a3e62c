"""The nodes of a stream: runs of neighbouring entries, as the reference has them.

Approximate trimming drops whole nodes only, so it shows when a node was full: by the number of
its entries, or by the bytes they take in the reference's packed form, which is computed here.
"""

from __future__ import annotations

from redislua_kernel.engine.limits import EncodingLimits
from redislua_kernel.engine.rdb.listpack import EMPTY_SIZE, entry_size, integer_size
from redislua_kernel.engine.types.stream_group import Id

__all__ = ["Fields", "Node"]

#: Names and values in turn.
Fields = tuple[bytes, ...]


class Node:
    """A run of neighbouring entries; `first` and `last` also count deleted ones.

    A trim up to an id may leave a node without entries, as it does in the reference.
    """

    __slots__ = ("deleted", "fields", "first", "ids", "last", "names", "size")

    def __init__(self, first: Id, names: Fields) -> None:
        self.first = self.last = first
        self.names = names
        self.ids: list[Id] = []
        self.fields: list[Fields] = []
        self.deleted = 0
        #: Bytes the reference's packed form takes, without its two counters.
        self.size = EMPTY_SIZE + integer_size(len(names)) + sum(map(entry_size, names)) + 2

    def copy(self) -> Node:
        twin = Node.__new__(Node)
        twin.first, twin.last, twin.names = self.first, self.last, self.names
        twin.ids, twin.fields = self.ids.copy(), self.fields.copy()
        twin.deleted, twin.size = self.deleted, self.size
        return twin

    def is_full(self, more: int, limits: EncodingLimits) -> bool:
        """Tell whether an entry with `more` bytes of fields and values needs the next node."""
        if 0 < limits.stream_entries <= len(self.ids) + self.deleted:
            return True
        return self.size + more + 4 >= limits.stream_bytes

    def size_of(self, entry_id: Id, fields: Fields) -> int:
        """Give the bytes an entry takes in the packed form."""
        size = 4 + integer_size(entry_id[0] - self.first[0])
        size += integer_size(entry_id[1] - self.first[1])
        if fields[::2] == self.names:
            return size + sum(map(entry_size, fields[1::2]))
        return size + integer_size(len(fields) // 2) + sum(map(entry_size, fields))
