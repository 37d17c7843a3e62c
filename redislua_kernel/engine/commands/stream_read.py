"""Streams: reading ranges, and what is new since an id or for a consumer group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.stream_words import (
    entry_replies,
    entry_reply,
    following_id,
    format_id,
    no_group,
    parse_end,
    parse_id,
    parse_start,
    previous_id,
)
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.keyspace import Database
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, Optional, parse_int
from redislua_kernel.engine.types.stream import MAX_ID, MIN_ID, Stream
from redislua_kernel.engine.types.stream_group import Consumer, Group, Id
from redislua_kernel.reply import NULL_ARRAY, Map, Reply

Words = Annotated[bytes, Optional]

NOT_A_TIMEOUT = CommandError("ERR timeout is not an integer or out of range")
NEGATIVE_TIMEOUT = CommandError("ERR timeout is negative")
TIMEOUT_TOO_LARGE = CommandError("ERR timeout is out of range")
GROUP_MISSING = CommandError("ERR Missing GROUP option for XREADGROUP")
NEW_WITHOUT_GROUP = CommandError(
    "ERR The > ID can be specified only when calling XREADGROUP"
    " using the GROUP <group> <consumer> option."
)


# Ranges


@command(
    "XRANGE",
    flags="readonly",
    group="stream",
    since="5.0.0",
    complexity="O(log N + M) where N is the stream's length and M the number of entries given.",
)
def xrange(db: Database, key: Key, start: bytes, end: bytes, *options: Words) -> Reply:
    """Read the entries of a stream between two ids, oldest first."""
    first, last = parse_start(start), parse_end(end)
    return _range(db, key, first, last, options, is_reverse=False)


@command(
    "XREVRANGE",
    flags="readonly",
    group="stream",
    since="5.0.0",
    complexity="O(log N + M) where N is the stream's length and M the number of entries given.",
)
def xrevrange(db: Database, key: Key, end: bytes, start: bytes, *options: Words) -> Reply:
    """Read the entries of a stream between two ids, newest first."""
    first, last = parse_start(start), parse_end(end)
    return _range(db, key, first, last, options, is_reverse=True)


def _range(
    db: Database, key: bytes, first: Id, last: Id, options: tuple[bytes, ...], *, is_reverse: bool
) -> Reply:
    count: int | None = None
    for place in range(0, len(options), 2):
        if options[place].upper() != b"COUNT" or place + 1 == len(options):
            raise SYNTAX_ERROR
        count = max(parse_int(options[place + 1]), 0)
    stream = db.lookup(key, Stream)
    if stream is None:
        return []
    if count == 0:
        return NULL_ARRAY
    entries = stream.reverse_range(first, last) if is_reverse else stream.range(first, last)
    return entry_replies(entries if count is None else islice(entries, count))


# XREAD and XREADGROUP


@dataclass
class Request:
    """What XREAD or XREADGROUP was asked for."""

    count: int | None = None
    group: bytes | None = None
    consumer: bytes = b""
    no_ack: bool = False
    #: How long to wait, in milliseconds; None: not at all, 0: for ever.
    block: int | None = None
    keys: Sequence[bytes] = ()
    ids: Sequence[bytes] = ()


def stream_keys(words: Sequence[bytes]) -> list[bytes]:
    """Give the keys among the words of XREAD and XREADGROUP."""
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option == b"STREAMS":
            names = words[place + 1 :]
            return list(names[: len(names) // 2]) if len(names) % 2 == 0 else []
        skipped = {b"BLOCK": 2, b"COUNT": 2, b"GROUP": 3, b"NOACK": 1}.get(option)
        if skipped is None:
            break
        place += skipped
    return []


@command(
    "XREAD",
    flags="readonly blocking movablekeys",
    group="stream",
    since="5.0.0",
    complexity="O(M) for each stream, where M is the number of entries given.",
    find_keys=stream_keys,
)
def xread(client: Client, first: bytes, second: bytes, third: bytes, *rest: Words) -> Reply:
    """Read the entries of streams that are newer than given ids."""
    request = parse_request((first, second, third, *rest), "xread")
    db = client.db
    starts = [
        _read_from(db.lookup(key, Stream), word)
        for key, word in zip(request.keys, request.ids, strict=True)
    ]
    found = []
    for key, start in zip(request.keys, starts, strict=True):
        stream = db.lookup(key, Stream)
        if stream is None or not stream.length or stream.last_entry_id <= start:
            continue
        entries = stream.range(following_id(start))
        found.append((key, entry_replies(islice(entries, request.count))))
    return _by_stream(client, found)


def _read_from(stream: Stream | None, word: bytes) -> Id:
    """Give the id after which XREAD reads a stream."""
    if word == b"$":
        return MIN_ID if stream is None else stream.last_id
    if word == b"+":
        if stream is None or not stream.length:
            return MIN_ID
        return previous_id(stream.last_entry_id)
    if word == b">":
        raise NEW_WITHOUT_GROUP
    return parse_id(word)


@command(
    "XREADGROUP",
    flags="write blocking movablekeys",
    group="stream",
    since="5.0.0",
    complexity="O(M) for each stream, where M is the number of entries given.",
    find_keys=stream_keys,
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
) -> Reply:
    """Read entries of streams as a consumer of a group: new ones, or those it has pending."""
    words = (first, second, third, fourth, fifth, sixth, *rest)
    request = parse_request(words, "xreadgroup")
    db = client.db
    starts = [
        _read_group_from(db, request, key, word)
        for key, word in zip(request.keys, request.ids, strict=True)
    ]
    dirty = db.keyspace.dirty
    found = []
    for key, start in zip(request.keys, starts, strict=True):
        entries = _read_group(db, request, key, start)
        if entries is not None:
            found.append((key, entries))
    if db.keyspace.dirty != dirty:
        db.no_effect()
    return _by_stream(client, found)


def _read_group_from(db: Database, request: Request, key: bytes, word: bytes) -> Id | None:
    """Give the id after which a consumer's pending entries are read; None: new entries."""
    stream = db.lookup(key, Stream)
    assert request.group is not None
    if stream is None or request.group not in stream.groups:
        raise no_group(key, request.group, " in XREADGROUP with GROUP option")
    if word in (b"$", b"+"):
        raise CommandError(
            f"ERR The {word.decode()} ID is meaningless in the context of XREADGROUP: you want to"
            " read the history of this consumer by specifying a proper ID, or use the > ID to get"
            f" new messages. The {word.decode()} ID would just return an empty result set."
        )
    return None if word == b">" else parse_id(word)


def _read_group(db: Database, request: Request, key: bytes, start: Id | None) -> Reply | None:
    stream = db.edit(key, Stream)
    assert stream is not None
    assert request.group is not None
    group = stream.groups[request.group]
    consumer = find_consumer(db, key, request.group, group, request.consumer, request.no_ack)
    group.touch(consumer, db.keyspace.now)
    # The greatest id counts as `>`, as in the reference.
    if start is not None and start != MAX_ID:
        return _read_pending(stream, group, consumer, start, request.count, db.keyspace.now)
    if not stream.length or stream.last_entry_id <= group.last_id:
        return None
    return _read_new(db, request, key, stream, group, consumer)


def find_consumer(
    db: Database, key: bytes, group_name: bytes, group: Group, name: bytes, replicate: bool = False
) -> Consumer:
    """Give a group's consumer, made where there is none."""
    consumer = group.consumers.get(name)
    if consumer is None:
        consumer = group.create_consumer(name, db.keyspace.now)
        assert consumer is not None
        db.changed(key, b"xgroup-createconsumer")
        if replicate:
            db.effect(b"XGROUP", b"CREATECONSUMER", key, group_name, name)
    return consumer


def _read_pending(
    stream: Stream, group: Group, consumer: Consumer, start: Id, count: int | None, now: int
) -> list[Reply]:
    replies: list[Reply] = []
    for entry_id in islice(consumer.pending.irange(following_id(start)), count):
        fields = stream.get(entry_id)
        if fields is None:
            replies.append([format_id(entry_id), NULL_ARRAY])
            continue
        pending = group.pending[entry_id]
        group.deliver(entry_id, consumer, now, pending.count + 1)
        replies.append(entry_reply((entry_id, fields)))
    return replies


def _read_new(
    db: Database, request: Request, key: bytes, stream: Stream, group: Group, consumer: Consumer
) -> list[Reply]:
    now = db.keyspace.now
    assert request.group is not None
    replies: list[Reply] = []
    last_id, read = group.last_id, group.entries_read
    for entry_id, fields in islice(stream.range(following_id(last_id)), request.count):
        if read is not None and stream.is_gapless_after(last_id):
            read += 1
        elif stream.entries_added:
            read = stream.entries_until(entry_id)
        last_id = entry_id
        replies.append(entry_reply((entry_id, fields)))
        if not request.no_ack:
            group.deliver(entry_id, consumer, now, 1)
            replicate_claim(db, key, request.group, group, entry_id, last_id)
    group.move(last_id, read)
    if not request.no_ack:
        group.touch(consumer, now, now)
    replicate_place(db, key, request.group, group)
    db.keyspace.dirty += 1
    return replies


def replicate_claim(
    db: Database, key: bytes, name: bytes, group: Group, entry_id: Id, last_id: Id
) -> None:
    """Record who an entry is pending for, as the XCLAIM a replica would be sent."""
    pending = group.pending[entry_id]
    db.effect(
        b"XCLAIM", key, name, pending.consumer.name, b"0", format_id(entry_id),
        b"TIME", b"%d" % pending.time, b"RETRYCOUNT", b"%d" % pending.count,
        b"FORCE", b"JUSTID", b"LASTID", format_id(last_id),
    )  # fmt: skip


def replicate_place(db: Database, key: bytes, name: bytes, group: Group) -> None:
    """Record what a group has read, as the XGROUP SETID a replica would be sent."""
    read = -1 if group.entries_read is None else group.entries_read
    db.effect(
        b"XGROUP", b"SETID", key, name, format_id(group.last_id), b"ENTRIESREAD", b"%d" % read
    )


def _by_stream(client: Client, found: list[tuple[bytes, Reply]]) -> Reply:
    """Shape what was read of each stream: a map in RESP3, pairs in RESP2."""
    if not found:
        return NULL_ARRAY
    return Map(found) if client.resp == 3 else [[key, entries] for key, entries in found]


# Options


def parse_request(words: Sequence[bytes], name: str) -> Request:
    """Read the words of XREAD or XREADGROUP. Raises the reference's errors."""
    request = Request()
    place, last = 0, len(words) - 1
    while place <= last:
        option = words[place].upper()
        if option == b"BLOCK" and place < last:
            request.block = _parse_timeout(words[place + 1])
            place += 2
        elif option == b"COUNT" and place < last:
            count = parse_int(words[place + 1])
            request.count = count if count > 0 else None
            place += 2
        elif option == b"STREAMS" and place < last:
            _split_streams(request, words[place + 1 :], name)
            break
        elif option == b"GROUP" and place < last - 1:
            _require_group_command(name, "GROUP")
            request.group, request.consumer = words[place + 1], words[place + 2]
            place += 3
        elif option == b"NOACK":
            _require_group_command(name, "NOACK")
            request.no_ack = True
            place += 1
        else:
            raise SYNTAX_ERROR
    if not request.keys:
        raise SYNTAX_ERROR
    if name == "xreadgroup" and request.group is None:
        raise GROUP_MISSING
    return request


def _split_streams(request: Request, names: Sequence[bytes], name: str) -> None:
    half, odd = divmod(len(names), 2)
    if odd:
        wanted = "ID or '>'" if name == "xreadgroup" else "ID, '+', or '$'"
        raise CommandError(
            f"ERR Unbalanced '{name}' list of streams:"
            f" for each stream key an {wanted} must be specified."
        )
    request.keys, request.ids = names[:half], names[half:]


def _require_group_command(name: str, option: str) -> None:
    if name != "xreadgroup":
        raise CommandError(
            f"ERR The {option} option is only supported by XREADGROUP. You called XREAD instead."
        )


def _parse_timeout(word: bytes) -> int:
    try:
        timeout = parse_int(word)
    except CommandError:
        raise NOT_A_TIMEOUT from None
    if timeout < 0:
        raise NEGATIVE_TIMEOUT
    if timeout > INT64_MAX - 2_000_000_000_000:
        raise TIMEOUT_TOO_LARGE
    return timeout
