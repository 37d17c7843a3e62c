"""One value of any type, behind the number of its encoding: DUMP's payload, a file's entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import hashes, lists, sets, sorted_sets, streams, strings
from redislua_kernel.engine.rdb.payload import RDB_VERSION, sign
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.value import Value

__all__ = ["read_bare_value", "read_value", "write_keyed_value", "write_value"]

_TYPES = (strings, lists, sets, sorted_sets, hashes, streams)

#: How a value is written, by its class.
_WRITERS: dict[type, Callable[[Writer, Any], None]] = {
    kind: module.write for module in _TYPES for kind in module.KINDS
}

#: How a value is read, by the number of its encoding.
_READERS: dict[int, Callable[[Reader, Journal], bytes | Value]] = {
    number: read for module in _TYPES for number, read in module.READERS.items()
}


def write_value(
    value: bytes | Value, *, compresses: bool = True, version: int = RDB_VERSION
) -> bytes:
    """Give the payload that restores a value."""
    writer = Writer(compresses=compresses)
    _WRITERS[value.__class__](writer, value)
    return sign(writer.data, version)


def read_value(payload: bytes, journal: Journal) -> bytes | Value:
    """Give the value of a payload, whose checksum was verified. Raises `Corrupt`."""
    reader = Reader(payload)
    return read_bare_value(reader.byte(), reader, journal)


def write_keyed_value(writer: Writer, key: bytes, value: bytes | Value) -> None:
    """Write a value as files have it: the number of its encoding, its key, the value itself."""
    writer.expect(key)
    _WRITERS[value.__class__](writer, value)


def read_bare_value(number: int, reader: Reader, journal: Journal) -> bytes | Value:
    """Take a value whose encoding has this number. Raises `Corrupt`."""
    read = _READERS.get(number)
    if read is None:
        raise Corrupt("unknown type")
    return read(reader, journal)
