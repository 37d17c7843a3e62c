"""Streams: managing consumer groups, acknowledging and taking over pending entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.stream_read import (
    find_consumer,
    replicate_claim,
    replicate_place,
)
from redislua_kernel.engine.commands.stream_words import (
    entry_reply,
    find_group,
    format_id,
    no_group,
    no_such_group,
    parse_bound,
    parse_end,
    parse_id,
    parse_start,
)
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.keyspace import Database
from redislua_kernel.engine.registry import command, help_reply
from redislua_kernel.engine.signature import Key, Optional, parse_int
from redislua_kernel.engine.types.stream import MIN_ID, Stream
from redislua_kernel.engine.types.stream_group import Group, Id
from redislua_kernel.reply import NULL_ARRAY, OK, Reply

Words = Annotated[bytes, Optional]

KEY_REQUIRED = CommandError(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use"
    " the MKSTREAM option to create an empty stream automatically."
)
GROUP_EXISTS = CommandError("BUSYGROUP Consumer Group name already exists")
BAD_ENTRIES_READ = CommandError("ERR value for ENTRIESREAD must be positive or -1")
COUNT_NOT_POSITIVE = CommandError("ERR COUNT must be > 0")

_MAX_COUNT = ((1 << 63) - 1) // 16


# XGROUP


@command("XGROUP HELP", flags="loading stale", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_help(client: Client) -> Reply:
    """Describe the subcommands of XGROUP."""
    return help_reply("XGROUP")


@command("XGROUP CREATE", flags="write denyoom", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_create(db: Database, key: Key, group: bytes, start: bytes, *options: Words) -> Reply:
    """Make a consumer group that reads a stream from an id on."""
    make_stream, read = _parse_group_options(options, "CREATE")
    stream = db.edit(key, Stream)
    if stream is None and not make_stream:
        raise KEY_REQUIRED
    last_id = _parse_place(stream, start)
    if stream is None:
        stream = db.edit_or_create(key, Stream)
    if not stream.create_group(group, last_id, _cap(read, stream)):
        raise GROUP_EXISTS
    db.changed(key, b"xgroup-create")
    return OK


@command("XGROUP SETID", flags="write", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_setid(db: Database, key: Key, group: bytes, start: bytes, *options: Words) -> Reply:
    """Set what a consumer group has read: entries after an id are new to it."""
    _, read = _parse_group_options(options, "SETID")
    stream, found = _existing_group(db, key, group)
    last_id = stream.last_id if start == b"$" else parse_bound(start)
    found.move(last_id, _cap(read, stream))
    db.changed(key, b"xgroup-setid")
    return OK


@command(
    "XGROUP DESTROY",
    flags="write",
    group="stream",
    since="5.0.0",
    complexity="O(N) where N is the number of entries pending in the group.",
)
def xgroup_destroy(db: Database, key: Key, group: bytes) -> int:
    """Delete a consumer group; tell whether it was there."""
    stream = db.edit(key, Stream)
    if stream is None:
        raise KEY_REQUIRED
    if not stream.delete_group(group):
        return 0
    db.changed(key, b"xgroup-destroy")
    return 1


@command(
    "XGROUP CREATECONSUMER", flags="write denyoom", group="stream", since="6.2.0", complexity="O(1)"
)
def xgroup_createconsumer(db: Database, key: Key, group: bytes, consumer: bytes) -> int:
    """Make a consumer in a group; tell whether the name was free."""
    _, found = _existing_group(db, key, group)
    if found.create_consumer(consumer, db.keyspace.now) is None:
        return 0
    db.changed(key, b"xgroup-createconsumer")
    return 1


@command("XGROUP DELCONSUMER", flags="write", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_delconsumer(db: Database, key: Key, group: bytes, consumer: bytes) -> int:
    """Delete a consumer of a group; give how many entries it had pending."""
    _, found = _existing_group(db, key, group)
    pending = found.delete_consumer(consumer)
    if pending is None:
        return 0
    db.changed(key, b"xgroup-delconsumer")
    return pending


def _existing_group(db: Database, key: bytes, name: bytes) -> tuple[Stream, Group]:
    stream = db.edit(key, Stream)
    if stream is None:
        raise KEY_REQUIRED
    group = stream.groups.get(name)
    if group is None:
        raise no_such_group(key, name)
    return stream, group


def _parse_place(stream: Stream | None, word: bytes) -> Id:
    if word != b"$":
        return parse_id(word)
    return MIN_ID if stream is None else stream.last_id


def _parse_group_options(words: Sequence[bytes], subcommand: str) -> tuple[bool, int | None]:
    make_stream, read = False, None
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option == b"MKSTREAM" and subcommand == "CREATE":
            make_stream = True
            place += 1
        elif option == b"ENTRIESREAD" and place + 1 < len(words):
            number = parse_int(words[place + 1])
            if number < -1:
                raise BAD_ENTRIES_READ
            read = None if number == -1 else number
            place += 2
        else:
            raise CommandError(
                f"ERR unknown subcommand or wrong number of arguments for '{subcommand}'."
                " Try XGROUP HELP."
            )
    return make_stream, read


def _cap(read: int | None, stream: Stream) -> int | None:
    return None if read is None else min(read, stream.entries_added)


# Acknowledging and looking


@command("XACK", flags="write fast", group="stream", since="5.0.0", complexity="O(1) for each id.")
def xack(db: Database, key: Key, group: bytes, *ids: bytes) -> int:
    """Acknowledge entries: they are no longer pending in the group. Gives how many were."""
    stream = db.edit(key, Stream)
    found = None if stream is None else stream.groups.get(group)
    if found is None:
        return 0
    acknowledged = sum([found.acknowledge(entry_id) for entry_id in [parse_id(w) for w in ids]])
    db.keyspace.dirty += acknowledged
    return acknowledged


@command(
    "XPENDING",
    flags="readonly",
    group="stream",
    since="5.0.0",
    complexity="O(N) where N is the number of pending entries given or passed over.",
)
def xpending(db: Database, key: Key, group: bytes, *words: Words) -> Reply:
    """Show what a group has pending: a summary, or the entries between two ids."""
    wanted = _parse_pending(words) if words else None
    stream = db.lookup(key, Stream)
    found = None if stream is None else stream.groups.get(group)
    if found is None:
        raise no_group(key, group)
    return _pending_summary(found) if wanted is None else _pending_entries(db, found, wanted)


@dataclass
class PendingRange:
    """Which pending entries XPENDING shows."""

    start: Id
    end: Id
    count: int
    consumer: bytes | None
    idle: int


def _parse_pending(words: tuple[bytes, ...]) -> PendingRange:
    if not 3 <= len(words) <= 6:
        raise SYNTAX_ERROR
    idle = 0
    if words[0].upper() == b"IDLE":
        idle = parse_int(words[1])
        if len(words) < 5:
            raise SYNTAX_ERROR
        words = words[2:]
    count = max(parse_int(words[2]), 0)
    consumer = words[3] if len(words) > 3 else None
    return PendingRange(parse_start(words[0]), parse_end(words[1]), count, consumer, idle)


def _pending_summary(group: Group) -> Reply:
    pending = group.pending
    if not pending:
        return [0, None, None, NULL_ARRAY]
    consumers = [
        [name, b"%d" % len(consumer.pending)]
        for name, consumer in sorted(group.consumers.items())
        if consumer.pending
    ]
    first, last = pending.peekitem(0)[0], pending.peekitem(-1)[0]
    return [len(pending), format_id(first), format_id(last), consumers]


def _pending_entries(db: Database, group: Group, wanted: PendingRange) -> Reply:
    pending = group.pending
    if wanted.consumer is not None:
        consumer = group.consumers.get(wanted.consumer)
        if consumer is None:
            return []
        pending = consumer.pending
    now = db.keyspace.now
    rows: list[Reply] = []
    if wanted.start > wanted.end:
        return rows
    for entry_id in pending.irange(wanted.start, wanted.end):
        if len(rows) >= wanted.count:
            break
        entry = pending[entry_id]
        if not wanted.idle or now - entry.time >= wanted.idle:
            idle = max(now - entry.time, 0)
            rows.append([format_id(entry_id), entry.consumer.name, idle, entry.count])
    return rows


# Taking over


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
    for entry_id in claim.ids:
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
        found.deliver(entry_id, owner, claim.time, count)
        replies.append(format_id(entry_id) if claim.just_id else entry_reply((entry_id, fields)))
        found.touch(owner, now, now)
        replicate_claim(db, key, group, found, entry_id, found.last_id)
        moved = False
        db.keyspace.dirty += 1
    if moved:
        replicate_place(db, key, group, found)
        db.keyspace.dirty += 1
    if db.keyspace.dirty != dirty:
        db.no_effect()
    return replies


def _forget(db: Database, key: bytes, name: bytes, group: Group, entry_id: Id) -> None:
    """Drop a pending entry that the stream no longer holds."""
    replicate_claim(db, key, name, group, entry_id, group.last_id)
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
            shown = words[place - 1].decode("utf-8", "surrogateescape")
            raise CommandError(f"ERR Unrecognized XCLAIM option '{shown}'")
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
    ids = list(islice(found.pending_from(first), count * 10 + 1))
    place = 0
    while place < len(ids) and place < count * 10 and len(replies) + len(deleted) < count:
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
        found.deliver(entry_id, owner, now, pending.count + (not just_id))
        replies.append(format_id(entry_id) if just_id else entry_reply((entry_id, fields)))
        found.touch(owner, now, now)
        replicate_claim(db, key, group, found, entry_id, found.last_id)
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
            count = _parse_number(words[place + 1], COUNT_NOT_POSITIVE.message)
            if not 1 <= count <= _MAX_COUNT:
                raise COUNT_NOT_POSITIVE
            place += 1
        elif option == b"JUSTID":
            just_id = True
        else:
            raise SYNTAX_ERROR
        place += 1
    return count, just_id
