"""What the commands of consumers share: finding groups and consumers, replicating claims."""

from __future__ import annotations

from redislua_kernel.engine.commands.stream_words import no_group
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.journal import REPLICATE_ALL
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.stream_group import Consumer, Group, Pending


def find_group(db: Database, key: bytes, name: bytes) -> tuple[Stream, Group]:
    """Give a stream and its group for changes. Raises NOGROUP."""
    stream = db.edit(key, Stream)
    group = None if stream is None else stream.groups.get(name)
    if stream is None or group is None:
        raise no_group(key, name)
    return stream, group


def find_consumer(
    db: Database, key: bytes, group_name: bytes, group: Group, name: bytes
) -> Consumer:
    """Give a group's consumer, made where there is none."""
    consumer = group.consumers.get(name)
    return make_consumer(db, key, group_name, group, name) if consumer is None else consumer


def make_consumer(
    db: Database, key: bytes, group_name: bytes, group: Group, name: bytes, replicate: bool = False
) -> Consumer:
    """Make a consumer that a group has not; record that, where nothing else tells of it."""
    consumer = group.create_consumer(name, db.keyspace.now)
    assert consumer is not None
    db.changed(key, b"xgroup-createconsumer")
    if replicate:
        db.sure_effect(b"XGROUP", b"CREATECONSUMER", key, group_name, name)
    return consumer


def replicate_claim(
    db: Database, key: bytes, name: bytes, pending: Pending, shown: bytes, last: bytes
) -> None:
    """Record who an entry is pending for, as the XCLAIM a replica would be sent.

    `shown` is its id as it is written, and so is `last`, the last one that the group has read.
    """
    # Database.sure_effect, spelled out: each entry that a consumer is handed comes by here.
    journal = db.journal
    journal.rewritten = True
    journal.calls.extend((
        db.index, REPLICATE_ALL, b"XCLAIM", key, name, pending.consumer.name, b"0", shown,
        b"TIME", pending.time, b"RETRYCOUNT", pending.count,
        b"FORCE", b"JUSTID", b"LASTID", last, None,
    ))  # fmt: skip


def replicate_place(db: Database, key: bytes, name: bytes, group: Group, last: bytes) -> None:
    """Record what a group has read, as the XGROUP SETID a replica would be sent.

    `last` is the last id that it has read, as it is written.
    """
    read = -1 if group.entries_read is None else group.entries_read
    journal = db.journal
    journal.rewritten = True
    journal.calls.extend((
        db.index, REPLICATE_ALL, b"XGROUP", b"SETID", key, name, last, b"ENTRIESREAD", read, None,
    ))  # fmt: skip
