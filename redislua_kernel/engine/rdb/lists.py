"""Lists in RDB form: a chain of listpacks, in which elements too long for one stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.limits import EncodingLimits
from redislua_kernel.engine.rdb import listpack, ziplist
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.list import List

__all__ = ["KINDS", "READERS", "write"]

KINDS = (List,)

_LIST, _ZIPLIST, _QUICKLIST, _QUICKLIST_2 = 1, 10, 14, 18
_PLAIN, _PACKED = 1, 2
#: What the reference takes an element's head and tail for when it asks whether there is room.
_OVERHEAD = 8


def write(writer: Writer, value: List) -> None:
    """Write a list."""
    limits = value.journal.limits
    nodes = list(_nodes(interruptible(value.items), limits))
    writer.byte(_QUICKLIST_2)
    writer.length(len(nodes))
    for node in nodes:
        if len(node) == 1 and len(node[0]) > limits.list_bytes:
            writer.length(_PLAIN)
            writer.string(node[0])
        else:
            writer.length(_PACKED)
            writer.string(listpack.encode(node))


def _nodes(items: Iterable[bytes], limits: EncodingLimits) -> Iterator[list[bytes]]:
    """Divide elements as the reference does when each is pushed at the tail."""
    node: list[bytes] = []
    size, overhead = listpack.EMPTY_SIZE, 0
    for item in items:
        is_full = size + len(item) + overhead > limits.list_bytes
        if node and (is_full or len(node) >= limits.list_entries):
            yield node
            node, size, overhead = [], listpack.EMPTY_SIZE, _OVERHEAD
        node.append(item)
        size += listpack.entry_size(item)
    yield node


def _read_list(reader: Reader, journal: Journal) -> List:
    return _made(journal, [reader.string() for _ in range(reader.length())])


def _read_ziplist(reader: Reader, journal: Journal) -> List:
    return _made(journal, ziplist.decode(reader.string()))


def _read_quicklist(reader: Reader, journal: Journal) -> List:
    nodes = (ziplist.decode(reader.string()) for _ in range(reader.length()))
    return _made(journal, [word for node in nodes for word in node])


def _read_quicklist_2(reader: Reader, journal: Journal) -> List:
    return _made(journal, [word for _ in range(reader.length()) for word in _read_node(reader)])


def _read_node(reader: Reader) -> list[bytes]:
    container = reader.length()
    data = reader.string()
    if container not in (_PLAIN, _PACKED) or not data:
        raise Corrupt("unknown kind of node")
    return [data] if container == _PLAIN else listpack.decode(data)


def _made(journal: Journal, items: list[bytes]) -> List:
    if not items:
        raise Corrupt("no elements")
    return List(journal, items)


READERS = {
    _LIST: _read_list,
    _ZIPLIST: _read_ziplist,
    _QUICKLIST: _read_quicklist,
    _QUICKLIST_2: _read_quicklist_2,
}
