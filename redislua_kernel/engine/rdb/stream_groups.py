"""The consumer groups of a stream in RDB form, in the order of their names' bytes."""

from __future__ import annotations

import struct

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.stream_group import Consumer, Group, Id, Pending

__all__ = ["read_groups", "write_groups"]

_ID = struct.Struct(">QQ")
#: Stands for a number of entries that is not known.
_UNKNOWN = (1 << 64) - 1
_NEVER = -1


def write_groups(writer: Writer, groups: dict[bytes, Group]) -> None:
    """Write all groups."""
    writer.length(len(groups))
    for name, group in sorted(groups.items()):
        writer.string(name)
        for number in group.last_id:
            writer.length(number)
        writer.length(_UNKNOWN if group.entries_read is None else group.entries_read)
        writer.length(len(group.pending))
        for entry_id, pending in interruptible(group.pending.in_order()):
            writer.data += _ID.pack(*entry_id)
            writer.milliseconds(pending.time)
            writer.length(pending.count)
        writer.length(len(group.consumers))
        for _, consumer in sorted(group.consumers.items()):
            _write_consumer(writer, consumer)


def _write_consumer(writer: Writer, consumer: Consumer) -> None:
    writer.string(consumer.name)
    writer.milliseconds(consumer.seen)
    writer.milliseconds(_NEVER if consumer.active is None else consumer.active)
    writer.length(len(consumer.pending))
    for entry_id, _ in interruptible(consumer.pending.in_order()):
        writer.data += _ID.pack(*entry_id)


def read_groups(reader: Reader, stream: Stream, version: int) -> None:
    """Read all groups into a stream. Raises `Corrupt`."""
    for _ in range(reader.length()):
        name = reader.string()
        last_id = reader.length(), reader.length()
        read = stream.entries_until(last_id)
        if version > 1:
            said = reader.length()
            read = None if said == _UNKNOWN else said
        if name in stream.groups:
            raise Corrupt("a group twice")
        stream.groups[name] = _read_group(
            reader, Group(last_id, read, stream.journal.undo), version
        )


def _read_group(reader: Reader, group: Group, version: int) -> Group:
    unowned: dict[Id, tuple[int, int]] = {}
    for _ in interruptible(range(reader.length())):
        entry_id = _read_id(reader)
        if entry_id in unowned:
            raise Corrupt("an entry pending twice")
        unowned[entry_id] = reader.milliseconds(), reader.length()
    for _ in range(reader.length()):
        consumer = _read_consumer(reader, version)
        if consumer.name in group.consumers:
            raise Corrupt("a consumer twice")
        group.consumers[consumer.name] = consumer
        for _ in interruptible(range(reader.length())):
            entry_id = _read_id(reader)
            if entry_id not in unowned:
                raise Corrupt("a consumer's entry that is not pending, or another consumer's")
            group.restore(entry_id, Pending(consumer, *unowned.pop(entry_id)))
    if unowned:
        raise Corrupt("a pending entry without a consumer")
    return group


def _read_consumer(reader: Reader, version: int) -> Consumer:
    consumer = Consumer(reader.string(), reader.milliseconds())
    active = reader.milliseconds() if version > 2 else consumer.seen
    consumer.active = None if active == _NEVER else active
    return consumer


def _read_id(reader: Reader) -> Id:
    ms, sequence = _ID.unpack(reader.take(_ID.size))
    return ms, sequence
