"""Hashes in RDB form: with the times at which fields expire where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import listpack, ziplist, zipmap
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.hash import NEVER, Hash

__all__ = ["KINDS", "READERS", "write"]

KINDS = (Hash,)

_HASH, _ZIPMAP, _ZIPLIST, _LISTPACK = 4, 9, 13, 16
#: With times; the PRE_GA ones were written by release candidates of Redis 7.4.
_METADATA_PRE_GA, _LISTPACK_EX_PRE_GA, _METADATA, _LISTPACK_EX = 22, 23, 24, 25

#: The latest time at which a field can expire.
_LATEST = (1 << 48) - 1

#: A field, its value, and when it expires; 0: never.
_Item = tuple[bytes, bytes, int]


def write(writer: Writer, value: Hash) -> None:
    """Write a hash in its form."""
    if value.big and value.expires:
        _write_metadata(writer, value)
    elif value.big:
        writer.encoding(_HASH)
        writer.length(len(value))
        writer.strings(chain.from_iterable(value.fields.items()))
    elif value.volatile:
        writer.encoding(_LISTPACK_EX)
        writer.milliseconds(min(value.expires.values(), default=0))
        words = (
            word for field, content, at in _items(value) for word in (field, content, b"%d" % at)
        )
        writer.string(listpack.encode(words))
    else:
        writer.encoding(_LISTPACK)
        writer.string(listpack.encode(chain.from_iterable(value.fields.items())))


def _write_metadata(writer: Writer, value: Hash) -> None:
    """Write fields behind their times, which count from the soonest one."""
    soonest = min(value.expires.values())
    writer.encoding(_METADATA)
    writer.milliseconds(soonest)
    writer.length(len(value))
    for field, content, at in _items(value):
        writer.length(at and at - soonest + 1)
        writer.strings((field, content))


def _items(value: Hash) -> Iterator[_Item]:
    expires = value.expires
    for field, content in value.fields.items():
        yield field, content, expires.get(field, 0)


def _read_hash(reader: Reader, journal: Journal) -> Hash:
    return _made(journal, _paired(reader.strings(2 * reader.length())))


def _read_zipmap(reader: Reader, journal: Journal) -> Hash:
    return _made(journal, _paired(zipmap.decode(reader.string())))


def _read_ziplist(reader: Reader, journal: Journal) -> Hash:
    return _made(journal, _paired(ziplist.decode(reader.string())))


def _read_listpack(reader: Reader, journal: Journal) -> Hash:
    return _made(journal, _paired(listpack.decode(reader.string())))


def _paired(words: list[bytes]) -> list[_Item]:
    if len(words) % 2:
        raise Corrupt("a field without a value")
    return [(field, value, 0) for field, value in zip(words[::2], words[1::2], strict=True)]


def _read_metadata(reader: Reader, journal: Journal, *, has_soonest: bool) -> Hash:
    base = reader.milliseconds() - 1 if has_soonest else 0
    items = []
    for _ in interruptible(range(reader.length())):
        at = reader.length()
        items.append((reader.string(), reader.string(), at and at + base))
    return _made(journal, items, volatile=True)


def _read_listpack_ex(reader: Reader, journal: Journal, *, has_soonest: bool) -> Hash:
    if has_soonest:
        reader.milliseconds()
    words = listpack.decode(reader.string())
    if len(words) % 3:
        raise Corrupt("a field without a value or a time")
    items = []
    for place in range(0, len(words), 3):
        at = as_integer(words[place + 2])
        if at is None:
            raise Corrupt("not a time")
        items.append((words[place], words[place + 1], at))
    times = [at or NEVER for _, _, at in items]
    if times != sorted(times):
        raise Corrupt("not in the order of their times")
    return _made(journal, items, volatile=True)


def _made(journal: Journal, items: Sequence[_Item], *, volatile: bool = False) -> Hash:
    fields = {field: value for field, value, _ in items}
    if not items or len(fields) < len(items):
        raise Corrupt("no fields, or one twice")
    if any(not 0 <= at <= _LATEST for _, _, at in items):
        raise Corrupt("a time that cannot be")
    expires = {field: at for field, _, at in items if at}
    return Hash.of(journal, fields, expires, volatile=volatile)


READERS = {
    _HASH: _read_hash,
    _ZIPMAP: _read_zipmap,
    _ZIPLIST: _read_ziplist,
    _LISTPACK: _read_listpack,
    _METADATA_PRE_GA: partial(_read_metadata, has_soonest=False),
    _LISTPACK_EX_PRE_GA: partial(_read_listpack_ex, has_soonest=False),
    _METADATA: partial(_read_metadata, has_soonest=True),
    _LISTPACK_EX: partial(_read_listpack_ex, has_soonest=True),
}
