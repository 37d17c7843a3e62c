"""Streams: XINFO."""

from __future__ import annotations

from itertools import islice

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.stream_words import (
    entry_replies,
    entry_reply,
    format_id,
    no_such_group,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import NO_SUCH_KEY, subcommand_syntax
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.stream_group import Consumer, Group
from redislua_kernel.reply import Reply


@command("XINFO HELP", flags="loading stale", group="stream", since="5.0.0", complexity="O(1)")
def xinfo_help(client: Client) -> Reply:
    """Describe the subcommands of XINFO."""
    return help_reply("XINFO")


@command("XINFO STREAM", flags="readonly", group="stream", since="5.0.0", complexity="O(1)")
def xinfo_stream(client: Client, key: Key, *options: Words) -> Reply:
    """Show a stream's counters and its ends; FULL: its entries and groups."""
    stream = _stream(client.db, key)
    info = {
        b"length": stream.length,
        b"radix-tree-keys": len(stream.nodes),
        b"radix-tree-nodes": stream.radix_nodes,
        b"last-generated-id": format_id(stream.last_id),
        b"max-deleted-entry-id": format_id(stream.max_deleted_id),
        b"entries-added": stream.entries_added,
        b"recorded-first-entry-id": format_id(stream.first_id),
    }
    if options:
        count = _parse_full(client, options)
        entries = islice(stream.range(), count or None)
        groups = sorted(stream.groups.items())
        info[b"entries"] = entry_replies(entries)
        info[b"groups"] = [_full_group(stream, *item, count or None) for item in groups]
        return info
    first, last = next(stream.range(), None), next(stream.reverse_range(), None)
    info[b"groups"] = len(stream.groups)
    info[b"first-entry"] = None if first is None else entry_reply(first)
    info[b"last-entry"] = None if last is None else entry_reply(last)
    return info


@command("XINFO GROUPS", flags="readonly", group="stream", since="5.0.0", complexity="O(1)")
def xinfo_groups(db: Database, key: Key) -> Reply:
    """List the consumer groups of a stream."""
    stream = _stream(db, key)
    return [
        {
            b"name": name,
            b"consumers": len(group.consumers),
            b"pending": len(group.pending),
            b"last-delivered-id": format_id(group.last_id),
            b"entries-read": group.entries_read,
            b"lag": stream.lag(group),
        }
        for name, group in sorted(stream.groups.items())
    ]


@command("XINFO CONSUMERS", flags="readonly", group="stream", since="5.0.0", complexity="O(1)")
def xinfo_consumers(db: Database, key: Key, group: bytes) -> Reply:
    """List the consumers of a group."""
    found = _stream(db, key).groups.get(group)
    if found is None:
        raise no_such_group(key, group)
    now = db.keyspace.now
    return [
        {
            b"name": name,
            b"pending": len(consumer.pending),
            b"idle": max(now - consumer.seen, 0),
            b"inactive": -1 if consumer.active is None else now - consumer.active,
        }
        for name, consumer in sorted(found.consumers.items())
    ]


def _stream(db: Database, key: bytes) -> Stream:
    stream = db.lookup(key, Stream)
    if stream is None:
        raise NO_SUCH_KEY
    return stream


def _parse_full(client: Client, words: tuple[bytes, ...]) -> int:
    if len(words) not in (1, 3) or words[0].upper() != b"FULL":
        raise subcommand_syntax(client.words[1], "xinfo")
    if len(words) == 1:
        return 10
    if words[1].upper() != b"COUNT":
        raise subcommand_syntax(client.words[1], "xinfo")
    count = parse_int(words[2])
    return 10 if count < 0 else count


def _full_group(stream: Stream, name: bytes, group: Group, count: int | None) -> Reply:
    pending = [
        [format_id(entry_id), entry.consumer.name, entry.time, entry.count]
        for entry_id, entry in islice(group.pending.in_order(), count)
    ]
    return {
        b"name": name,
        b"last-delivered-id": format_id(group.last_id),
        b"entries-read": group.entries_read,
        b"lag": stream.lag(group),
        b"pel-count": len(group.pending),
        b"pending": pending,
        b"consumers": [
            _full_consumer(consumer, count) for _, consumer in sorted(group.consumers.items())
        ],
    }


def _full_consumer(consumer: Consumer, count: int | None) -> Reply:
    pending = [
        [format_id(entry_id), entry.time, entry.count]
        for entry_id, entry in islice(consumer.pending.in_order(), count)
    ]
    return {
        b"name": consumer.name,
        b"seen-time": consumer.seen,
        b"active-time": -1 if consumer.active is None else consumer.active,
        b"pel-count": len(consumer.pending),
        b"pending": pending,
    }
