"""Streams: taking over what other consumers have pending."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from redislua_kernel.engine.commands.stream_consumers import (
    find_consumer,
    find_group,
    replicate_claim,
    replicate_place,
)
from redislua_kernel.engine.commands.stream_words import format_id, parse_id, parse_start
from redislua_kernel.engine.counts import COUNT_NOT_POSITIVE, parse_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, shown
from redislua_kernel.engine.interrupts import interruptible, look
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, Words, parse_int
from redislua_kernel.engine.types.stream import MIN_ID
from redislua_kernel.engine.types.stream_group import Group, Id
from redislua_kernel.reply import Reply

_MAX_COUNT = INT64_MAX // 16


@dataclass
class Claim:
    """How XCLAIM takes entries over."""

    ids: list[Id]
    time: int
    retry_count: int | None = None
    force: bool = False
    just_id: bool = False
    last_id: Id = MIN_ID


@command(
    "XCLAIM",
    flags="write fast",
    group="stream",
    since="5.0.0",
    complexity="O(log N) for each id, where N is the number of entries pending in the group.",
)
def xclaim(
    db: Database,
    key: Key,
    group: bytes,
    consumer: bytes,
    min_idle_time: bytes,
    first: bytes,
    *rest: Words,
) -> Reply:
    """Make a consumer the owner of entries that are pending in its group."""
    stream, found = find_group(db, key, group)
    idle = _parse_idle(min_idle_time, "XCLAIM")
    claim = _parse_claim((first, *rest), db.keyspace.now)
    dirty = db.keyspace.dirty
    moved = claim.last_id > found.last_id
    if moved:
        found.move(claim.last_id, found.entries_read)
    owner = find_consumer(db, key, group, found, consumer)
    now = db.keyspace.now
    found.touch(owner, now)
    replies: list[Reply] = []
    for entry_id in interruptible(claim.ids):
        fields = stream.get(entry_id)
        pending = found.pending.get(entry_id)
        if fields is None:
            if pending is not None:
                _forget(db, key, group, found, entry_id)
                moved = False
            continue
        if pending is None:
            if not claim.force:
                continue
            count = 1
        elif idle and now - pending.time < idle:
            continue
        else:
            count = pending.count
        if claim.retry_count is not None:
            count = claim.retry_count
        elif not claim.just_id:
            count += 1
        written = format_id(entry_id)
        pending = found.deliver(entry_id, owner, claim.time, count)
        replies.append(written if claim.just_id else (written, fields))
        found.touch(owner, now, now)
        replicate_claim(db, key, group, pending, written, format_id(found.last_id))
        moved = False
        db.keyspace.dirty += 1
    if moved:
        replicate_place(db, key, group, found, format_id(found.last_id))
        db.keyspace.dirty += 1
    if db.keyspace.dirty != dirty:
        db.no_effect()
    return replies


def _forget(db: Database, key: bytes, name: bytes, group: Group, entry_id: Id) -> None:
    """Drop a pending entry that the stream no longer holds."""
    last = format_id(group.last_id)
    replicate_claim(db, key, name, group.pending[entry_id], format_id(entry_id), last)
    group.acknowledge(entry_id)
    db.keyspace.dirty += 1


def _parse_idle(word: bytes, name: str) -> int:
    return max(_parse_number(word, f"ERR Invalid min-idle-time argument for {name}"), 0)


def _parse_number(word: bytes, refusal: str) -> int:
    try:
        return parse_int(word)
    except CommandError:
        raise CommandError(refusal) from None


def _parse_claim(words: tuple[bytes, ...], now: int) -> Claim:
    ids: list[Id] = []
    place = 0
    for word in words:
        try:
            ids.append(parse_id(word))
        except CommandError:
            break
        place += 1
    claim = Claim(ids, now)
    time: int | None = None
    while place < len(words):
        option = words[place].upper()
        place += 1
        if option == b"FORCE":
            claim.force = True
            continue
        if option == b"JUSTID":
            claim.just_id = True
            continue
        known = option in (b"IDLE", b"TIME", b"RETRYCOUNT", b"LASTID")
        if not known or place == len(words):
            raise CommandError(f"ERR Unrecognized XCLAIM option '{shown(words[place - 1])}'")
        value = words[place]
        place += 1
        if option == b"LASTID":
            claim.last_id = parse_id(value)
            continue
        number = _parse_number(value, f"ERR Invalid {option.decode()} option argument for XCLAIM")
        if option == b"RETRYCOUNT":
            claim.retry_count = number if number >= 0 else None
        else:
            time = now - number if option == b"IDLE" else number
    # Times that make no sense count as now: clients may compute them from their own clocks.
    if time is not None and 0 <= time <= now:
        claim.time = time
    return claim


@command(
    "XAUTOCLAIM",
    flags="write fast",
    group="stream",
    since="6.2.0",
    complexity="O(1) if COUNT is small.",
)
def xautoclaim(
    db: Database,
    key: Key,
    group: bytes,
    consumer: bytes,
    min_idle_time: bytes,
    start: bytes,
    *options: Words,
) -> Reply:
    """Make a consumer the owner of entries that were pending for long, from an id on.

    Gives the id to go on from, the entries, and the ids of those no longer in the stream.
    """
    db.exists(key)  # what has expired goes, whatever is wrong with the words
    idle = _parse_idle(min_idle_time, "XAUTOCLAIM")
    first = parse_start(start)
    count, just_id = _parse_autoclaim(options)
    stream, found = find_group(db, key, group)
    dirty = db.keyspace.dirty
    owner = find_consumer(db, key, group, found, consumer)
    now = db.keyspace.now
    found.touch(owner, now)
    replies: list[Reply] = []
    deleted: list[Reply] = []
    # One more than the number of attempts: where to go on.
    ids = list(islice(found.pending.between(first), count * 10 + 1))
    place = 0
    while place < len(ids) and place < count * 10 and len(replies) + len(deleted) < count:
        look()
        entry_id = ids[place]
        place += 1
        fields = stream.get(entry_id)
        if fields is None:
            _forget(db, key, group, found, entry_id)
            deleted.append(format_id(entry_id))
            continue
        pending = found.pending[entry_id]
        if idle and now - pending.time < idle:
            continue
        written = format_id(entry_id)
        found.deliver(entry_id, owner, now, pending.count + (not just_id))
        replies.append(written if just_id else (written, fields))
        found.touch(owner, now, now)
        replicate_claim(db, key, group, pending, written, format_id(found.last_id))
        db.keyspace.dirty += 1
    if db.keyspace.dirty != dirty:
        db.no_effect()
    following = ids[place] if place < len(ids) else MIN_ID
    return [format_id(following), replies, deleted]


def _parse_autoclaim(words: tuple[bytes, ...]) -> tuple[int, bool]:
    count, just_id = 100, False
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option == b"COUNT" and place + 1 < len(words):
            count = parse_count(words[place + 1], COUNT_NOT_POSITIVE, 1)
            if count > _MAX_COUNT:
                raise COUNT_NOT_POSITIVE
            place += 1
        elif option == b"JUSTID":
            just_id = True
        else:
            raise SYNTAX_ERROR
        place += 1
    return count, just_id
