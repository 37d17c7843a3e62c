"""The CRC-64 (Jones polynomial, reflected) that DUMP payloads and RDB files carry."""

from __future__ import annotations

from redislua_kernel.engine.interrupts import pieces
from redislua_kernel.engine.progress import note

__all__ = ["crc64"]

_POLYNOMIAL = 0x95AC9329AC4BC9B5  # ad93d23594c935a9, bits reversed


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_entry(byte) for byte in range(256)]


def crc64(data: bytes, crc: int = 0) -> int:
    """Give the CRC-64 of some bytes, going on from the CRC of those before them."""
    table = _TABLE
    for start, stop in pieces(0, len(data)):
        note("checksum", start, len(data))
        for byte in data[start:stop]:
            crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc
