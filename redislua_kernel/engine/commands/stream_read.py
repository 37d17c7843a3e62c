"""Streams: reading ranges, and what is new since an id or for a consumer group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from redislua_kernel.engine.blocking import block
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.stream_request import (
    by_stream,
    keys_after_streams,
    parse_request,
)
from redislua_kernel.engine.commands.stream_words import (
    format_id,
    parse_end,
    parse_id,
    parse_start,
    parse_whole_id,
    previous_id,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.repeated import Free, Repeated
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.stream import MIN_ID, Stream
from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.reply import (
    NULL_ARRAY,
    EntryColumns,
    EntryReply,
    NullArray,
    Reply,
    StreamsReply,
)

NEW_WITHOUT_GROUP = CommandError(
    "ERR The > ID can be specified only when calling XREADGROUP"
    " using the GROUP <group> <consumer> option."
)


# Ranges


def _between(db: Database, key: bytes, start: bytes, end: bytes) -> list[EntryReply]:
    first, last = parse_start(start), parse_end(end)
    stream = db.lookup(key, Stream)
    return [] if stream is None else [*zip(*stream.columns(first, last), strict=True)]


def _entries_between(
    db: Database, key: bytes, start: bytes, end: bytes
) -> EntryColumns | EntryReply:
    if start == end and (lone := parse_whole_id(start)) is not None:
        return _entry(db, key, lone)
    return _columns(db, key, parse_start(start), parse_end(end), None)


def _entry(db: Database, key: bytes, lone: Id) -> EntryColumns | EntryReply:
    stream = db.lookup(key, Stream)
    found = None if stream is None else stream.entry(lone)
    return EntryColumns([], []) if found is None else found


def _columns(
    db: Database, key: bytes, first: Id, last: Id, count: int | None, *, is_reverse: bool = False
) -> EntryColumns:
    stream = db.lookup(key, Stream)
    if stream is None:
        return EntryColumns([], [])
    return EntryColumns(*stream.columns(first, last, count, is_reverse=is_reverse))


def _ranging(is_reverse: bool) -> Repeated:
    """Give how scripts read a range of which all but the key is known."""

    def make(words: tuple[bytes, ...]) -> Callable[[Database, bytes], Reply] | None:
        low, high = reversed(words[:2]) if is_reverse else words[:2]
        first, last, count = parse_start(low), parse_end(high), _parse_count(words[2:])
        if count == 0:
            return None

        def read(db: Database, key: bytes) -> Any:
            return _columns(db, key, first, last, count, is_reverse=is_reverse)

        def read_one(db: Database, key: bytes) -> Any:
            return _entry(db, key, first)

        return read_one if first == last else read

    return Repeated(Free.FIRST, make)


@command(
    "XRANGE",
    flags="readonly",
    group="stream",
    since="5.0.0",
    complexity="O(log N + M) where N is the stream's length and M the number of entries given.",
    plain=_between,
    in_scripts=InScripts(quick=_entries_between, repeats=_ranging(is_reverse=False)),
)
def xrange(
    db: Database, key: Key, start: bytes, end: bytes, *options: Words
) -> list[EntryReply] | NullArray:
    """Read the entries of a stream between two ids, oldest first."""
    first, last = parse_start(start), parse_end(end)
    return _range(db, key, first, last, options, is_reverse=False)


@command(
    "XREVRANGE",
    flags="readonly",
    group="stream",
    since="5.0.0",
    complexity="O(log N + M) where N is the stream's length and M the number of entries given.",
    in_scripts=InScripts(repeats=_ranging(is_reverse=True)),
)
def xrevrange(
    db: Database, key: Key, end: bytes, start: bytes, *options: Words
) -> list[EntryReply] | NullArray:
    """Read the entries of a stream between two ids, newest first."""
    first, last = parse_start(start), parse_end(end)
    return _range(db, key, first, last, options, is_reverse=True)


def _range(
    db: Database, key: bytes, first: Id, last: Id, options: tuple[bytes, ...], *, is_reverse: bool
) -> list[EntryReply] | NullArray:
    count = _parse_count(options)
    stream = db.lookup(key, Stream)
    if stream is None:
        return []
    if count == 0:
        return NULL_ARRAY
    return [*zip(*stream.columns(first, last, count, is_reverse=is_reverse), strict=True)]


def _parse_count(options: Sequence[bytes]) -> int | None:
    count: int | None = None
    for place in range(0, len(options), 2):
        if options[place].upper() != b"COUNT" or place + 1 == len(options):
            raise SYNTAX_ERROR
        count = max(parse_int(options[place + 1]), 0)
    return count


# XREAD and XREADGROUP


@command(
    "XREAD",
    flags="readonly blocking movablekeys",
    group="stream",
    since="5.0.0",
    complexity="O(M) for each stream, where M is the number of entries given.",
    find_keys=keys_after_streams(0),
)
def xread(client: Client, first: bytes, second: bytes, third: bytes, *rest: Words) -> StreamsReply:
    """Read the entries of streams that are newer than given ids."""
    db = client.db
    request = parse_request((first, second, third, *rest), "xread", db.keyspace.now)
    starts = [_read_from(db.lookup(key, Stream), word) for key, word in request.streams]
    found: list[list[Any]] = []
    for (key, _), start in zip(request.streams, starts, strict=True):
        stream = db.lookup(key, Stream)
        if stream is None or not stream.length or stream.last_entry_id <= start:
            continue
        found.append([key, stream.after(start, request.count)[1]])
    if found or request.block is None:
        return by_stream(client, found)
    # What is new is what comes after now: `$` must not move on.
    words = [*client.words[: -len(starts)], *map(format_id, starts)]
    blocked: StreamsReply = block(client, request.keys, Stream, request.block, words=words)
    return blocked


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
