"""What scripts do to sets, with one member or a few: see `quick` of `registry.command`.

This is for a set that belongs to this database alone, while nobody is told of changes.
"""

from __future__ import annotations

from operator import delitem, setitem

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.types.set import Set

__all__ = ["add_member", "add_members", "pop_member", "remove_member", "remove_members"]


def add_member(db: Database, name: bytes, key: bytes, member: bytes) -> int | None:
    """Add a member; where there is no set, make one."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    value = entries.get(key)
    if keyspace.listeners or len(member) >= LONG:
        return None
    if value is None:
        db.undo.append((delitem, entries, key))
        entries[key] = Set.alone(journal, member)
    elif (
        value.__class__ is not Set
        or value.journal is not journal
        or (key in db.expires and db._expire(key))
    ):
        return None
    elif member in value.members:
        return 0
    else:
        value.add(member)
    journal.calls.extend((db.index, journal.targets, name, key, member, None))
    keyspace.dirty += 1
    return 1


def add_members(db: Database, name: bytes, key: bytes, *members: bytes) -> int | None:
    """Add members to a set that is there."""
    value, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        value.__class__ is not Set
        or value.journal is not journal
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
    ):
        return None
    for member in members:
        if len(member) >= LONG:
            return None
    value.expect(len(members), members[0])
    added = 0
    for member in members:
        if value.add(member):
            added += 1
    if added:
        journal.calls.extend([db.index, journal.targets, name, key, *members, None])
        keyspace.dirty += added
    return added


def remove_member(db: Database, name: bytes, key: bytes, member: bytes) -> int | None:
    """Remove a member, and the key with the last one."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    value = entries.get(key)
    if (
        value.__class__ is not Set
        or value.journal is not journal
        or keyspace.listeners
        or (key in db.expires and (len(value.members) == 1 or db._expire(key)))
    ):
        return None
    if member not in value.members:
        return 0
    if len(value.members) == 1:  # taken with its key, which is all that is to be undone
        db.undo.append((setitem, entries, key, value))
        del entries[key]
    else:
        value.remove(member)
    journal.calls.extend((db.index, journal.targets, name, key, member, None))
    keyspace.dirty += 1
    return 1


def remove_members(db: Database, name: bytes, key: bytes, *members: bytes) -> int | None:
    """Remove members of a set that keeps some."""
    value, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        value.__class__ is not Set
        or value.journal is not journal
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
        or len(value.members) <= len(members)
    ):
        return None
    removed = 0
    for member in members:
        if value.remove(member):
            removed += 1
    if removed:
        journal.calls.extend([db.index, journal.targets, name, key, *members, None])
        keyspace.dirty += removed
    return removed


def pop_member(db: Database, name: bytes, key: bytes) -> bytes | None:
    """Remove a random member, and the key with the last one; SREM is what that replicates."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    value = entries.get(key)
    if (
        value.__class__ is not Set
        or value.journal is not journal
        or keyspace.listeners
        or (key in db.expires and (len(value.members) == 1 or db._expire(key)))
    ):
        return None
    member = value.random(keyspace.random)
    if len(value.members) == 1:
        db.undo.append((setitem, entries, key, value))
        del entries[key]
    else:
        value.remove(member)
    journal.calls.extend((db.index, journal.targets, b"SREM", key, member, None))
    keyspace.dirty += 1
    return member
