"""Strings in RDB form."""

from __future__ import annotations

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb.reader import Reader
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.string import RawString

__all__ = ["KINDS", "READERS", "write"]

KINDS = (bytes, RawString)

_STRING = 0


def write(writer: Writer, value: bytes | RawString) -> None:
    """Write a string."""
    writer.encoding(_STRING)
    writer.string(value if isinstance(value, bytes) else bytes(value.data))


def _read(reader: Reader, journal: Journal) -> bytes:
    return reader.string()


READERS = {_STRING: _read}
