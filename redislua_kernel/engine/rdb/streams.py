"""Streams in RDB form: their nodes, their counters, then their groups (see `stream_groups`)."""

from __future__ import annotations

import struct
from functools import partial
from itertools import pairwise

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.stream_groups import read_groups, write_groups
from redislua_kernel.engine.rdb.stream_nodes import decode_node, encode_node
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.stream_group import Id

__all__ = ["KINDS", "READERS", "write"]

KINDS = (Stream,)

#: Since Redis 5, 7.0 and 7.2.
_VERSIONS = {15: 1, 19: 2, 21: 3}
_NEWEST = 21


def write(writer: Writer, value: Stream) -> None:
    """Write a stream; what was deleted from its nodes leaves no trace."""
    nodes = [node for node in value.nodes if node.ids]
    writer.encoding(_NEWEST)
    writer.length(len(nodes))
    for node in nodes:
        writer.string(struct.pack(">QQ", *node.first))
        writer.string(encode_node(node))
    writer.length(value.length)
    for entry_id in (value.last_id, value.first_id, value.max_deleted_id):
        _write_id(writer, entry_id)
    writer.length(value.entries_added)
    write_groups(writer, value.groups)


def _read(reader: Reader, journal: Journal, *, version: int) -> Stream:
    stream = Stream(journal)
    for _ in range(reader.length()):
        key, data = reader.string(), reader.string()
        if len(key) != 16:
            raise Corrupt("no id")
        stream.nodes.append(decode_node(struct.unpack(">QQ", key), data))
    stream.nodes.sort(key=lambda node: node.first)
    stream.length = reader.length()
    stream.last_id = _read_id(reader)
    if version > 1:
        _read_id(reader)  # that of the first entry
        stream.max_deleted_id = _read_id(reader)
        stream.entries_added = reader.length()
    else:
        stream.entries_added = stream.length
    _check(stream)
    read_groups(reader, stream, version)
    return stream


def _check(stream: Stream) -> None:
    """Raise `Corrupt` if the entries contradict each other, or the counters."""
    ids = [entry_id for node in stream.nodes for entry_id in node.ids]
    if any(one >= other for one, other in pairwise(ids)):
        raise Corrupt("not in the order of the ids")
    if any(entry_id < node.first for node in stream.nodes for entry_id in node.ids[:1]):
        raise Corrupt("an id before its node's")
    if stream.length != len(ids) or stream.length > stream.entries_added:
        raise Corrupt("another number of entries")
    if ids and ids[-1] > stream.last_id:
        raise Corrupt("an id after the last one")


def _write_id(writer: Writer, entry_id: Id) -> None:
    for number in entry_id:
        writer.length(number)


def _read_id(reader: Reader) -> Id:
    return reader.length(), reader.length()


READERS = {number: partial(_read, version=version) for number, version in _VERSIONS.items()}
