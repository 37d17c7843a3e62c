"""Streams: reading as a consumer of a group, acknowledging, looking at what is pending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from redislua_kernel.engine.blocking import block
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.quick import is_easy, note
from redislua_kernel.engine.commands.stream import delete_entry
from redislua_kernel.engine.commands.stream_consumers import (
    make_consumer,
    replicate_claim,
    replicate_place,
)
from redislua_kernel.engine.commands.stream_request import (
    Request,
    by_stream,
    keys_after_streams,
    parse_request,
)
from redislua_kernel.engine.commands.stream_trim import parse_id_list
from redislua_kernel.engine.commands.stream_words import (
    following_id,
    format_id,
    no_group,
    parse_end,
    parse_id,
    parse_start,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import STEPS, interruptible
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.repeated import Free, Repeated
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.stream import MAX_ID, Stream
from redislua_kernel.engine.types.stream_group import Consumer, Group, Id
from redislua_kernel.reply import NULL_ARRAY, EntryReply, Reply, StreamsReply


def _reading(words: tuple[bytes, ...]) -> Callable[[Client, bytes], StreamsReply] | None:
    """Give what reads one stream, whose key is all that is not known, without waiting."""
    *options, start = words
    request = parse_request((*options, b"", start), "xreadgroup", 0)
    if request.block is not None or len(request.streams) != 1:
        return None

    def read(client: Client, key: bytes) -> StreamsReply:
        return _read_streams(client, request, ((key, start),))

    def read_new(client: Client, key: bytes) -> StreamsReply:
        entries = _read_new(client.db, request, key)
        return by_stream(client, [] if entries is None else [[key, entries]])

    return read_new if start == b">" else read


@command(
    "XREADGROUP",
    flags="write blocking movablekeys",
    group="stream",
    since="5.0.0",
    complexity="O(M) for each stream, where M is the number of entries given.",
    find_keys=keys_after_streams(3),
    in_scripts=InScripts(repeats=Repeated(Free.LAST_BUT_ONE, _reading)),
)
def xreadgroup(
    client: Client,
    first: bytes,
    second: bytes,
    third: bytes,
    fourth: bytes,
    fifth: bytes,
    sixth: bytes,
    *rest: Words,
) -> StreamsReply:
    """Read entries of streams as a consumer of a group: new ones, or those it has pending."""
    words = (first, second, third, fourth, fifth, sixth, *rest)
    request = parse_request(words, "xreadgroup", client.db.keyspace.now)
    return _read_streams(client, request, request.streams)


def _read_streams(
    client: Client, request: Request, streams: Sequence[tuple[bytes, bytes]]
) -> StreamsReply:
    db = client.db
    keyspace = db.keyspace
    starts = []
    for key, word in streams:
        starts.append(_read_group_from(db, request, key, word))
    dirty = keyspace.dirty
    found: list[list[Any]] = []
    for (key, _), start in zip(streams, starts, strict=True):
        entries: list[Any] | None
        if start is None:
            entries = _read_new(db, request, key)
        else:
            entries = _read_pending(db, request, key, start)
        if entries is not None:
            found.append([key, entries])
    if keyspace.dirty != dirty:
        db.no_effect()
    if found or request.block is None:
        return by_stream(client, found)
    # No type: it goes on, with an error, when the group or the stream is gone.
    blocked: StreamsReply = block(client, request.keys, None, request.block)
    return blocked


def _read_group_from(db: Database, request: Request, key: bytes, word: bytes) -> Id | None:
    """Give the id after which a consumer's pending entries are read; None: new entries."""
    _require_group(db.lookup(key, Stream), request, key)
    if word == b">":
        return None
    if word in (b"$", b"+"):
        raise CommandError(
            f"ERR The {word.decode()} ID is meaningless in the context of XREADGROUP: you want to"
            " read the history of this consumer by specifying a proper ID, or use the > ID to get"
            f" new messages. The {word.decode()} ID would just return an empty result set."
        )
    start = parse_id(word)
    # The greatest id counts as `>`, as in the reference.
    return None if start == MAX_ID else start


def _require_group(stream: Stream | None, request: Request, key: bytes) -> tuple[Stream, Group]:
    name = request.group
    assert name is not None
    group = None if stream is None else stream.groups.get(name)
    if stream is None or group is None:
        raise no_group(key, name, " in XREADGROUP with GROUP option")
    return stream, group


def _require_consumer(db: Database, request: Request, key: bytes, group: Group) -> Consumer:
    consumer = group.consumers.get(request.consumer)
    if consumer is None:
        assert request.group is not None
        consumer = make_consumer(db, key, request.group, group, request.consumer, request.no_ack)
    return consumer


def _read_new(db: Database, request: Request, key: bytes) -> list[EntryReply] | None:
    stream, group = _require_group(db.edit(key, Stream), request, key)
    consumer = _require_consumer(db, request, key, group)
    keyspace, name = db.keyspace, request.group
    now, after = keyspace.now, group.last_id
    ids, entries = stream.after(after, request.count) if after < stream.last_id else ([], [])
    if not ids:
        group.touch(consumer, now)
        return None
    assert name is not None
    read = stream.read_by(group, ids)
    if request.no_ack:
        group.touch(consumer, now)
        group.move(ids[-1], read)
    else:
        handed = group.hand_out(ids, consumer, now, read)
        each = handed if len(handed) < STEPS else interruptible(handed)
        for pending, (shown, _) in zip(each, entries, strict=True):
            replicate_claim(db, key, name, pending, shown, shown)
    replicate_place(db, key, name, group, entries[-1][0])
    keyspace.dirty += 1
    return entries


def _read_pending(db: Database, request: Request, key: bytes, start: Id) -> list[Reply]:
    stream, group = _require_group(db.edit(key, Stream), request, key)
    consumer = _require_consumer(db, request, key, group)
    now = db.keyspace.now
    group.touch(consumer, now)
    replies: list[Reply] = []
    owned = consumer.pending.between(following_id(start))
    for entry_id in interruptible(islice(owned, request.count)):
        fields = stream.get(entry_id)
        if fields is None:
            replies.append([format_id(entry_id), NULL_ARRAY])
            continue
        pending = group.pending[entry_id]
        group.deliver(entry_id, consumer, now, pending.count + 1)
        replies.append((format_id(entry_id), fields))
    return replies


def _acknowledge_one(
    db: Database, name: bytes, key: bytes, group: bytes, entry_id: bytes
) -> int | None:
    stream = db.entries.get(key)
    if not is_easy(stream, Stream, db, key):
        return None
    found = stream.groups.get(group)
    if found is None or not found.acknowledge(parse_id(entry_id)):
        return 0
    note(db, name, key, group, entry_id)
    return 1


@command(
    "XACK",
    flags="write fast",
    group="stream",
    since="5.0.0",
    complexity="O(1) for each id.",
    in_scripts=InScripts(quick=_acknowledge_one),
)
def xack(db: Database, key: Key, group: bytes, *ids: bytes) -> int:
    """Acknowledge entries: they are no longer pending in the group. Gives how many were."""
    stream = db.edit(key, Stream)
    found = None if stream is None else stream.groups.get(group)
    if found is None:
        return 0
    acknowledged = 0
    for entry_id in [parse_id(word) for word in ids]:
        acknowledged += found.acknowledge(entry_id)
    db.keyspace.dirty += acknowledged
    return acknowledged


@command(
    "XACKDEL", flags="write fast", group="stream", since="8.2.0", complexity="O(1) for each entry."
)
def xackdel(
    db: Database, key: Key, group: bytes, first: bytes, second: bytes, third: bytes, *rest: Words
) -> Reply:
    """Acknowledge entries in a consumer group and delete them from the stream.

    Gives for each id 1 (done), -1 (not pending in the group) or 2 (acknowledged, but another
    group still needs it).
    """
    stream = db.edit(key, Stream)
    policy, words = parse_id_list((first, second, third, *rest))
    pending_group = None if stream is None else stream.groups.get(group)
    if stream is None or pending_group is None:
        return [-1] * len(words)
    replies: list[int] = []
    deleted = 0
    for entry_id in [parse_id(word) for word in words]:
        if not pending_group.acknowledge(entry_id):
            replies.append(-1)
            continue
        db.keyspace.dirty += 1
        reply = delete_entry(stream, entry_id, policy)
        deleted += reply == 1
        replies.append(abs(reply))
    if deleted:
        db.changed(key, b"xdel", 0)
    return replies


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
    first, last = pending.ids[0], pending.ids[-1]
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
    for entry_id in interruptible(pending.between(wanted.start, wanted.end)):
        if len(rows) >= wanted.count:
            break
        entry = pending[entry_id]
        if not wanted.idle or now - entry.time >= wanted.idle:
            idle = max(now - entry.time, 0)
            rows.append([format_id(entry_id), entry.consumer.name, idle, entry.count])
    return rows
