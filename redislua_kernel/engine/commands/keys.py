"""Keys of any type: existence, names, copies, iteration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import setitem

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.quick import is_over, make_lasting, note, note_many
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import (
    DATABASE_OUT_OF_RANGE,
    NO_SUCH_KEY,
    SAME_OBJECT,
    SYNTAX_ERROR,
    CommandError,
)
from redislua_kernel.engine.glob import compile_glob
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.scan import parse_cursor, parse_scan_options, scan
from redislua_kernel.engine.signature import Int32, Key, MoreKeys, Words, parse_int32
from redislua_kernel.engine.types.value import Value, as_stored, type_of
from redislua_kernel.reply import OK, Reply, Status, Strings


def _delete(db: Database, key: bytes) -> int:
    if not db.remove(key):
        return 0
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"del")
    return 1


def _delete_quickly(db: Database, name: bytes, key: bytes) -> int | None:
    if db.keyspace.listeners:
        return None
    if key in db.expires:
        if is_over(db, key):
            return None
        make_lasting(db, key)
    value = db.entries.pop(key, None)
    if value is None:
        return 0
    db.undo.append((setitem, db.entries, key, value))
    note(db, name, key)
    return 1


def _delete_several_quickly(db: Database, name: bytes, *keys: bytes) -> int | None:
    if db.keyspace.listeners:
        return None
    entries, expires = db.entries, db.expires
    for key in keys:
        if key in expires:
            return None
    deleted = 0
    for key in keys:
        value = entries.pop(key, None)
        if value is not None:
            db.undo.append((setitem, entries, key, value))
            deleted += 1
    if deleted:
        note_many(db, deleted, name, *keys)
    return deleted


@command(
    "DEL",
    flags="write",
    group="generic",
    since="1.0.0",
    complexity="O(N) where N is the number of keys and of their elements.",
    plain=_delete,
    in_scripts=InScripts(quick=_delete_quickly, several=_delete_several_quickly),
)
def del_(db: Database, key: Key, *keys: MoreKeys) -> int:
    """Delete keys; give how many there were."""
    return sum([_delete(db, name) for name in (key, *keys)])


@command(
    "UNLINK",
    flags="write fast",
    group="generic",
    since="4.0.0",
    complexity="O(1) for each key.",
    plain=_delete,
    in_scripts=InScripts(quick=_delete_quickly, several=_delete_several_quickly),
)
def unlink(db: Database, key: Key, *keys: MoreKeys) -> int:
    """Delete keys and free their memory later; give how many there were."""
    return del_(db, key, *keys)


def _exists(db: Database, key: bytes) -> int:
    if key in db.expires:
        return 1 if db.exists(key) else 0
    return 1 if key in db.entries else 0


@command(
    "EXISTS",
    flags="readonly fast",
    group="generic",
    since="1.0.0",
    complexity="O(N) where N is the number of keys to check.",
    plain=_exists,
)
def exists(db: Database, key: Key, *keys: MoreKeys) -> int:
    """Count those of the keys that exist; a key named twice counts twice."""
    return sum(map(db.exists, (key, *keys)))


@command(
    "TOUCH",
    flags="readonly fast",
    group="generic",
    since="3.2.1",
    complexity="O(N) where N is the number of keys to touch.",
)
def touch(db: Database, key: Key, *keys: MoreKeys) -> int:
    """Count those of the keys that exist, as if each had been read."""
    return sum(map(db.touch, (key, *keys)))


#: The reply for a name of a type, of which there are few.
_type_reply = cache(Status)


@command("TYPE", flags="readonly fast", group="generic", since="1.0.0", complexity="O(1)")
def type_(db: Database, key: Key) -> Status:
    """Tell the type of the value at a key: string, list, set, zset, hash, stream or none."""
    stored = db.stored(key)
    return _type_reply(b"none" if stored is None else type_of(stored))


@command(
    "KEYS",
    flags="readonly",
    group="generic",
    since="1.0.0",
    complexity="O(N) where N is the number of keys in the database.",
    categories="keyspace dangerous",
)
def keys(db: Database, pattern: bytes) -> list[bytes]:
    """List the keys whose names match a glob pattern."""
    matches = compile_glob(pattern)
    every = interruptible(db.entries)
    names = Strings(every if pattern == b"*" else filter(matches, every))
    if not db.expires:
        return names
    return Strings(key for key in interruptible(names) if not db.is_expired(key))


@command(
    "SCAN",
    flags="readonly",
    group="generic",
    since="2.8.0",
    complexity="O(1) for a call, O(N) for a complete iteration over N keys.",
)
def scan_(db: Database, cursor: bytes, *options: Words) -> Reply:
    """Walk the keys a few at a time; give the cursor of the next call and the keys."""
    place = parse_cursor(cursor)
    chosen = parse_scan_options(options, of_keys=True)
    following, found = scan(db, db.entries, place, chosen.count)
    kept = list(chosen.select(found))
    if chosen.type is not None:
        wanted = chosen.type
        kept = [
            key
            for key in interruptible(kept)
            if (stored := db.stored(key)) is not None and type_of(stored) == wanted
        ]
    if db.expires:
        kept = list(filter(db.exists, interruptible(kept)))
    return [b"%d" % following, kept]


@command("RANDOMKEY", flags="readonly", group="generic", since="1.0.0", complexity="O(1)")
def randomkey(db: Database) -> bytes | None:
    """Give one key at random; null if there is none."""
    return db.random_key()


@command("RENAME", flags="write", group="generic", since="1.0.0", complexity="O(1)")
def rename(db: Database, key: Key, newkey: Key) -> Reply:
    """Give a key another name, in place of whatever had it."""
    _rename(db, key, newkey, overwrite=True)
    return OK


@command("RENAMENX", flags="write fast", group="generic", since="1.0.0", complexity="O(1)")
def renamenx(db: Database, key: Key, newkey: Key) -> int:
    """Give a key another name unless that name is taken; tell whether it was free."""
    return int(_rename(db, key, newkey, overwrite=False))


def _rename(db: Database, key: bytes, newkey: bytes, *, overwrite: bool) -> bool:
    value = db.get(key)
    if value is None:
        raise NO_SUCH_KEY
    if key == newkey:
        return False
    if not overwrite and db.exists(newkey):
        return False
    _place(db, newkey, value, db.expiry(key))
    db.remove(key)
    db.changed(key, b"rename_from")
    db.announce(newkey, b"rename_to")
    return True


@command(
    "COPY",
    flags="write denyoom",
    group="generic",
    since="6.2.0",
    complexity="O(N) where N is the number of nested elements; O(1) for strings.",
)
def copy(client: Client, source: Key, destination: Key, *options: Words) -> int:
    """Copy a key's value and expiry to another key, in this database or another one."""
    origin = client.db
    target, replace = _copy_options(client, options)
    if origin is target and source == destination:
        raise SAME_OBJECT
    value = origin.get(source)
    if value is None or (target.exists(destination) and not replace):
        return 0
    copied = as_stored(value.copy(target.journal)) if isinstance(value, Value) else value
    _place(target, destination, copied, origin.expiry(source))
    target.changed(destination, b"copy_to")
    return 1


def _copy_options(client: Client, words: Sequence[bytes]) -> tuple[Database, bool]:
    """Give the database to copy to, and whether what is there may be replaced."""
    target, replace = client.db, False
    rest = iter(words)
    for word in rest:
        option = word.upper()
        if option == b"REPLACE":
            replace = True
        elif option == b"DB" and (index := next(rest, None)) is not None:
            target = _database(client, parse_int32(index))
        else:
            raise SYNTAX_ERROR
    return target, replace


@command("MOVE", flags="write fast", group="generic", since="1.0.0", complexity="O(1)")
def move(client: Client, key: Key, db: Int32) -> int:
    """Move a key to another database unless the name is taken there."""
    if client.engine.conditions.is_cluster:
        raise CommandError("ERR MOVE is not allowed in cluster mode")
    origin, target = client.db, _database(client, db)
    if origin is target:
        raise SAME_OBJECT
    value = origin.get(key)
    if value is None or target.exists(key):
        return 0
    _place(target, key, value, origin.expiry(key))
    origin.remove(key)
    origin.changed(key, b"move_from")
    target.announce(key, b"move_to")
    return 1


def _place(db: Database, key: bytes, value: bytes | Value, expiry: int | None) -> None:
    """Set a key to a value that comes with its own expiry."""
    db.remove(key)  # so that the key counts as new
    db.store(key, value)
    if expiry is not None:
        db.expire_at(key, expiry)


def _database(client: Client, index: int) -> Database:
    databases = client.engine.keyspace.databases
    count = 1 if client.engine.conditions.is_cluster else len(databases)
    if not 0 <= index < count:
        raise DATABASE_OUT_OF_RANGE
    return databases[index]
