"""What scripts do to hashes, with one field or a few: see `quick` of `registry.command`.

This is for a hash that belongs to this database alone and whose fields do not expire, while nobody
is told of changes.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN, SAFE_DIGITS, ZERO
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.reply import OK, Status

__all__ = [
    "delete_field",
    "delete_fields",
    "increment_field",
    "read_fields",
    "set_field",
    "set_fields",
]


def set_field(db: Database, name: bytes, key: bytes, field: bytes, value: bytes) -> int | None:
    """Set a field; give how many are new."""
    entry, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        entry.__class__ is not Hash
        or entry.journal is not journal
        or entry.expires
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
        or len(value) > journal.limits.hash_short
    ):
        return None
    fields = entry.fields
    old = fields.get(field)
    if old is not None:
        db.undo.append((setitem, fields, field, old))
    elif len(fields) < journal.limits.hash_entries and len(field) <= journal.limits.hash_short:
        db.undo.append((delitem, fields, field))
    else:
        return None
    journal.calls.extend((db.index, journal.targets, name, key, field, value, None))
    fields[field] = value
    keyspace.dirty += 1
    return 1 if old is None else 0


def set_fields(*, says_ok: bool) -> Callable[..., int | Status | None]:
    """Give what sets several fields at once, for one form of HSET or the other."""

    def set_several_quickly(
        db: Database, name: bytes, key: bytes, *words: bytes
    ) -> int | Status | None:
        entry, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
        limits = journal.limits
        if (
            entry.__class__ is not Hash
            or entry.journal is not journal
            or entry.expires
            or keyspace.listeners
            or (key in db.expires and db._expire(key))
            or len(entry.fields) + len(words) // 2 > limits.hash_entries
        ):
            return None
        short = limits.hash_short
        for word in words:
            if len(word) > short:
                return None
        undo, fields, created = db.undo, entry.fields, 0
        for field, value in zip(words[::2], words[1::2], strict=True):
            old = fields.get(field)
            if old is not None:
                undo.append((setitem, fields, field, old))
            else:
                undo.append((delitem, fields, field))
                created += 1
            fields[field] = value
        journal.calls.extend([db.index, journal.targets, name, key, *words, None])
        keyspace.dirty += len(words) // 2
        return OK if says_ok else created

    return set_several_quickly


def read_fields(db: Database, key: bytes, *names: bytes) -> list[bytes | None] | None:
    """Read several fields."""
    entry = db.entries.get(key)
    if entry.__class__ is not Hash or entry.expires or key in db.expires:
        return None
    read = entry.fields.get
    return [read(name) for name in names]


def delete_field(db: Database, name: bytes, key: bytes, field: bytes) -> int | None:
    """Delete a field, and the key with the last one."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    entry = entries.get(key)
    if (
        entry.__class__ is not Hash
        or entry.journal is not journal
        or entry.expires
        or keyspace.listeners
        or key in db.expires
    ):
        return None
    fields = entry.fields
    if field not in fields:
        return 0
    if len(fields) == 1:  # nobody sees a hash again that has lost its place: it may keep the field
        db.undo.append((setitem, entries, key, entry))
        del entries[key]
    else:
        entry.delete(field)
    journal.calls.extend((db.index, journal.targets, name, key, field, None))
    keyspace.dirty += 1
    return 1


def delete_fields(db: Database, name: bytes, key: bytes, *names: bytes) -> int | None:
    """Delete several fields of a hash that has more."""
    entry, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        entry.__class__ is not Hash
        or entry.journal is not journal
        or entry.expires
        or keyspace.listeners
        or key in db.expires
        or len(entry.fields) <= len(names)  # it may lose all
    ):
        return None
    deleted = 0
    for field in names:
        if entry.delete(field):
            deleted += 1
    if deleted:
        journal.calls.extend([db.index, journal.targets, name, key, *names, None])
        keyspace.dirty += deleted
    return deleted


def increment_field(db: Database, name: bytes, key: bytes, field: bytes, by: int) -> int | None:
    """Add an integer to the one in a field."""
    entry, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        entry.__class__ is not Hash
        or entry.journal is not journal
        or entry.expires
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
    ):
        return None
    fields = entry.fields
    old = fields.get(field)
    # What parse_int takes at once, spelled out.
    if (
        old is None
        or not old.isdigit()
        or len(old) >= SAFE_DIGITS
        or (old[0] == ZERO and len(old) > 1)
    ):
        return None
    number = int(old) + by
    if not INT64_MIN <= number <= INT64_MAX:
        return None
    db.undo.append((setitem, fields, field, old))
    journal.calls.extend((db.index, journal.targets, name, key, field, by, None))
    fields[field] = f"{number}".encode()  # faster than b"%d"
    keyspace.dirty += 1
    return number
