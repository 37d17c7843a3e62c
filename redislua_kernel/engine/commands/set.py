"""Sets."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands import set_quick
from redislua_kernel.engine.commands.random_elements import draw_reply
from redislua_kernel.engine.counts import parse_count, parse_signed_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import MUST_BE_POSITIVE, SYNTAX_ERROR
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.scan import parse_cursor, parse_scan_options, scan
from redislua_kernel.engine.signature import Key, Words
from redislua_kernel.engine.types.set import HASHTABLE, Set
from redislua_kernel.reply import Reply, SetReply

#: SREM takes this many members in one effect of SPOP.
_EFFECT_SIZE = 1024


@command(
    "SADD",
    flags="write denyoom fast",
    group="set",
    since="1.0.0",
    complexity="O(N) where N is the number of members to add.",
    in_scripts=InScripts(quick=set_quick.add_member, several=set_quick.add_members),
)
def sadd(db: Database, key: Key, *members: bytes) -> int:
    """Add members to a set; give how many were new."""
    if len(members) > 1 and key not in db.entries:
        begun = Set.begun(db.journal, members)
        if begun is not None:
            db.put_made(key, begun)
            db.changed(key, b"sadd", len(begun))
            return len(begun)
    value = db.edit_or_create(key, Set)
    if len(members) == 1 and value.members:
        added = 1 if value.add(members[0]) else 0
    else:
        value.expect(len(members), members[0])
        added = sum(map(value.add, interruptible(members)))
    if added:
        db.changed(key, b"sadd", added)
    return added


@command(
    "SREM",
    flags="write fast",
    group="set",
    since="1.0.0",
    complexity="O(N) where N is the number of members to remove.",
    in_scripts=InScripts(quick=set_quick.remove_member, several=set_quick.remove_members),
)
def srem(db: Database, key: Key, *members: bytes) -> int:
    """Remove members from a set; give how many were in it."""
    value = db.edit(key, Set)
    if value is None:
        return 0
    removed = sum(map(value.remove, interruptible(members)))
    if removed:
        db.changed(key, b"srem", removed)
        db.remove_if_empty(key, value)
    return removed


@command("SISMEMBER", flags="readonly fast", group="set", since="1.0.0", complexity="O(1)")
def sismember(db: Database, key: Key, member: bytes) -> int:
    """Tell whether a member is in a set."""
    value = db.entries.get(key)
    if value.__class__ is not Set or key in db.expires:
        value = db.lookup(key, Set)
        if value is None:
            return 0
    return 1 if member in value.members else 0


@command(
    "SMISMEMBER",
    flags="readonly fast",
    group="set",
    since="6.2.0",
    complexity="O(N) where N is the number of members asked for.",
)
def smismember(db: Database, key: Key, *members: bytes) -> list[int]:
    """Tell of each member whether it is in a set."""
    value = db.lookup(key, Set)
    return [int(value is not None and member in value.members) for member in members]


@command("SCARD", flags="readonly fast", group="set", since="1.0.0", complexity="O(1)")
def scard(db: Database, key: Key) -> int:
    """Give the number of members of a set."""
    value = db.entries.get(key)
    if value.__class__ is not Set or key in db.expires:
        value = db.lookup(key, Set)
        if value is None:
            return 0
    return len(value.members)


@command(
    "SMEMBERS",
    flags="readonly",
    group="set",
    since="1.0.0",
    complexity="O(N) where N is the number of members.",
)
def smembers(db: Database, key: Key) -> SetReply:
    """Give every member of a set."""
    value = db.lookup(key, Set)
    return SetReply() if value is None else SetReply(value.table())


@command(
    "SMOVE",
    flags="write fast",
    group="set",
    since="1.0.0",
    complexity="O(1)",
    in_scripts=InScripts(quick=set_quick.move_member),
)
def smove(db: Database, source: Key, destination: Key, member: bytes) -> int:
    """Move a member from one set to another; tell whether it was in the first."""
    for key in (source, destination):
        db.exists(key)  # what has expired goes, even if nothing can be moved
    origin = db.lookup(source, Set)
    if origin is None:
        return 0
    db.lookup(destination, Set)
    if source == destination:
        return int(member in origin)
    origin = db.edit(source, Set)
    if origin is None or not origin.remove(member):
        return 0
    db.changed(source, b"srem")
    db.remove_if_empty(source, origin)
    target = db.edit_or_create(destination, Set)
    target.expect(1, member)
    if target.add(member):
        db.changed(destination, b"sadd")
    return 1


@command(
    "SPOP",
    flags="write fast",
    group="set",
    since="1.0.0",
    complexity="O(N) where N is the count.",
    in_scripts=InScripts(quick=set_quick.pop_member),
)
def spop(db: Database, key: Key, *count: Words) -> Reply:
    """Remove a random member of a set and give it, or several with a count."""
    if len(count) > 1:
        raise SYNTAX_ERROR
    if count:
        return _pop_many(db, key, parse_count(count[0], MUST_BE_POSITIVE))
    value = db.edit(key, Set)
    if value is None:
        return None
    member = value.pop(db.keyspace.random)
    db.changed(key, b"spop")
    db.effect(b"SREM", key, member)
    db.remove_if_empty(key, value)
    return member


def _pop_many(db: Database, key: bytes, count: int) -> SetReply:
    value = db.edit(key, Set)
    if value is None or not count:
        return SetReply()
    if count >= len(value):
        members = list(Set.of(db.journal, value))
        db.remove(key)
        db.changed(key, b"spop", len(members))
        db.announce(key, b"del")
        db.effect(b"DEL", key)
        return SetReply(members)
    members = value.pop_many(count, db.keyspace.random)
    db.changed(key, b"spop", count)
    for start in interruptible(range(0, count, _EFFECT_SIZE)):
        db.sure_effect(b"SREM", key, *members[start : start + _EFFECT_SIZE])
    return SetReply(members)


@command(
    "SRANDMEMBER",
    flags="readonly",
    group="set",
    since="1.0.0",
    complexity="O(N) where N is the absolute value of the count.",
)
def srandmember(client: Client, key: Key, *count: Words) -> Reply:
    """Give a random member of a set, or several with a count; a negative count lets them repeat."""
    if len(count) > 1:
        raise SYNTAX_ERROR
    number = parse_signed_count(count[0]) if count else None
    value = client.db.lookup(key, Set)
    random = client.db.keyspace.random
    if number is None:
        return None if value is None else value.random(random)
    if value is None or not number:
        return []
    if number < 0:
        return draw_reply(client, value.drawable(), -number)
    return value.sample(number, random)


@command(
    "SSCAN",
    flags="readonly",
    group="set",
    since="2.8.0",
    complexity="O(1) a call, O(N) for the N members of a whole iteration.",
)
def sscan(db: Database, key: Key, cursor: bytes, *options: Words) -> Reply:
    """Walk through the members of a set, some at each call."""
    start = parse_cursor(cursor)
    value = db.lookup(key, Set)
    if value is None:
        return [b"0", []]
    chosen = parse_scan_options(options)
    if value.form is not HASHTABLE:
        return [b"0", list(chosen.select(value))]
    following, members = scan(db, value.members, start, chosen.count)
    return [b"%d" % following, list(chosen.select(members))]
