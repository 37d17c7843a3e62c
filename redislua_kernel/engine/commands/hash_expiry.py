"""Fields of hashes that expire: their times, and the reads and writes that set them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redislua_kernel.engine.commands.hash import edit_hash, read_hash
from redislua_kernel.engine.counts import parse_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, invalid_expire_time
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, parse_int
from redislua_kernel.engine.types.hash import Hash

FIELDS_MISSING = CommandError(
    "ERR Mandatory argument FIELDS is missing or not at the right position"
)
FIELDS_MISMATCH = CommandError("ERR The `numfields` parameter must match the number of arguments")
FIELD_COUNT = CommandError("ERR Number of fields must be a positive integer")
FIELD_COUNT_ZERO = CommandError("ERR Parameter `numFields` should be greater than 0")
NEGATIVE_TIME = CommandError("ERR invalid expire time, must be >= 0")

#: The latest time at which a field can expire, in milliseconds since the epoch.
LATEST: Final = (1 << 46) - 1

#: What the commands answer for a field.
NO_FIELD, NO_TIME, UNMET, DONE, DELETED = -2, -1, 0, 1, 2


def field_time(db: Database, name: str, word: bytes, unit: int, is_relative: bool) -> int:
    """Read a time of a field; give it in milliseconds since the epoch."""
    time = parse_int(word)
    if time < 0:
        raise NEGATIVE_TIME
    at = time * unit + (db.keyspace.now if is_relative else 0)
    if at > LATEST:
        raise invalid_expire_time(name)
    return at


def parse_fields(
    words: Sequence[bytes], count_error: CommandError = FIELD_COUNT
) -> Sequence[bytes]:
    """Read FIELDS numfields field…; give the fields."""
    if words[0].upper() != b"FIELDS":
        raise FIELDS_MISSING
    count = parse_count(words[1], count_error, 1)
    if count != len(words) - 2:
        raise FIELDS_MISMATCH
    return words[2:]


class FieldChanges:
    """What one command does to the times of a hash's fields, and how that is replicated."""

    def __init__(self, db: Database, key: bytes, value: Hash, *condition: bytes) -> None:
        self.db, self.key, self.value, self.condition = db, key, value, condition
        self.expiring: list[bytes] = []
        self.deleted: list[bytes] = []
        self.at = 0
        value.allow_times()

    def expire(self, field: bytes, at: int) -> int:
        """Let a field that is there expire at `at`: at once if that is over."""
        self.at = at
        if at <= self.db.keyspace.now:
            self.value.delete(field)
            self.deleted.append(field)
            return DELETED
        self.value.expire_at(field, at)
        self.expiring.append(field)
        return DONE

    def finish(self, named: Sequence[bytes] = ()) -> None:
        """Tell of the changes, and delete the key if no field is left.

        The effect names the fields whose times were set, or those in `named`.
        """
        db, key = self.db, self.key
        if self.expiring:
            fields = named or self.expiring
            words = (*self.condition, b"FIELDS", b"%d" % len(fields), *fields)
            db.effect(b"HPEXPIREAT", key, b"%d" % self.at, *words)
            db.changed(key, b"hexpire", len(self.expiring))
        if self.deleted:
            for field in self.deleted:
                db.sure_effect(b"HDEL", key, field)
            db.changed(key, b"hdel", len(self.deleted))
            db.remove_if_empty(key, self.value)


# Setting times: HEXPIRE and its kin


@command("HEXPIRE", flags="write fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hexpire(
    db: Database, key: Key, seconds: bytes, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Let fields of a hash expire after some seconds."""
    return _expire(db, "hexpire", key, seconds, (fields, numfields, *field))


@command("HPEXPIRE", flags="write fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hpexpire(
    db: Database, key: Key, milliseconds: bytes, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Let fields of a hash expire after some milliseconds."""
    return _expire(db, "hpexpire", key, milliseconds, (fields, numfields, *field))


@command("HEXPIREAT", flags="write fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hexpireat(
    db: Database, key: Key, seconds: bytes, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Let fields of a hash expire at a time in seconds since the epoch."""
    return _expire(db, "hexpireat", key, seconds, (fields, numfields, *field))


@command("HPEXPIREAT", flags="write fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hpexpireat(
    db: Database, key: Key, milliseconds: bytes, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Let fields of a hash expire at a time in milliseconds since the epoch."""
    return _expire(db, "hpexpireat", key, milliseconds, (fields, numfields, *field))


def _expire(db: Database, name: str, key: bytes, time: bytes, words: Sequence[bytes]) -> list[int]:
    value = edit_hash(db, key)
    at = field_time(db, name, time, 1 if name[1] == "p" else 1000, not name.endswith("at"))
    condition = words[0].upper()
    given: Sequence[bytes] = ()
    if condition in (b"NX", b"XX", b"GT", b"LT"):
        given, words = words[:1], words[1:]
    fields = parse_fields(words, FIELD_COUNT_ZERO)
    if value is None:
        return [NO_FIELD] * len(fields)
    changes = FieldChanges(db, key, value, *given)
    results = []
    for field in fields:
        if field not in value.fields:
            results.append(NO_FIELD)
        elif _unmet(condition, value.expires.get(field), at):
            results.append(UNMET)
        else:
            results.append(changes.expire(field, at))
    changes.finish()
    return results


def _unmet(condition: bytes, old: int | None, at: int) -> bool:
    """Tell whether a condition keeps a time from being set. A field without one lasts for ever."""
    if condition == b"NX":
        return old is not None
    if condition == b"XX":
        return old is None
    if condition == b"GT":
        return old is None or at <= old
    return condition == b"LT" and old is not None and at >= old


@command("HPERSIST", flags="write fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hpersist(db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes) -> list[int]:
    """Let fields of a hash last for ever again."""
    value = edit_hash(db, key)
    names = parse_fields((fields, numfields, *field))
    if value is None:
        return [NO_FIELD] * len(names)
    results = [
        NO_FIELD if name not in value.fields else DONE if value.persist(name) else NO_TIME
        for name in names
    ]
    if DONE in results:
        db.changed(key, b"hpersist")
    return results


# Reading times: HTTL and its kin


@command("HTTL", flags="readonly fast", group="hash", since="7.4.0", complexity="O(N) fields")
def httl(db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes) -> list[int]:
    """Tell in how many seconds fields of a hash expire; -1: never, -2: no such field."""
    now = db.keyspace.now
    return [
        at if at < 0 else (at - now + 999) // 1000
        for at in _times(db, key, (fields, numfields, *field))
    ]


@command("HPTTL", flags="readonly fast", group="hash", since="7.4.0", complexity="O(N) fields")
def hpttl(db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes) -> list[int]:
    """Tell in how many milliseconds fields of a hash expire; -1: never, -2: no such field."""
    now = db.keyspace.now
    return [at if at < 0 else at - now for at in _times(db, key, (fields, numfields, *field))]


@command(
    "HEXPIRETIME", flags="readonly fast", group="hash", since="7.4.0", complexity="O(N) fields"
)
def hexpiretime(
    db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Tell when fields of a hash expire, in Unix seconds; -1: never, -2: no such field."""
    return [
        at if at < 0 else (at + 999) // 1000 for at in _times(db, key, (fields, numfields, *field))
    ]


@command(
    "HPEXPIRETIME", flags="readonly fast", group="hash", since="7.4.0", complexity="O(N) fields"
)
def hpexpiretime(
    db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes
) -> list[int]:
    """Tell when fields of a hash expire, in Unix milliseconds; -1: never, -2: no such field."""
    return _times(db, key, (fields, numfields, *field))


def _times(db: Database, key: bytes, words: Sequence[bytes]) -> list[int]:
    value = read_hash(db, key)
    names = parse_fields(words)
    if value is None:
        return [NO_FIELD] * len(names)
    fields, expires = value.fields, value.expires
    return [expires.get(name, NO_TIME) if name in fields else NO_FIELD for name in names]
