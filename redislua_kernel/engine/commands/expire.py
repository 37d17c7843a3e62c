"""Expiry: when a key goes away by itself."""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.commands.quick import note
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, invalid_expire_time, shown
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, LateInt, Words, parse_int

_MOST_SECONDS = INT64_MAX // 1000

#: Times below it, which have no more digits, are no trouble in any unit.
_FAR, _FEW_DIGITS = 10**9, 9


def _expirer(name: str, unit: int, *, is_relative: bool) -> Callable[..., int]:
    """Give what lets a key expire at a time in units of milliseconds, as a command does."""

    def expire_at(db: Database, key: bytes, time: bytes | int, *conditions: bytes) -> int:
        flags = _parse_conditions(conditions) if conditions else None
        at = time if isinstance(time, int) else parse_int(time)
        if unit == 1000:
            if not -_MOST_SECONDS <= at <= _MOST_SECONDS:
                raise invalid_expire_time(name)
            at *= 1000
        keyspace = db.keyspace
        if is_relative:
            at += keyspace.now
        if at > INT64_MAX:
            raise invalid_expire_time(name)
        expires = db.expires
        former = expires.get(key)
        if db.entries.get(key) is None or (former is not None and not db.exists(key)):
            return 0
        if flags and not _meets(flags, at, former):
            return 0
        if at <= keyspace.now:
            db.remove(key)
            db.changed(key, b"del")
            db.effect(b"DEL", key)
            return 1
        # Database.expire_at and the like, spelled out: locks and limiters come by here.
        if former is None:
            db.undo.append((delitem, expires, key))
        else:
            db.undo.append((setitem, expires, key, former))
        journal = db.journal
        journal.rewritten = True
        journal.calls.extend([db.index, journal.targets, b"PEXPIREAT", key, at, *conditions, None])
        expires[key] = at
        keyspace.dirty += 1
        if keyspace.listeners:
            db.announce(key, b"expire")
        return 1

    return expire_at


def _quick_expirer(unit: int) -> Callable[..., int | None]:
    """Give what does the same for a time from now that is neither over nor far."""

    def expire_quickly(db: Database, name: bytes, key: bytes, time: bytes | int) -> int | None:
        if not isinstance(time, int):
            if len(time) > _FEW_DIGITS or not time.isdigit() or time < b"1":
                return None
            time = int(time)
        if not 0 < time < _FAR or db.keyspace.listeners or db.entries.get(key) is None:
            return None
        expires, now = db.expires, db.keyspace.now
        if key in expires:
            former = expires[key]
            if former < now:
                return None
            db.undo.append((setitem, expires, key, former))
        else:
            db.undo.append((delitem, expires, key))
        expires[key] = at = now + time * unit
        note(db, b"PEXPIREAT", key, at)
        return 1

    return expire_quickly


_expire = _expirer("expire", 1000, is_relative=True)


@command(
    "EXPIRE",
    flags="write fast",
    group="generic",
    since="1.0.0",
    complexity="O(1)",
    plain=_expire,
    in_scripts=InScripts(quick=_quick_expirer(1000)),
)
def expire(db: Database, key: Key, seconds: LateInt, *conditions: Words) -> int:
    """Let a key expire after some seconds."""
    return _expire(db, key, seconds, *conditions)


_pexpire = _expirer("pexpire", 1, is_relative=True)


@command(
    "PEXPIRE",
    flags="write fast",
    group="generic",
    since="2.6.0",
    complexity="O(1)",
    plain=_pexpire,
    in_scripts=InScripts(quick=_quick_expirer(1)),
)
def pexpire(db: Database, key: Key, milliseconds: LateInt, *conditions: Words) -> int:
    """Let a key expire after some milliseconds."""
    return _pexpire(db, key, milliseconds, *conditions)


_expireat = _expirer("expireat", 1000, is_relative=False)


@command(
    "EXPIREAT",
    flags="write fast",
    group="generic",
    since="1.2.0",
    complexity="O(1)",
    plain=_expireat,
)
def expireat(db: Database, key: Key, unix_seconds: LateInt, *conditions: Words) -> int:
    """Let a key expire at a Unix time in seconds."""
    return _expireat(db, key, unix_seconds, *conditions)


_pexpireat = _expirer("pexpireat", 1, is_relative=False)


@command(
    "PEXPIREAT",
    flags="write fast",
    group="generic",
    since="2.6.0",
    complexity="O(1)",
    plain=_pexpireat,
)
def pexpireat(db: Database, key: Key, unix_milliseconds: LateInt, *conditions: Words) -> int:
    """Let a key expire at a Unix time in milliseconds."""
    return _pexpireat(db, key, unix_milliseconds, *conditions)


def _parse_conditions(words: tuple[bytes, ...]) -> frozenset[bytes]:
    flags = {word.upper() for word in words}
    for word in words:
        if word.upper() not in (b"NX", b"XX", b"GT", b"LT"):
            raise CommandError(f"ERR Unsupported option {shown(word)}")
    if b"NX" in flags and len(flags) > 1:
        raise CommandError("ERR NX and XX, GT or LT options at the same time are not compatible")
    if {b"GT", b"LT"} <= flags:
        raise CommandError("ERR GT and LT options at the same time are not compatible")
    return frozenset(flags)


def _meets(flags: frozenset[bytes], at: int, current: int | None) -> bool:
    """Tell whether the conditions let `at` replace the current expiry (None: never)."""
    if current is None:
        return b"XX" not in flags and b"GT" not in flags
    if b"NX" in flags:
        return False
    if b"GT" in flags:
        return at > current
    return b"LT" not in flags or at < current


@command("PERSIST", flags="write fast", group="generic", since="2.2.0", complexity="O(1)")
def persist(db: Database, key: Key) -> int:
    """Take a key's expiry away; tell whether it had one."""
    if db.get(key) is None or not db.persist(key):
        return 0
    db.changed(key, b"persist")
    return 1


@command("TTL", flags="readonly fast", group="generic", since="1.0.0", complexity="O(1)")
def ttl(db: Database, key: Key) -> int:
    """Give the seconds a key has left; -1 if it never expires, -2 if there is none."""
    at = db.expires.get(key)
    if at is None:
        return -1 if key in db.entries else -2
    left = at - db.keyspace.now
    return (left + 500) // 1000 if left >= 0 or db.exists(key) else -2


@command("PTTL", flags="readonly fast", group="generic", since="2.6.0", complexity="O(1)")
def pttl(db: Database, key: Key) -> int:
    """Give the milliseconds a key has left; -1 if it never expires, -2 if there is none."""
    at = db.expires.get(key)
    if at is None:
        return -1 if key in db.entries else -2
    left = at - db.keyspace.now
    return left if left >= 0 or db.exists(key) else -2


@command("EXPIRETIME", flags="readonly fast", group="generic", since="7.0.0", complexity="O(1)")
def expiretime(db: Database, key: Key) -> int:
    """Give the Unix time in seconds at which a key expires; -1: never, -2: there is none."""
    at = pexpiretime(db, key)
    return at if at < 0 else (at + 500) // 1000


@command("PEXPIRETIME", flags="readonly fast", group="generic", since="7.0.0", complexity="O(1)")
def pexpiretime(db: Database, key: Key) -> int:
    """Give the Unix time in milliseconds at which a key expires; -1: never, -2: there is none."""
    if not db.exists(key):
        return -2
    return db.expires.get(key, -1)
