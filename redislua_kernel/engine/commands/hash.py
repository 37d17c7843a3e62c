"""Hashes."""

from __future__ import annotations

from collections.abc import Sequence
from operator import delitem
from typing import Annotated

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands import hash_quick
from redislua_kernel.engine.commands.random_elements import draw_reply
from redislua_kernel.engine.counts import parse_signed_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.draws import sample
from redislua_kernel.engine.errors import (
    INCREMENT_OVERFLOW,
    OUT_OF_RANGE,
    SYNTAX_ERROR,
    CommandError,
)
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.long_doubles import (
    add_long_doubles,
    format_long_double,
    is_finite,
    parse_long_double,
)
from redislua_kernel.engine.long_elements import ELEMENTS, LONG
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.scan import parse_cursor, parse_scan_options, scan
from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN, Group, Int, Key, Words, parse_int
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.reply import OK, Pairs, Reply

__all__ = ["edit_hash", "edit_or_create_hash", "read_hash"]

#: A part of the fields this many times less than all is drawn without listing them.
_FEW = 8

FieldValue = Annotated[bytes, Group(2)]

NOT_AN_INTEGER = CommandError("ERR hash value is not an integer")
NOT_A_FLOAT = CommandError("ERR hash value is not a float")
NOT_FINITE = CommandError("ERR value is NaN or Infinity")


def read_hash(db: Database, key: bytes) -> Hash | None:
    """Give the hash at a key without its expired fields; None if there is none."""
    # Database.lookup, spelled out for a hash whose fields do not expire.
    value = db.entries.get(key)
    if value is None:
        return None
    if value.__class__ is Hash and not value.expires:
        is_over = key in db.expires and db.expires[key] < db.keyspace.now
        return None if is_over and db._expire(key) else value
    value = db.lookup(key, Hash)
    if value is not None and value.expires and _purge(db, key, value):
        return db.lookup(key, Hash)
    return value


def edit_hash(db: Database, key: bytes) -> Hash | None:
    """Give the hash at a key for changes in place; None if there is none."""
    # Database.edit, spelled out for a hash whose fields do not expire.
    value = db.entries.get(key)
    if value is None:
        return None
    if value.__class__ is Hash and value.journal is db.journal and not value.expires:
        is_over = key in db.expires and db.expires[key] < db.keyspace.now
        return None if is_over and db._expire(key) else value
    value = db.edit(key, Hash)
    if value is not None and value.expires and _purge(db, key, value):
        return db.edit(key, Hash)
    return value


def edit_or_create_hash(db: Database, key: bytes) -> Hash:
    """Give the hash at a key for changes in place, made empty where there is none."""
    entries = db.entries
    entry = entries.get(key)
    if entry is None:
        entry = entries[key] = Hash(db.journal)
        db.undo.append((delitem, entries, key))
        return entry
    if (
        entry.__class__ is Hash
        and entry.journal is db.journal
        and not entry.expires
        and not (key in db.expires and db.expires[key] < db.keyspace.now)
    ):
        return entry
    value = db.edit_or_create(key, Hash)
    if value.expires and _purge(db, key, value):
        return db.edit_or_create(key, Hash)
    return value


def _purge(db: Database, key: bytes, value: Hash) -> bool:
    """Delete a hash's expired fields, and the key with the last of them; tell whether any were."""
    now = db.keyspace.now
    if now <= value.soonest:
        return False
    owned = db.edit(key, Hash)
    assert owned is not None
    expired = owned.purge(now)
    if not expired:
        return False
    for field in expired:
        db.journal.replicate_expiry(db.index, b"HDEL", key, field)
    db.announce(key, b"hexpired")
    db.remove_if_empty(key, owned)
    return True


def _set_one(db: Database, key: bytes, field: bytes, value: bytes) -> int:
    # Database.edit and Database.changed, spelled out: what scripts do most to hashes.
    entry = db.entries.get(key)
    if (
        entry.__class__ is not Hash
        or entry.journal is not db.journal
        or entry.expires
        or (key in db.expires and db.expires[key] < db.keyspace.now)
    ):
        entry = edit_or_create_hash(db, key)
    is_new = entry.set(field, value)
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"hset")
    return 1 if is_new else 0


def _set_all(db: Database, key: bytes, words: Sequence[bytes]) -> int:
    """Set fields, each with the value behind it; give how many of them are new."""
    if key in db.entries:
        value = edit_or_create_hash(db, key)
        created = value.set_all(words)
    else:
        value = Hash.begun(db.journal, words)
        db.put_made(key, value)
        created = len(value.fields)
    if (value.big or db.journal.limits.hash_value >= LONG) and max(map(len, words)) >= LONG:
        ELEMENTS.were_long = True
    db.changed(key, b"hset", len(words) // 2)
    return created


def _set_all_as_before(db: Database, key: bytes, words: Sequence[bytes]) -> Reply:
    _set_all(db, key, words)
    return OK


@command(
    "HSET",
    flags="write denyoom fast",
    group="hash",
    since="2.0.0",
    complexity="O(N) fields",
    plain=_set_one,
    in_scripts=InScripts(
        quick=hash_quick.set_field, several=hash_quick.set_fields(says_ok=False), whole=_set_all
    ),
)
def hset(db: Database, key: Key, *fields_and_values: FieldValue) -> int:
    """Set fields of a hash; give how many of them are new."""
    if len(fields_and_values) == 2:
        return _set_one(db, key, *fields_and_values)
    return _set_all(db, key, fields_and_values)


@command(
    "HMSET",
    flags="write denyoom fast",
    group="hash",
    since="2.0.0",
    complexity="O(N) fields",
    in_scripts=InScripts(several=hash_quick.set_fields(says_ok=True), whole=_set_all_as_before),
)
def hmset(db: Database, key: Key, *fields_and_values: FieldValue) -> Reply:
    """Set fields of a hash: the old form of HSET."""
    return _set_all_as_before(db, key, fields_and_values)


@command("HSETNX", flags="write denyoom fast", group="hash", since="2.0.0", complexity="O(1)")
def hsetnx(db: Database, key: Key, field: bytes, value: bytes) -> int:
    """Set a field of a hash unless it exists."""
    known = read_hash(db, key)
    if known is not None and field in known.fields:
        return 0
    edit_or_create_hash(db, key).set(field, value)
    db.changed(key, b"hset")
    return 1


@command("HGET", flags="readonly fast", group="hash", since="2.0.0", complexity="O(1)")
def hget(db: Database, key: Key, field: bytes) -> bytes | None:
    """Read a field of a hash."""
    value = db.entries.get(key)
    if value is None:
        return None
    if value.__class__ is not Hash or value.expires or key in db.expires:
        value = read_hash(db, key)
        if value is None:
            return None
    return value.fields.get(field)


def _read_several(db: Database, key: bytes, fields: Sequence[bytes]) -> list[bytes | None]:
    value = read_hash(db, key)
    return [None] * len(fields) if value is None else [*map(value.fields.get, fields)]


@command(
    "HMGET",
    flags="readonly fast",
    group="hash",
    since="2.0.0",
    complexity="O(N) fields",
    in_scripts=InScripts(several=hash_quick.read_fields, whole=_read_several),
)
def hmget(db: Database, key: Key, *fields: bytes) -> list[bytes | None]:
    """Read several fields of a hash; null for those that it lacks."""
    return _read_several(db, key, fields)


def _read_uncopied(db: Database, key: bytes) -> dict[bytes, bytes]:
    # A script gets a table of it before anything changes it.
    value = read_hash(db, key)
    return {} if value is None else value.fields


@command(
    "HGETALL",
    flags="readonly",
    group="hash",
    since="2.0.0",
    complexity="O(N) fields",
    in_scripts=InScripts(quick=_read_uncopied),
)
def hgetall(db: Database, key: Key) -> dict[bytes, bytes]:
    """Read all fields of a hash with their values."""
    value = read_hash(db, key)
    return {} if value is None else value.fields.copy()


@command("HKEYS", flags="readonly", group="hash", since="2.0.0", complexity="O(N) fields")
def hkeys(db: Database, key: Key) -> list[bytes]:
    """Read the names of all fields of a hash."""
    value = read_hash(db, key)
    return [] if value is None else list(value.fields)


@command("HVALS", flags="readonly", group="hash", since="2.0.0", complexity="O(N) fields")
def hvals(db: Database, key: Key) -> list[bytes]:
    """Read the values of all fields of a hash."""
    value = read_hash(db, key)
    return [] if value is None else list(value.fields.values())


@command("HLEN", flags="readonly fast", group="hash", since="2.0.0", complexity="O(1)")
def hlen(db: Database, key: Key) -> int:
    """Count the fields of a hash."""
    value = read_hash(db, key)
    return 0 if value is None else len(value.fields)


@command("HEXISTS", flags="readonly fast", group="hash", since="2.0.0", complexity="O(1)")
def hexists(db: Database, key: Key, field: bytes) -> int:
    """Tell whether a hash has a field."""
    value = read_hash(db, key)
    return int(value is not None and field in value.fields)


@command("HSTRLEN", flags="readonly fast", group="hash", since="3.2.0", complexity="O(1)")
def hstrlen(db: Database, key: Key, field: bytes) -> int:
    """Give the length of a field's value in bytes."""
    value = read_hash(db, key)
    return 0 if value is None else len(value.fields.get(field, b""))


def _delete_one(db: Database, key: bytes, field: bytes) -> int:
    value = edit_hash(db, key)
    if value is None or not value.delete(field):
        return 0
    db.changed(key, b"hdel")
    if not value.fields:
        db.drop(key)
    return 1


@command(
    "HDEL",
    flags="write fast",
    group="hash",
    since="2.0.0",
    complexity="O(N) fields",
    plain=_delete_one,
    in_scripts=InScripts(quick=hash_quick.delete_field, several=hash_quick.delete_fields),
)
def hdel(db: Database, key: Key, *fields: bytes) -> int:
    """Delete fields of a hash, and the key with the last one; give how many there were."""
    value = edit_hash(db, key)
    if value is None:
        return 0
    deleted = sum([value.delete(field) for field in fields])
    if deleted:
        db.changed(key, b"hdel", deleted)
        if not value.fields:
            db.drop(key)
    return deleted


@command(
    "HINCRBY",
    flags="write denyoom fast",
    group="hash",
    since="2.0.0",
    complexity="O(1)",
    in_scripts=InScripts(quick=hash_quick.increment_field),
)
def hincrby(db: Database, key: Key, field: bytes, increment: Int) -> int:
    """Add an integer to the integer in a field; a missing field counts as 0."""
    known = read_hash(db, key)
    old = known.fields.get(field) if known is not None else None
    number = increment
    if old is not None:
        try:
            number += parse_int(old)
        except CommandError:
            raise NOT_AN_INTEGER from None
        if not INT64_MIN <= number <= INT64_MAX:
            raise INCREMENT_OVERFLOW
    if known is None or known.journal is not db.journal:
        known = edit_or_create_hash(db, key)
    known.set(field, f"{number}".encode(), True)  # faster than b"%d"
    db.changed(key, b"hincrby")
    return number


@command("HINCRBYFLOAT", flags="write denyoom fast", group="hash", since="2.6.0", complexity="O(1)")
def hincrbyfloat(db: Database, key: Key, field: bytes, increment: bytes) -> bytes:
    """Add a number to the number in a field; a missing field counts as 0."""
    by = parse_long_double(increment)
    if not is_finite(by):
        raise NOT_FINITE
    known = read_hash(db, key)
    old = known.fields.get(field) if known is not None else None
    if old is not None:
        try:
            number = parse_long_double(old)
        except CommandError:
            raise NOT_A_FLOAT from None
        by = add_long_doubles(number, by)
    text = format_long_double(by)
    edit_or_create_hash(db, key).set(field, text, True)
    db.changed(key, b"hincrbyfloat")
    db.effect(b"HSETEX", key, b"KEEPTTL", b"FIELDS", b"1", field, text)
    return text


@command("HRANDFIELD", flags="readonly", group="hash", since="6.2.0", complexity="O(N) fields")
def hrandfield(client: Client, key: Key, *options: Words) -> Reply:
    """Give a random field of a hash, or `count` of them: distinct ones, or any if negative."""
    db = client.db
    if not options:
        value = read_hash(db, key)
        return None if value is None else _random_field(db, value)
    count = parse_signed_count(options[0])
    with_values = len(options) == 2 and options[1].upper() == b"WITHVALUES"
    if len(options) > 1 and not with_values:
        raise SYNTAX_ERROR
    if with_values and abs(count) > INT64_MAX // 2:
        raise OUT_OF_RANGE
    value = read_hash(db, key)
    if value is None or not count:
        return []
    fields = value.fields
    if count < 0 and (not value.big or -count * _FEW > len(fields)):
        drawable = [*fields.items()] if with_values else [*fields]
        return draw_reply(client, drawable, -count, in_pairs=with_values)
    names = _random_fields(db, value, count)
    return Pairs([[name, fields[name]] for name in names]) if with_values else names


def _random_field(db: Database, value: Hash) -> bytes:
    fields, keyspace = value.fields, db.keyspace
    if not value.big:
        return keyspace.random.choice(list(fields))
    picked = keyspace.pools.pick(fields, keyspace.random, keyspace.dirty, fields.__contains__)
    assert picked is not None
    return picked


def _random_fields(db: Database, value: Hash, count: int) -> list[bytes]:
    fields, rng = value.fields, db.keyspace.random
    if not value.big or abs(count) * _FEW > len(fields):
        names = list(fields)
        return names if count >= len(names) else sample(names, count, rng)
    if count < 0:
        return [_random_field(db, value) for _ in interruptible(range(-count))]
    chosen: dict[bytes, None] = {}
    while len(chosen) < count:
        chosen[_random_field(db, value)] = None
    return list(chosen)


@command("HSCAN", flags="readonly", group="hash", since="2.8.0", complexity="O(N) fields a call")
def hscan(db: Database, key: Key, cursor: bytes, *options: Words) -> Reply:
    """Walk the fields of a hash, some of them a call; NOVALUES leaves the values out."""
    place = parse_cursor(cursor)
    value = read_hash(db, key)
    if value is None:
        return [b"0", []]
    chosen = parse_scan_options(options, of_hash=True)
    fields = value.fields
    if value.big:
        following, batch = scan(db, fields, place, chosen.count)
    else:
        following, batch = 0, list(fields)
    names = list(chosen.select(batch))
    if not chosen.novalues:
        names = [word for name in names for word in (name, fields[name])]
    return [b"%d" % following, names]
