"""FUNCTION DUMP's payload: libraries as RDB strings, a version and a checksum.

Each library is the opcode 245 and its code as an RDB string; then come the RDB version (two
bytes; every dialect writes its own) and the CRC-64 of all before it. Long strings may be
LZF-compressed; ours are not, which every reader takes.
"""

from __future__ import annotations

from collections.abc import Container

from redislua_kernel.engine.crc64 import crc64
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.lzf import decompress

__all__ = ["read_payload", "write_payload"]

_FUNCTION, _FUNCTION_PRE_GA = 245, 246
_FOOTER = 10
_BAD_PAYLOAD = CommandError("ERR DUMP payload version or checksum are wrong")
_LOAD_FAILED = CommandError("ERR Failed loading library payload")


def write_payload(libraries: list[bytes], version: int) -> bytes:
    """Give the payload that restores these libraries' codes."""
    parts = [bytes([_FUNCTION]) + _write_length(len(code)) + code for code in libraries]
    body = b"".join(parts) + version.to_bytes(2, "little")
    return body + crc64(body).to_bytes(8, "little")


def read_payload(payload: bytes, versions: Container[int]) -> list[bytes]:
    """Give the libraries' codes in a payload that has one of these RDB versions.

    Raises the reference's errors.
    """
    if len(payload) < _FOOTER:
        raise _BAD_PAYLOAD
    version = int.from_bytes(payload[-_FOOTER:-8], "little")
    checksum = int.from_bytes(payload[-8:], "little")
    if version not in versions or crc64(payload[:-8]) != checksum:
        raise _BAD_PAYLOAD
    body, place, codes = payload[:-_FOOTER], 0, []
    while place < len(body):
        opcode = body[place]
        if opcode == _FUNCTION_PRE_GA:
            raise CommandError("ERR Pre-GA function format not supported")
        if opcode != _FUNCTION:
            raise CommandError("ERR given type is not a function")
        code, place = _read_string(body, place + 1)
        codes.append(code)
    return codes


def _write_length(length: int) -> bytes:
    if length < 1 << 6:
        return bytes([length])
    if length < 1 << 14:
        return bytes([0x40 | length >> 8, length & 0xFF])
    return b"\x80" + length.to_bytes(4, "big")


def _read_length(body: bytes, place: int) -> tuple[int, int, bool]:
    """Give a length, the place after it, and whether it is the number of a special encoding."""
    first = _take(body, place, 1)[0]
    kind = first >> 6
    if kind == 0:
        return first & 0x3F, place + 1, False
    if kind == 1:
        return (first & 0x3F) << 8 | _take(body, place + 1, 1)[0], place + 2, False
    if kind == 3:
        return first & 0x3F, place + 1, True
    size = {0x80: 4, 0x81: 8}.get(first)
    if size is None:
        raise _LOAD_FAILED
    return int.from_bytes(_take(body, place + 1, size), "big"), place + 1 + size, False


def _read_string(body: bytes, place: int) -> tuple[bytes, int]:
    length, place, is_special = _read_length(body, place)
    if not is_special:
        return _take(body, place, length), place + length
    if length in (0, 1, 2):  # an integer of 1, 2 or 4 bytes
        size = 1 << length
        number = int.from_bytes(_take(body, place, size), "little", signed=True)
        return b"%d" % number, place + size
    if length != 3:
        raise _LOAD_FAILED
    packed, place, _ = _read_length(body, place)
    size, place, _ = _read_length(body, place)
    try:
        return decompress(_take(body, place, packed), size), place + packed
    except ValueError:
        raise _LOAD_FAILED from None


def _take(body: bytes, place: int, size: int) -> bytes:
    taken = body[place : place + size]
    if len(taken) < size:
        raise _LOAD_FAILED
    return taken
