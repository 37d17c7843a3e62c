"""What scripts do to hashes, with one field or a few, in the easy case: see `quick` of `InScripts`.

That is a hash whose fields do not expire.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.commands.quick import (
    is_easy,
    is_lasting,
    note,
    note_many,
    put_new,
    take_away,
)
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
    """Set a field, where there is no hash of a new one; give how many are new."""
    entry, limits = db.entries.get(key), db.journal.limits
    if entry is None:
        return _begin(db, name, key, field, value)
    if not is_easy(entry, Hash, db, key) or entry.expires or len(value) > limits.hash_short:
        return None
    fields = entry.fields
    old = fields.get(field)
    if old is not None:
        db.undo.append((setitem, fields, field, old))
    elif len(fields) < limits.hash_entries and len(field) <= limits.hash_short:
        db.undo.append((delitem, fields, field))
    else:
        return None
    fields[field] = value
    note(db, name, key, field, value)
    return 1 if old is None else 0


def _begin(db: Database, name: bytes, key: bytes, field: bytes, value: bytes) -> int | None:
    limits = db.journal.limits
    if db.keyspace.listeners or not limits.hash_entries:
        return None
    if len(field) > limits.hash_short or len(value) > limits.hash_short:
        return None
    entry = Hash(db.journal)
    entry.fields[field] = value
    put_new(db, key, entry)
    note(db, name, key, field, value)
    return 1


def set_fields(*, says_ok: bool) -> Callable[..., int | Status | None]:
    """Give what sets several fields at once, for one form of HSET or the other."""

    def set_several_quickly(
        db: Database, name: bytes, key: bytes, *words: bytes
    ) -> int | Status | None:
        entry, limits = db.entries.get(key), db.journal.limits
        if (
            not is_easy(entry, Hash, db, key)
            or entry.expires
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
        note_many(db, len(words) // 2, name, key, *words)
        return OK if says_ok else created

    return set_several_quickly


def read_fields(db: Database, key: bytes, *names: bytes) -> list[bytes | None] | None:
    """Read several fields."""
    entry = db.entries.get(key)
    if not is_lasting(entry, Hash, db, key) or entry.expires:
        return None
    read = entry.fields.get
    return [read(name) for name in names]


def delete_field(db: Database, name: bytes, key: bytes, field: bytes) -> int | None:
    """Delete a field, and the key with the last one."""
    entry = db.entries.get(key)
    if not is_easy(entry, Hash, db, key) or entry.expires:
        return None
    if field not in entry.fields:
        return 0
    if len(entry.fields) > 1:
        entry.delete(field)
    elif key in db.expires:
        return None
    else:
        take_away(db, key, entry)
    note(db, name, key, field)
    return 1


def delete_fields(db: Database, name: bytes, key: bytes, *names: bytes) -> int | None:
    """Delete several fields of a hash that has more."""
    entry = db.entries.get(key)
    if not is_easy(entry, Hash, db, key) or entry.expires or len(entry.fields) <= len(names):
        return None
    deleted = 0
    for field in names:
        if entry.delete(field):
            deleted += 1
    if deleted:
        note_many(db, deleted, name, key, *names)
    return deleted


def increment_field(db: Database, name: bytes, key: bytes, field: bytes, by: int) -> int | None:
    """Add an integer to the one in a field."""
    entry = db.entries.get(key)
    if not is_easy(entry, Hash, db, key) or entry.expires:
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
    fields[field] = f"{number}".encode()  # faster than b"%d"
    note(db, name, key, field, by)
    return number
