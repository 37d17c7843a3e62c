"""Sets in RDB form."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import intset, listpack
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.set import INTSET, LISTPACK, Set

__all__ = ["KINDS", "READERS", "write"]

KINDS = (Set,)

_SET, _INTSET, _LISTPACK = 2, 11, 20


def write(writer: Writer, value: Set) -> None:
    """Write a set in its form."""
    if value.form is INTSET:
        writer.encoding(_INTSET)
        writer.string(intset.encode([int(member) for member in value]))
    elif value.form is LISTPACK:
        writer.encoding(_LISTPACK)
        writer.string(listpack.encode(value))
    else:
        writer.encoding(_SET)
        writer.length(len(value))
        writer.strings(value)


def _read_set(reader: Reader, journal: Journal) -> Set:
    members = _different(reader.strings(reader.length()))
    return Set.of(journal, members)


def _read_intset(reader: Reader, journal: Journal) -> Set:
    members = [b"%d" % number for number in intset.decode(reader.string())]
    return Set.in_form(journal, INTSET, members)


def _read_listpack(reader: Reader, journal: Journal) -> Set:
    members = _different(listpack.decode(reader.string()))
    return Set.in_form(journal, LISTPACK, members)


def _different(members: Sequence[bytes]) -> Sequence[bytes]:
    if not members or len(set(members)) < len(members):
        raise Corrupt("no members, or one twice")
    return members


READERS = {_SET: _read_set, _INTSET: _read_intset, _LISTPACK: _read_listpack}
