"""Strings that hold numbers."""

from __future__ import annotations

from operator import delitem, setitem

from redislua_kernel.engine.commands.quick import is_over, note, put_over
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import INCREMENT_OVERFLOW, CommandError
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.long_doubles import (
    add_long_doubles,
    format_long_double,
    parse_long_double,
)
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN, Int, Key, parse_int
from redislua_kernel.engine.types.string import RawString

#: Counters between these cannot overflow by one like them; Python compares and adds them quickly.
_LEAST, _MOST = -(1 << 30) + 1, (1 << 30) - 1
#: So few digits are among them.
_FEW_DIGITS = 9


def _increment(db: Database, key: bytes, by: int = 1) -> int:
    # Database.string, put and changed, spelled out: counters are what scripts write most.
    entries = db.entries
    old = number = entries.get(key)
    if number.__class__ is not int or (key in db.expires and not db.exists(key)):
        text = db.string(key)
        number = None if text is None else parse_int(text)
    if number is None:
        number = by
        db.undo.append((delitem, entries, key))
    else:
        number += by
        if not INT64_MIN <= number <= INT64_MAX:
            raise INCREMENT_OVERFLOW
        db.undo.append((setitem, entries, key, old))
    entries[key] = number
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"incrby")
    return number


def _increment_counter(db: Database, name: bytes, key: bytes, by: int) -> int | None:
    old = number = db.entries.get(key)
    if old is None:
        return None
    if number.__class__ is not int:
        if number.__class__ is not bytes or len(number) > _FEW_DIGITS or not number.isdigit():
            return None
        if number < b"1":  # or zeros come first
            return None
        number = int(number)  # as SET has left it
    if (
        not _LEAST <= number <= _MOST
        or not _LEAST <= by <= _MOST
        or db.keyspace.listeners
        or is_over(db, key)
    ):
        return None
    number += by
    put_over(db, key, old, number)
    note(db, name, key, by)
    return number


def _count_up(db: Database, name: bytes, key: bytes) -> int | None:
    # What counters do most: there is no word behind the key.
    old = db.entries.get(key)
    if old.__class__ is not int or old > _MOST or db.keyspace.listeners or is_over(db, key):
        return None
    number = old + 1
    put_over(db, key, old, number)
    note(db, name, key)
    return number


@command(
    "INCR",
    flags="write denyoom fast",
    group="string",
    since="1.0.0",
    complexity="O(1)",
    plain=_increment,
    in_scripts=InScripts(quick=_count_up),
)
def incr(db: Database, key: Key) -> int:
    """Add one to the integer at a key; a missing key counts as 0."""
    return _increment(db, key)


@command("DECR", flags="write denyoom fast", group="string", since="1.0.0", complexity="O(1)")
def decr(db: Database, key: Key) -> int:
    """Take one from the integer at a key; a missing key counts as 0."""
    return _increment(db, key, -1)


@command(
    "INCRBY",
    flags="write denyoom fast",
    group="string",
    since="1.0.0",
    complexity="O(1)",
    plain=_increment,
    in_scripts=InScripts(quick=_increment_counter),
)
def incrby(db: Database, key: Key, increment: Int) -> int:
    """Add an integer to the integer at a key; a missing key counts as 0."""
    return _increment(db, key, increment)


@command("DECRBY", flags="write denyoom fast", group="string", since="1.0.0", complexity="O(1)")
def decrby(db: Database, key: Key, decrement: Int) -> int:
    """Take an integer from the integer at a key; a missing key counts as 0."""
    if decrement == INT64_MIN:
        raise CommandError("ERR decrement would overflow")
    return _increment(db, key, -decrement)


@command(
    "INCRBYFLOAT", flags="write denyoom fast", group="string", since="2.6.0", complexity="O(1)"
)
def incrbyfloat(db: Database, key: Key, increment: bytes) -> bytes:
    """Add a number to the number at a key; a missing key counts as 0."""
    old = db.string(key)
    number = parse_long_double(b"0" if old is None else old)
    text = format_long_double(add_long_doubles(number, parse_long_double(increment)))
    # The reference does not look whether it could keep a whole number as an integer.
    db.put(key, RawString(text, db.journal, is_text=True) if text.lstrip(b"-").isdigit() else text)
    db.changed(key, b"incrbyfloat")
    db.effect(b"SET", key, text, b"KEEPTTL")
    return text
