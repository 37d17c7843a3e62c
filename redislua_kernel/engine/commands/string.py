"""Strings."""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem
from typing import Annotated

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, invalid_expire_time
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import (
    INT64_MAX,
    Flag,
    Group,
    Int,
    Key,
    Token,
    Word,
    parse_int,
)
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.value import Stored
from redislua_kernel.reply import OK, Reply

KeyValue = Annotated[bytes, Word(is_key=True, type="key"), Group(2)]
_ALL_BYTES = {bytes}

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


@command(
    "SET",
    flags="write denyoom",
    group="string",
    since="1.0.0",
    complexity="O(1)",
    plain=_set_plain,
    is_quiet=True,
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
    if ex is px is exat is pxat is None and not (nx or xx or get or keepttl):
        db.store(key, value)
        db.changed(key, b"set")
        return OK
    if nx and xx:
        raise SYNTAX_ERROR
    at = _one_time(db, "set", keepttl, ex, px, exat, pxat)
    old = db.string(key) if get else None
    if (nx or xx) and db.exists(key) is not xx:
        return old
    if at is not None:
        _store_volatile(db, key, value, at, is_absolute=pxat is not None)
        return old if get else OK
    if keepttl and db.exists(key):
        db.put(key, value)
    else:
        db.store(key, value)
    db.changed(key, b"set")
    if get:
        given = {b"NX": nx, b"XX": xx, b"KEEPTTL": keepttl}
        db.effect(b"SET", key, value, *(option for option in given if given[option]))
        return old
    return OK


def _one_time(
    db: Database,
    name: str,
    other: bool,
    ex: bytes | None,
    px: bytes | None,
    exat: bytes | None,
    pxat: bytes | None,
) -> int | None:
    """Give the one time among EX, PX, EXAT and PXAT; SYNTAX_ERROR if `other` was given as well."""
    given = [word for word in (ex, px, exat, pxat) if word is not None]
    if not given:
        return None
    if len(given) + other > 1:
        raise SYNTAX_ERROR
    unit = 1 if ex is exat is None else 1000
    return _expire_time(db, name, parse_int(given[0]), unit, is_relative=exat is pxat is None)


def _store_volatile(
    db: Database, key: bytes, value: bytes, at: int, *, is_absolute: bool = False
) -> None:
    db.store(key, value)
    db.expire_at(key, at)
    db.changed(key, b"set")
    if db.keyspace.listeners:
        db.announce(key, b"expire")
    if not is_absolute:
        db.effect(b"SET", key, value, b"PXAT", b"%d" % at)


def _expire_time(db: Database, name: str, time: int, unit: int, *, is_relative: bool) -> int:
    """Give a time in units of milliseconds as milliseconds since the epoch.

    Raises the error for times that are not positive or overflow, in the name of a command.
    """
    at = time * unit + (db.keyspace.now if is_relative else 0)
    if time <= 0 or at > INT64_MAX:
        raise invalid_expire_time(name)
    return at


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
    at = _expire_time(db, "setex", seconds, 1000, is_relative=True)
    _store_volatile(db, key, value, at)
    return OK


@command("PSETEX", flags="write denyoom", group="string", since="2.6.0", complexity="O(1)")
def psetex(db: Database, key: Key, milliseconds: Int, value: bytes) -> Reply:
    """Set a key to a string that expires after some milliseconds."""
    at = _expire_time(db, "psetex", milliseconds, 1, is_relative=True)
    _store_volatile(db, key, value, at)
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
    at = _one_time(db, "getex", persist, ex, px, exat, pxat)
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


@command(
    "MGET",
    flags="readonly fast",
    group="string",
    since="1.0.0",
    complexity="O(N) where N is the number of keys to retrieve.",
)
def mget(db: Database, *keys: Key) -> list[bytes | None]:
    """Read several strings at once; null for keys that hold none."""
    get: Callable[[bytes], Stored | None] = db.entries.get
    if db.expires and not db.expires.keys().isdisjoint(keys):
        get = db.get
    found = list(map(get, keys))
    if {*map(type, found)} == _ALL_BYTES:
        return found  # type: ignore[return-value]
    return [_text(value) for value in found]


def _text(value: Stored | None) -> bytes | None:
    if value.__class__ is RawString:
        return bytes(value.data)
    if value.__class__ is int:
        return b"%d" % value
    return value if value.__class__ is bytes else None


@command(
    "MSET",
    flags="write denyoom",
    group="string",
    since="1.0.1",
    complexity="O(N) where N is the number of keys to set.",
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
