"""Packed forms that only older servers write, made for the tests of what reads them."""

from __future__ import annotations

import struct

from redislua_kernel.engine.integers import as_integer

_INTEGERS = ((8, 0xFE), (16, 0xC0), (24, 0xF0), (32, 0xD0), (64, 0xE0))


def ziplist(*words: bytes) -> bytes:
    """Give the ziplist of some words."""
    body, before, last = b"", 0, 10
    for word in words:
        size = bytes([before]) if before < 254 else b"\xfe" + struct.pack("<I", before)
        entry = size + _ziplist_entry(word)
        last, before = 10 + len(body), len(entry)
        body += entry
    return struct.pack("<IIH", 11 + len(body), last, len(words)) + body + b"\xff"


def _ziplist_entry(word: bytes) -> bytes:
    number = as_integer(word)
    if number is None:
        length = len(word)
        if length < 64:
            return bytes([length]) + word
        if length < 16384:
            return struct.pack(">H", 0x4000 | length) + word
        return b"\x80" + struct.pack(">I", length) + word
    if 0 <= number <= 12:
        return bytes([0xF1 + number])
    bits, head = next(kind for kind in _INTEGERS if -1 << kind[0] - 1 <= number < 1 << kind[0] - 1)
    return bytes([head]) + number.to_bytes(bits // 8, "little", signed=True)


def zipmap(*words: bytes, unused: int = 0) -> bytes:
    """Give the zipmap of some fields and values, with unused bytes behind each value."""
    body = b""
    for place, word in enumerate(words):
        body += bytes([len(word)]) if len(word) < 254 else b"\xfe" + struct.pack("<I", len(word))
        is_value = place % 2
        body += bytes([unused]) + word + b"?" * unused if is_value else word
    return bytes([len(words) // 2]) + body + b"\xff"
