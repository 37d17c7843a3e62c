"""HGETEX, HSETEX and HGETDEL: reading or setting fields together with their times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redislua_kernel.engine.commands.hash import edit_hash, edit_or_create_hash, read_hash
from redislua_kernel.engine.commands.hash_expiry import FieldChanges, field_time, parse_fields
from redislua_kernel.engine.counts import parse_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, shown, wrong_arity
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT32_MAX, Key

COUNT_INVALID = CommandError("ERR invalid number of fields")
TWO_CONDITIONS = CommandError("ERR Only one of FXX or FNX arguments can be specified")
TWO_TIMES = CommandError("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")

#: How the number after a token counts: in this many milliseconds, from now or from the epoch.
TIMES: Final = {b"EX": (1000, True), b"PX": (1, True), b"EXAT": (1000, False), b"PXAT": (1, False)}


@command("HGETDEL", flags="write fast", group="hash", since="8.0.0", complexity="O(N) fields")
def hgetdel(
    db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes
) -> list[bytes | None]:
    """Read fields of a hash and delete them, and the key with the last one."""
    value = edit_hash(db, key)
    names = parse_fields((fields, numfields, *field))
    if value is None:
        return [None] * len(names)
    values, deleted = [], 0
    for name in names:
        values.append(value.fields.get(name))
        deleted += value.delete(name)
    if deleted:
        db.effect(b"HDEL", key, *names)
        db.changed(key, b"hdel", deleted)
        db.remove_if_empty(key, value)
    return values


@command("HGETEX", flags="write fast", group="hash", since="8.0.0", complexity="O(N) fields")
def hgetex(
    db: Database, key: Key, fields: bytes, numfields: bytes, *field: bytes
) -> list[bytes | None]:
    """Read fields of a hash, and set or take away their times."""
    read_hash(db, key)  # the type's error comes first
    words: Sequence[bytes] = (fields, numfields, *field)
    option, at = words[0].upper(), None
    if option in TIMES:
        at = field_time(db, "hgetex", words[1], *TIMES[option])
        words = words[2:]
    elif option == b"PERSIST":
        words = words[1:]
    if len(words) < 2:
        raise wrong_arity("hgetex")
    names = parse_fields(words)
    value = edit_hash(db, key)
    if value is None:
        return [None] * len(names)
    values: list[bytes | None] = []
    if at is not None:
        # One by one: a field named twice may be gone the second time.
        changes = FieldChanges(db, key, value)
        for name in names:
            values.append(value.fields.get(name))
            if name in value.fields:
                changes.expire(name, at)
        changes.finish(names)
        return values
    values = [value.fields.get(name) for name in names]
    if option == b"PERSIST":
        value.allow_times()
        persisted = [name for name in names if value.persist(name)]
        if persisted:
            db.effect(b"HPERSIST", key, b"FIELDS", b"%d" % len(names), *names)
            db.changed(key, b"hpersist")
    return values


@command(
    "HSETEX", flags="write denyoom fast", group="hash", since="8.0.0", complexity="O(N) fields"
)
def hsetex(
    db: Database, key: Key, fields: bytes, numfields: bytes, field: bytes, *value: bytes
) -> int:
    """Set fields of a hash with their times: all of them, or none if a condition is not met."""
    words = (fields, numfields, field, *value)
    condition, keep_time, at, pairs = _parse_hsetex(db, words)
    known = read_hash(db, key)
    present = known.fields if known is not None else {}
    if condition and any((name in present) is not (condition == b"FXX") for name in pairs[::2]):
        return 0
    count = len(pairs) // 2
    stored = edit_or_create_hash(db, key)
    stored.expect(count)
    if at is not None:
        stored.allow_times()
    is_over = at is not None and at <= db.keyspace.now
    for name, word in zip(pairs[::2], pairs[1::2], strict=True):
        stored.set(name, word, keep_time)
        if is_over:
            stored.delete(name)
            db.sure_effect(b"HDEL", key, name)
        elif at is not None:
            stored.expire_at(name, at)
    db.changed(key, b"hset", count)  # what follows counts as no further change
    if is_over:
        db.changed(key, b"hdel", 0)
        db.remove_if_empty(key, stored)
    elif at is not None:
        db.changed(key, b"hexpire", 0)
        place = 0 if words[0].upper() in TIMES else 1  # a condition may stand before the time
        if words[place].upper() != b"PXAT":
            at_word = b"%d" % at
            db.effect(b"HSETEX", key, *words[:place], b"PXAT", at_word, *words[place + 2 :])
    return 1


def _parse_hsetex(
    db: Database, words: Sequence[bytes]
) -> tuple[bytes, bool, int | None, Sequence[bytes]]:
    """Give FNX, FXX or nothing, whether times are kept, the time, and the fields with values."""
    condition, keep_time, at = b"", False, None
    place = 0
    while words[place].upper() != b"FIELDS":
        token = words[place].upper()
        if token in (b"FNX", b"FXX"):
            if condition:
                raise TWO_CONDITIONS
            condition = token
        elif token == b"KEEPTTL" or token in TIMES:
            if keep_time or at is not None:
                raise TWO_TIMES
            keep_time = token == b"KEEPTTL"
            if not keep_time:
                place += 1
                at = field_time(db, "hsetex", words[place], *TIMES[token])
        else:
            raise CommandError(f"ERR unknown argument: {shown(words[place])}")
        place += 1
        if place == len(words):
            raise wrong_arity("hsetex")
    return condition, keep_time, at, _pairs(words[place + 1 :])


def _pairs(words: Sequence[bytes]) -> Sequence[bytes]:
    """Read numfields field value…; give the fields with their values."""
    if len(words) < 3:
        raise wrong_arity("hsetex")
    count = parse_count(words[0], COUNT_INVALID, 1, INT32_MAX)
    if 2 * count != len(words) - 1:
        raise wrong_arity("hsetex")
    return words[1:]
