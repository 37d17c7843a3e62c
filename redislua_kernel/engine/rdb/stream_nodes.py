"""A stream's node as a listpack.

It begins with the master entry: how many entries are there and how many are deleted, then the
names of the first one's fields. Each entry has flags, its id as the difference to the node's, its
fields (only their values if the names are the master's), and the number of its elements.
"""

from __future__ import annotations

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.rdb import listpack
from redislua_kernel.engine.rdb.reader import Corrupt
from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.engine.types.stream_node import Fields, Node

__all__ = ["decode_node", "encode_node"]

_DELETED, _SAME_FIELDS = 1, 2
_ID_MASK = (1 << 64) - 1


def encode_node(node: Node) -> bytes:
    """Give the listpack of a node, without its deleted entries."""
    integer, word, names = listpack.encode_integer, listpack.encode_entry, node.names
    zero, same_fields = integer(0), integer(_SAME_FIELDS)
    size_of_same = integer(len(names) + 3)
    first_ms, first_sequence = node.first
    entries = [integer(len(node.ids)), zero, integer(len(names)), *map(word, names), zero]
    for (ms, sequence), fields in zip(node.ids, node.fields, strict=True):
        same = fields[::2] == names
        entries += (
            same_fields if same else zero,
            integer(_signed(ms - first_ms)),
            integer(_signed(sequence - first_sequence)),
        )
        if same:
            entries += map(word, fields[1::2])
            entries.append(size_of_same)
        else:
            entries.append(integer(len(fields) // 2))
            entries += map(word, fields)
            entries.append(integer(len(fields) + 4))
    return listpack.packed(entries)


def decode_node(first: Id, data: bytes) -> Node:
    """Give a node from its first id and its listpack. Raises `Corrupt`."""
    words = _Words(listpack.decode(data))
    live, deleted = words.integer(), words.integer()
    node = Node(first, words.take(words.integer()))
    if words.integer() or min(live, deleted) < 0:
        raise Corrupt("no master entry")
    for _ in range(live + deleted):
        start, flags = words.place, words.integer()
        entry_id = words.integer() + first[0] & _ID_MASK, words.integer() + first[1] & _ID_MASK
        fields = words.fields(node.names if flags & _SAME_FIELDS else None)
        if words.place - start != words.integer():
            raise Corrupt("another number of elements")
        if not flags & _DELETED:
            node.append(entry_id, fields, 0)
        node.last = entry_id
    node.deleted = deleted
    node.measure(len(data) - sum(map(listpack.integer_size, (live, deleted))))
    if len(node.ids) != live or words.place != len(words.words):
        raise Corrupt("another number of entries")
    return node


class _Words:
    """Goes through the words of a node."""

    def __init__(self, words: list[bytes]) -> None:
        self.words = words
        self.place = 0

    def take(self, count: int) -> Fields:
        end = self.place + count
        if count < 0 or end > len(self.words):
            raise Corrupt("cut off")
        taken = tuple(self.words[self.place : end])
        self.place = end
        return taken

    def integer(self) -> int:
        number = as_integer(self.take(1)[0])
        if number is None:
            raise Corrupt("not an integer")
        return number

    def fields(self, names: Fields | None) -> Fields:
        """Take names and values in turn; given the names, the values alone."""
        if names is None:
            return self.take(2 * self.integer())
        values = self.take(len(names))
        return tuple(word for pair in zip(names, values, strict=True) for word in pair)


def _signed(number: int) -> int:
    """Give a difference of ids as the 64-bit integer it is kept as."""
    number &= _ID_MASK
    return number - (1 << 64) if number >> 63 else number
