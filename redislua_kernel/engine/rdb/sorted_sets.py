"""Sorted sets in RDB form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from redislua_kernel.doubles import format_double
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import listpack, ziplist
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.signature import parse_float
from redislua_kernel.engine.types.sorted_set import LISTPACK, SortedSet

__all__ = ["KINDS", "READERS", "write"]

KINDS = (SortedSet,)

_ZSET, _ZSET_2, _ZIPLIST, _LISTPACK = 3, 5, 12, 17


def write(writer: Writer, value: SortedSet) -> None:
    """Write a sorted set in its form."""
    if value.form is LISTPACK:
        words = (word for score, member in value.order for word in (member, format_double(score)))
        writer.encoding(_LISTPACK)
        writer.string(listpack.encode(words))
        return
    writer.encoding(_ZSET_2)
    writer.length(len(value))
    for score, member in reversed(value.order):
        writer.string(member)
        writer.double(score)


def _read_zset(reader: Reader, journal: Journal) -> SortedSet:
    return _read_pairs(reader, journal, reader.decimal)


def _read_zset_2(reader: Reader, journal: Journal) -> SortedSet:
    return _read_pairs(reader, journal, reader.double)


def _read_pairs(reader: Reader, journal: Journal, score: Callable[[], float]) -> SortedSet:
    return _made(
        journal, [(reader.string(), score()) for _ in interruptible(range(reader.length()))]
    )


def _read_ziplist(reader: Reader, journal: Journal) -> SortedSet:
    return _made(journal, _paired(ziplist.decode(reader.string())))


def _read_listpack(reader: Reader, journal: Journal) -> SortedSet:
    return _made(journal, _paired(listpack.decode(reader.string())))


def _paired(words: list[bytes]) -> list[tuple[bytes, float]]:
    try:
        return [
            (member, parse_float(score))
            for member, score in zip(words[::2], words[1::2], strict=True)
        ]
    except (CommandError, ValueError):
        raise Corrupt("no pairs of member and score") from None


def _made(journal: Journal, pairs: Sequence[tuple[bytes, float]]) -> SortedSet:
    scores = dict(pairs)
    if not pairs or len(scores) < len(pairs) or any(map(isnan, scores.values())):
        raise Corrupt("no members, one twice, or a score that is none")
    return SortedSet.of(journal, scores)


READERS = {
    _ZSET: _read_zset,
    _ZSET_2: _read_zset_2,
    _ZIPLIST: _read_ziplist,
    _LISTPACK: _read_listpack,
}
