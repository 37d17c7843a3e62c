"""Lists in RDB form: a chain of listpacks, in which elements too long for one stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import listpack, ziplist
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.settings.encoding_limits import EncodingLimits
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
    writer.encoding(_QUICKLIST_2)
    writer.length(len(nodes))
    for container, data in nodes:
        writer.length(container)
        writer.string(data)


def _nodes(items: Iterable[bytes], limits: EncodingLimits) -> Iterator[tuple[int, bytes]]:
    """Divide elements as the reference does when each is pushed at the tail."""
    entries: list[bytes] = []
    size, overhead = listpack.EMPTY_SIZE, 0
    encode = listpack.encode_entry
    most_bytes, most_entries = limits.list_bytes, limits.list_entries
    for item in items:
        is_full = size + len(item) + overhead > most_bytes
        if entries and (is_full or len(entries) >= most_entries):
            yield _PACKED, listpack.packed(entries)
            entries, size, overhead = [], listpack.EMPTY_SIZE, _OVERHEAD
        if len(item) > most_bytes:
            yield _PLAIN, item
            overhead = _OVERHEAD
            continue
        entry = encode(item)
        entries.append(entry)
        size += len(entry)
    if entries:
        yield _PACKED, listpack.packed(entries)


def _read_list(reader: Reader, journal: Journal) -> List:
    return _made(journal, reader.strings(reader.length()))


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
