"""What scripts do to sets, with one member or a few, in the easy case.

See `quick` of `InScripts`.
"""

from __future__ import annotations

from redislua_kernel.engine.commands.quick import is_easy, note, note_many, put_new, take_away
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.types.set import Set

__all__ = [
    "add_member",
    "add_members",
    "move_member",
    "pop_member",
    "remove_member",
    "remove_members",
]


def add_member(db: Database, name: bytes, key: bytes, member: bytes) -> int | None:
    """Add a member; where there is no set, make one."""
    value = db.entries.get(key)
    if len(member) >= LONG:
        return None
    if value is None:
        if db.keyspace.listeners:
            return None
        put_new(db, key, Set.alone(db.journal, member))
    elif not is_easy(value, Set, db, key):
        return None
    elif member in value.members:
        return 0
    else:
        value.add(member)
    note(db, name, key, member)
    return 1


def add_members(db: Database, name: bytes, key: bytes, *members: bytes) -> int | None:
    """Add members to a set that is there."""
    value = db.entries.get(key)
    if not is_easy(value, Set, db, key):
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
        note_many(db, added, name, key, *members)
    return added


def remove_member(db: Database, name: bytes, key: bytes, member: bytes) -> int | None:
    """Remove a member, and the key with the last one."""
    value = db.entries.get(key)
    if not is_easy(value, Set, db, key):
        return None
    if member not in value.members:
        return 0
    if len(value.members) > 1:
        value.remove(member)
    elif key in db.expires:
        return None
    else:
        take_away(db, key, value)
    note(db, name, key, member)
    return 1


def remove_members(db: Database, name: bytes, key: bytes, *members: bytes) -> int | None:
    """Remove members of a set that keeps some."""
    value = db.entries.get(key)
    if not is_easy(value, Set, db, key) or len(value.members) <= len(members):
        return None
    removed = 0
    for member in members:
        if value.remove(member):
            removed += 1
    if removed:
        note_many(db, removed, name, key, *members)
    return removed


def pop_member(db: Database, name: bytes, key: bytes) -> bytes | None:
    """Remove a random member, and the key with the last one; SREM is what that replicates."""
    value = db.entries.get(key)
    if not is_easy(value, Set, db, key) or (len(value.members) == 1 and key in db.expires):
        return None
    member = value.random(db.keyspace.random)
    if len(value.members) > 1:
        value.remove(member)
    else:
        take_away(db, key, value)
    note(db, b"SREM", key, member)
    return member


def move_member(
    db: Database, name: bytes, source: bytes, destination: bytes, member: bytes
) -> int | None:
    """Move a member to another set, which is made where there is none."""
    origin, target = db.entries.get(source), db.entries.get(destination)
    if not is_easy(origin, Set, db, source) or source in db.expires or origin is target:
        return None
    if target is not None and not is_easy(target, Set, db, destination):
        return None
    if member not in origin.members:
        return 0
    if len(origin.members) > 1:
        origin.remove(member)
    else:
        take_away(db, source, origin)
    added = True
    if target is None:
        put_new(db, destination, Set.alone(db.journal, member))
    else:
        added = target.add(member)
    note_many(db, 1 + added, name, source, destination, member)
    return 1
