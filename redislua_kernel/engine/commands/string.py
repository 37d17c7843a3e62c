"""Strings."""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, itemgetter, setitem
from typing import Annotated, Any

from redislua_kernel.engine.commands.quick import (
    is_over,
    make_lasting,
    note,
    note_many,
    put_new,
    put_over,
)
from redislua_kernel.engine.commands.string_setting import (
    chosen_time,
    deadline,
    milliseconds_of,
    setting,
    store_volatile,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Flag, Group, Int, Key, Token, Word
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Stored
from redislua_kernel.reply import OK, Reply, Strings, TextsReply

KeyValue = Annotated[bytes, Word(is_key=True, type="key"), Group(2)]

#: A token and its number, which is read only after all options are known.
TimeOption = Annotated[bytes | None, Token(Word(type="integer"))]


@command(
    "GET",
    flags="readonly fast",
    group="string",
    since="1.0.0",
    complexity="O(1)",
    plain=Database.string,
)
def get(db: Database, key: Key) -> bytes | None:
    """Read a string."""
    return db.string(key)


def _set_plain(db: Database, key: bytes, value: bytes) -> Reply:
    # Database.store and Database.changed, spelled out: the most frequent write there is.
    if key in db.expires and db.exists(key):
        db.persist(key)
    entries = db.entries
    if key in entries:
        db.undo.append((setitem, entries, key, entries[key]))
    else:
        db.undo.append((delitem, entries, key))
    entries[key] = value
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"set")
    return OK


def _set_quickly(db: Database, name: bytes, key: bytes, value: bytes) -> Reply:
    if db.keyspace.listeners:
        return None
    if key in db.expires:
        if is_over(db, key):
            return None
        make_lasting(db, key)
    old = db.entries.get(key)
    if old is None:
        put_new(db, key, value)
    else:
        put_over(db, key, old, value)
    note(db, name, key, value)
    return OK


@command(
    "SET",
    flags="write denyoom",
    group="string",
    since="1.0.0",
    complexity="O(1)",
    plain=_set_plain,
    with_options=setting,
    in_scripts=InScripts(quick=_set_quickly),
)
def set_(
    db: Database,
    key: Key,
    value: bytes,
    *,
    nx: Flag = False,
    xx: Flag = False,
    get: Flag = False,
    ex: TimeOption = None,
    px: TimeOption = None,
    exat: TimeOption = None,
    pxat: TimeOption = None,
    keepttl: Flag = False,
) -> Reply:
    """Set a key to a string, whatever it held before."""
    chosen = setting(nx=nx, xx=xx, get=get, ex=ex, px=px, exat=exat, pxat=pxat, keepttl=keepttl)
    return chosen(db, key, value)


@command("SETNX", flags="write denyoom fast", group="string", since="1.0.0", complexity="O(1)")
def setnx(db: Database, key: Key, value: bytes) -> int:
    """Set a key to a string unless the key exists."""
    if db.get(key) is not None:
        return 0
    db.put(key, value)
    db.changed(key, b"set")
    return 1


@command("SETEX", flags="write denyoom", group="string", since="2.0.0", complexity="O(1)")
def setex(db: Database, key: Key, seconds: Int, value: bytes) -> Reply:
    """Set a key to a string that expires after some seconds."""
    store_volatile(db, key, value, deadline(db, "setex", milliseconds_of("setex", seconds, 1000)))
    return OK


@command("PSETEX", flags="write denyoom", group="string", since="2.6.0", complexity="O(1)")
def psetex(db: Database, key: Key, milliseconds: Int, value: bytes) -> Reply:
    """Set a key to a string that expires after some milliseconds."""
    store_volatile(db, key, value, deadline(db, "psetex", milliseconds_of("psetex", milliseconds)))
    return OK


@command("GETSET", flags="write denyoom fast", group="string", since="1.0.0", complexity="O(1)")
def getset(db: Database, key: Key, value: bytes) -> bytes | None:
    """Set a key to a string and give the string it held before."""
    old = db.string(key)
    db.store(key, value)
    db.changed(key, b"set")
    db.effect(b"SET", key, value)
    return old


@command("GETDEL", flags="write fast", group="string", since="6.2.0", complexity="O(1)")
def getdel(db: Database, key: Key) -> bytes | None:
    """Read a string and delete its key."""
    old = db.string(key)
    if old is not None:
        db.remove(key)
        db.changed(key, b"del")
        db.effect(b"DEL", key)
    return old


@command("GETEX", flags="write fast", group="string", since="6.2.0", complexity="O(1)")
def getex(
    db: Database,
    key: Key,
    *,
    persist: Flag = False,
    ex: TimeOption = None,
    px: TimeOption = None,
    exat: TimeOption = None,
    pxat: TimeOption = None,
) -> bytes | None:
    """Read a string, and set or take away the time at which its key expires."""
    if sum(option is not None for option in (ex, px, exat, pxat)) + persist > 1:
        raise SYNTAX_ERROR
    value = db.string(key)
    if value is None:
        return None
    time = chosen_time("getex", persist, ex, px, exat, pxat)
    is_relative = exat is pxat is None
    at = None if time is None else deadline(db, "getex", time, is_relative=is_relative)
    if at is not None and at <= db.keyspace.now:
        db.remove(key)
        db.changed(key, b"del")
        db.effect(b"DEL", key)
    elif at is not None:
        db.expire_at(key, at)
        db.changed(key, b"expire")
        db.effect(b"PEXPIREAT", key, b"%d" % at)
    elif persist and db.persist(key):
        db.changed(key, b"persist")
        db.effect(b"PERSIST", key)
    return value


def _read_texts(db: Database, *keys: bytes) -> TextsReply | None:
    # Nothing here that must be made a text, or may have expired.
    entries, expires = db.entries, db.expires
    if entries.__class__ is not dict:
        return None
    read: Callable[[bytes], Any] = entries.get
    for key in keys:
        if read(key).__class__ is not bytes or key in expires:
            return None
    return Strings([read(key) for key in keys])


@command(
    "MGET",
    flags="readonly fast",
    group="string",
    since="1.0.0",
    complexity="O(N) where N is the number of keys to retrieve.",
    in_scripts=InScripts(several=_read_texts),
)
def mget(db: Database, *keys: Key) -> TextsReply:
    """Read several strings at once; null for keys that hold none."""
    entries, expires = db.entries, db.expires
    get: Callable[[bytes], Stored | None] = entries.get
    if expires and not expires.keys().isdisjoint(keys):
        get = db.get
    elif entries.__class__ is dict and len(keys) > 1:
        try:
            found = Strings(itemgetter(*keys)(entries))
        except KeyError:
            pass
        else:
            # What lies packed is of a kind of bytes, too.
            if [*map(type, found)].count(bytes) == len(found):
                return found
    return [_text(get(key)) for key in keys]


def _text(value: Stored | None) -> bytes | None:
    if isinstance(value, RawString):
        return value.text()
    if value.__class__ is int:
        return b"%d" % value
    return value if value.__class__ is bytes else None


def _set_several_quickly(db: Database, name: bytes, *words: bytes) -> Reply:
    entries, expires = db.entries, db.expires
    if db.keyspace.listeners:
        return None
    for key in words[::2]:
        if key in expires:
            return None
    for key, value in zip(words[::2], words[1::2], strict=True):
        old = entries.get(key)
        if old is None:
            put_new(db, key, value)
        else:
            put_over(db, key, old, value)
    note_many(db, len(words) // 2, name, *words)
    return OK


@command(
    "MSET",
    flags="write denyoom",
    group="string",
    since="1.0.1",
    complexity="O(N) where N is the number of keys to set.",
    in_scripts=InScripts(several=_set_several_quickly),
)
def mset(db: Database, *keys_and_values: KeyValue) -> Reply:
    """Set several keys to strings at once."""
    for key, value in zip(keys_and_values[::2], keys_and_values[1::2], strict=True):
        db.store(key, value)
        db.changed(key, b"set")
    return OK


@command(
    "MSETNX",
    flags="write denyoom",
    group="string",
    since="1.0.1",
    complexity="O(N) where N is the number of keys to set.",
)
def msetnx(db: Database, *keys_and_values: KeyValue) -> int:
    """Set several keys to strings at once, unless one of them exists."""
    if any(db.exists(key) for key in keys_and_values[::2]):
        return 0
    mset(db, *keys_and_values)
    return 1
