"""What differs between two states of the keyspace: key by key, and part by part of each value.

A part is a field of a hash, a member, an element of a list, an entry of a stream, or the whole
of a string. The states are `Keyspace.fork`s: what both share was not changed, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value, as_value, type_of
from redislua_kernel.engine.words import quote
from redislua_kernel.reply import format_double

__all__ = ["KeyChange", "PartChange", "changes"]

#: Longer lists are compared place by place: finding what moved costs the square of the length.
LONGEST_MATCHED = 2000

Parts = dict[bytes, bytes]


@dataclass(frozen=True)
class PartChange:
    """One part of a value; None where it is not there. `name` is empty for a whole string."""

    name: bytes
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class KeyChange:
    """One key that differs; its types and times of expiry (milliseconds since the epoch).

    A type is None where there is no such key, a time None where it does not expire.
    """

    database: int
    key: bytes
    type_before: str | None
    type_after: str | None
    expires_before: int | None
    expires_after: int | None
    parts: tuple[PartChange, ...]


def changes(before: Keyspace, after: Keyspace) -> Iterator[KeyChange]:
    """Give the keys that differ, database by database, in the order of their names."""
    for old, new in zip(before.databases, after.databases, strict=True):
        touched = [
            key
            for key in old.entries.keys() | new.entries.keys()
            if old.entries.get(key) is not new.entries.get(key)
            or old.expires.get(key) != new.expires.get(key)
        ]
        for key in sorted(touched):
            change = _change(old, new, key)
            if change is not None:
                yield change


def _change(old: Database, new: Database, key: bytes) -> KeyChange | None:
    was, now = _value(old, key), _value(new, key)
    type_before, type_after = _type(was), _type(now)
    if was is now:
        parts = []
    elif isinstance(was, List) and isinstance(now, List):
        parts = list(_compare_lists(list(was.items), list(now.items)))
    else:
        before, after = _parts(was), _parts(now)
        if type_before != type_after:
            parts = [PartChange(name, value, None) for name, value in before.items()]
            parts += [PartChange(name, None, value) for name, value in after.items()]
        else:
            parts = list(_compare(before, after))
    expires_before, expires_after = old.expires.get(key), new.expires.get(key)
    if not parts and type_before == type_after and expires_before == expires_after:
        return None  # written with what it held
    return KeyChange(
        new.index, key, type_before, type_after, expires_before, expires_after, tuple(parts)
    )


def _value(database: Database, key: bytes) -> bytes | Value | None:
    stored = database.entries.get(key)
    return None if stored is None else as_value(stored, database.journal)


def _type(value: bytes | Value | None) -> str | None:
    return None if value is None else type_of(value).decode()


def _parts(value: bytes | Value | None) -> Parts:
    """Give a value as its parts by name."""
    if value is None:
        return {}
    if isinstance(value, bytes):
        return {b"": value}
    if isinstance(value, RawString):
        return {b"": bytes(value.data)}
    if isinstance(value, Hash):
        return value.fields
    if isinstance(value, Set):
        return dict.fromkeys(value, b"")
    if isinstance(value, SortedSet):
        return {member: format_double(score) for member, score in value.scores.items()}
    if isinstance(value, List):
        return _numbered(list(value.items))
    assert isinstance(value, Stream)
    return {
        b"%d-%d" % entry_id: b" ".join(map(quote, fields)) for entry_id, fields in value.range()
    }


def _compare(before: Parts, after: Parts) -> Iterator[PartChange]:
    for name, value in before.items():
        if after.get(name) != value:
            yield PartChange(name, value, after.get(name))
    for name, value in after.items():
        if name not in before:
            yield PartChange(name, None, value)


def _compare_lists(before: list[bytes], after: list[bytes]) -> Iterator[PartChange]:
    """Compare lists so that an element which only moved along is no change."""
    if max(len(before), len(after)) > LONGEST_MATCHED:
        yield from _compare(_numbered(before), _numbered(after))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for how, start, end, new_start, new_end in matcher.get_opcodes():
        if how != "equal":
            for place in range(start, end):
                yield PartChange(b"%d" % place, before[place], None)
            for place in range(new_start, new_end):
                yield PartChange(b"%d" % place, None, after[place])


def _numbered(elements: list[bytes]) -> Parts:
    return {b"%d" % place: element for place, element in enumerate(elements)}
