"""A payload's end: the RDB version it is written in, and a checksum of everything before."""

from __future__ import annotations

from collections.abc import Container

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.rdb.crc64 import crc64

__all__ = ["RDB_VERSION", "RDB_VERSIONS", "sign", "verify"]

#: The RDB version that redis-server 8.2.3 writes, and those that it reads.
RDB_VERSION = 12
RDB_VERSIONS = range(RDB_VERSION + 1)

#: Bytes of the version and the checksum.
_FOOTER = 10

_BAD_PAYLOAD = CommandError("ERR DUMP payload version or checksum are wrong")


def sign(body: bytes | bytearray, version: int = RDB_VERSION) -> bytes:
    """Give the payload of a body: the body with its version and checksum."""
    versioned = bytes(body) + version.to_bytes(2, "little")
    return versioned + crc64(versioned).to_bytes(8, "little")


def verify(payload: bytes, versions: Container[int] = RDB_VERSIONS) -> int:
    """Give the length of a payload's body. Raises the error for a wrong version or checksum."""
    end = len(payload) - _FOOTER
    if end < 0 or int.from_bytes(payload[end : end + 2], "little") not in versions:
        raise _BAD_PAYLOAD
    if crc64(payload[:-8]) != int.from_bytes(payload[-8:], "little"):
        raise _BAD_PAYLOAD
    return end
