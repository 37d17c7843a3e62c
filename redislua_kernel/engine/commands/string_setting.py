"""What the options of SET say, and setting a string that expires."""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, invalid_expire_time
from redislua_kernel.engine.signature import INT64_MAX, parse_int
from redislua_kernel.reply import OK, Reply

__all__ = ["chosen_time", "deadline", "milliseconds_of", "setting", "store_volatile"]


def setting(
    *,
    nx: bool = False,
    xx: bool = False,
    get: bool = False,
    ex: bytes | None = None,
    px: bytes | None = None,
    exat: bytes | None = None,
    pxat: bytes | None = None,
    keepttl: bool = False,
) -> Callable[[Database, bytes, bytes], Reply]:
    """Give what sets a key as these options of SET say.

    Raises the errors of options that go together with no other, or with no key.
    """
    if nx and xx:
        raise SYNTAX_ERROR
    is_conditional = nx or xx
    is_relative = exat is pxat is None
    time = chosen_time("set", keepttl, ex, px, exat, pxat)
    given = {b"NX": nx, b"XX": xx, b"KEEPTTL": keepttl}
    other_options = [option for option in given if given[option]]

    def set_for_a_time(db: Database, key: bytes, value: bytes) -> Reply:
        # What locks and caches do: set_so, without what it asks for.
        assert time is not None
        at = time + db.keyspace.now
        if at > INT64_MAX:
            raise invalid_expire_time("set")
        if is_conditional and db.exists(key) is not xx:
            return None
        store_volatile(db, key, value, at)
        return OK

    def set_so(db: Database, key: bytes, value: bytes) -> Reply:
        at = None if time is None else deadline(db, "set", time, is_relative=is_relative)
        old = db.string(key) if get else None
        if is_conditional and db.exists(key) is not xx:
            return old
        if at is not None:
            store_volatile(db, key, value, at, is_absolute=pxat is not None)
            return old if get else OK
        if keepttl and db.exists(key):
            db.put(key, value)
        else:
            db.store(key, value)
        db.changed(key, b"set")
        if get:
            db.effect(b"SET", key, value, *other_options)
            return old
        return OK

    return set_so if time is None or get or not is_relative else set_for_a_time


def chosen_time(
    name: str,
    other: bool,
    ex: bytes | None,
    px: bytes | None,
    exat: bytes | None,
    pxat: bytes | None,
) -> int | None:
    """Give the one time among EX, PX, EXAT and PXAT, in milliseconds; None: there is none.

    Raises SYNTAX_ERROR if there are more, or `other` was given as well.
    """
    given = [word for word in (ex, px, exat, pxat) if word is not None]
    if not given:
        return None
    if len(given) + other > 1:
        raise SYNTAX_ERROR
    return milliseconds_of(name, parse_int(given[0]), 1 if ex is exat is None else 1000)


def milliseconds_of(name: str, time: int, unit: int = 1) -> int:
    """Give a time in units of milliseconds. Raises the error of a command for one out of range."""
    milliseconds = time * unit
    if not 0 < milliseconds <= INT64_MAX:
        raise invalid_expire_time(name)
    return milliseconds


def deadline(db: Database, name: str, time: int, *, is_relative: bool = True) -> int:
    """Give when a time is over, in milliseconds since the epoch."""
    at = time + db.keyspace.now if is_relative else time
    if at > INT64_MAX:
        raise invalid_expire_time(name)
    return at


def store_volatile(
    db: Database, key: bytes, value: bytes, at: int, *, is_absolute: bool = False
) -> None:
    """Set a key that expires at `at`; an effect tells when, unless the command itself has."""
    # Database.store, expire_at and changed, spelled out: this is how scripts take locks.
    expires, entries, undo, keyspace = db.expires, db.entries, db.undo, db.keyspace
    if key not in expires or (expires[key] < keyspace.now and not db.exists(key)):
        undo.append((delitem, expires, key))
    else:
        undo.append((setitem, expires, key, expires[key]))
    if key in entries:
        undo.append((setitem, entries, key, entries[key]))
    else:
        undo.append((delitem, entries, key))
    entries[key] = value
    expires[key] = at
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"set")
        db.announce(key, b"expire")
    if not is_absolute:
        # Database.effect, spelled out, too: the time stays a number until somebody asks.
        journal = db.journal
        journal.rewritten = True
        journal.calls.extend((db.index, journal.targets, b"SET", key, value, b"PXAT", at, None))
