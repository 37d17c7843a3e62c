"""What the quick ways of commands have in common: see `quick` of `InScripts`.

Each is for the easy case: a value that belongs to this database alone, at a key whose time is not
over, while nobody is told of changes. What stands here is written so that it is put into their
code: expressions of names, and statements that give nothing (see `scripting.calls.inlining`).
"""

from __future__ import annotations

from operator import delitem, setitem
from typing import TypeGuard, TypeVar

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.types.value import Stored, Value

__all__ = [
    "is_easy",
    "is_lasting",
    "is_over",
    "make_lasting",
    "note",
    "note_many",
    "put_new",
    "put_over",
    "take_away",
]

V = TypeVar("V", bound=Value)


def is_over(db: Database, key: bytes) -> bool:
    """Tell whether a key's time is over."""
    return key in db.expires and db.expires[key] < db.keyspace.now


def is_easy(value: Stored | None, kind: type[V], db: Database, key: bytes) -> TypeGuard[V]:
    """Tell whether what a key holds is of a kind, and may be changed with no more ado."""
    return (
        value.__class__ is kind
        and value.journal is db.journal
        and not db.keyspace.listeners
        and not is_over(db, key)
    )


def is_lasting(value: Stored | None, kind: type[V], db: Database, key: bytes) -> TypeGuard[V]:
    """Tell whether what a key holds is of a kind, and never expires: it may be read at once."""
    return value.__class__ is kind and key not in db.expires


def put_new(db: Database, key: bytes, value: bytes | Value) -> None:
    """Let a key that holds nothing hold something."""
    db.undo.append((delitem, db.entries, key))
    db.entries[key] = value


def put_over(db: Database, key: bytes, old: Stored, value: Stored) -> None:
    """Let a key hold something else than before."""
    db.undo.append((setitem, db.entries, key, old))
    db.entries[key] = value


def take_away(db: Database, key: bytes, value: Stored) -> None:
    """Delete a key that never expires.

    Nobody sees a collection again that has lost its place, so it may keep its last element.
    """
    db.undo.append((setitem, db.entries, key, value))
    del db.entries[key]


def make_lasting(db: Database, key: bytes) -> None:
    """Take the time of a key away."""
    db.undo.append((setitem, db.expires, key, db.expires[key]))
    del db.expires[key]


def note(db: Database, *words: bytes | int) -> None:
    """Note one change, and the command that replicates it."""
    journal = db.journal
    journal.calls.extend((db.index, journal.targets, *words, None))
    db.keyspace.dirty += 1


def note_many(db: Database, changes: int, *words: bytes | int) -> None:
    """Note some changes, and the command that replicates them."""
    journal = db.journal
    journal.calls.extend((db.index, journal.targets, *words, None))
    db.keyspace.dirty += changes
