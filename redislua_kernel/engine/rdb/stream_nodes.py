"""A stream's node as a listpack.

It begins with the master entry: how many entries are there and how many are deleted, then the
names of the first one's fields. Each entry has flags, its id as the difference to the node's, its
fields (only their values if the names are the master's), and the number of its elements.
"""

from __future__ import annotations

from itertools import chain

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.rdb import listpack
from redislua_kernel.engine.rdb.reader import Corrupt
from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.engine.types.stream_node import Node

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
    try:
        return _read_node(first, data, listpack.decode(data))
    except IndexError:
        raise Corrupt("cut off") from None


def _read_node(first: Id, data: bytes, words: list[bytes]) -> Node:
    integers, end = _Integers(), len(words)
    live, deleted, width = integers[words[0]], integers[words[1]], integers[words[2]]
    place = 3 + width
    if width < 0 or min(live, deleted) < 0 or integers[words[place]]:
        raise Corrupt("no master entry")
    names = tuple(words[3:place])
    node = Node(first, names)
    first_ms, first_sequence = first
    place += 1
    for _ in range(live + deleted):
        start, flags = place, integers[words[place]]
        entry_id = (
            integers[words[place + 1]] + first_ms & _ID_MASK,
            integers[words[place + 2]] + first_sequence & _ID_MASK,
        )
        if flags & _SAME_FIELDS:
            place += 3 + width
            fields = words[start + 3 : place]
        else:
            place += 4 + 2 * integers[words[place + 3]]
            fields = words[start + 4 : place]
        if not start + 3 <= place < end or integers[words[place]] != place - start:
            raise Corrupt("another number of elements")
        place += 1
        if not flags & _DELETED:
            if flags & _SAME_FIELDS:
                fields = list(chain.from_iterable(zip(names, fields, strict=True)))
            node.append(entry_id, tuple(fields), 0)
        node.last = entry_id
    node.deleted = deleted
    node.measure(len(data) - sum(map(listpack.integer_size, (live, deleted))))
    if len(node.ids) != live or place != end:
        raise Corrupt("another number of entries")
    return node


class _Integers(dict[bytes, int]):
    """The integers that words of a node stand for: most of them come again and again."""

    def __missing__(self, word: bytes) -> int:
        number = as_integer(word)
        if number is None:
            raise Corrupt("not an integer")
        self[word] = number
        return number


def _signed(number: int) -> int:
    """Give a difference of ids as the 64-bit integer it is kept as."""
    number &= _ID_MASK
    return number - (1 << 64) if number >> 63 else number
