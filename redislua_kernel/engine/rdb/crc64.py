"""The CRC-64 (Jones polynomial, reflected) that DUMP payloads and RDB files carry.

A CRC is what is left of the data divided by the polynomial, both taken as sums of powers of x.
Byte by byte Python needs seconds for a large file. So long data are folded first: what stands
before x^3287 is replaced by as many times the sum of powers that has the same remainder. All
powers may be doubled, again and again; so each fold is some shifts of one large integer, and
halves it.
"""

from __future__ import annotations

from redislua_kernel.engine.interrupts import pieces
from redislua_kernel.engine.progress import note

__all__ = ["crc64"]

_POLYNOMIAL = 0x95AC9329AC4BC9B5  # ad93d23594c935a9, bits reversed

#: The power that is replaced, and the others whose sum has the same remainder. No other power is
#: known that is as low, and has so few others, none of which is much more than half of it.
_FOLDED = 3287
_OTHERS = (1640, 1518, 1382, 1184, 943, 656, 0)
_LOWER_BY = tuple(_FOLDED - power for power in _OTHERS)

#: Fewer bytes cannot be folded, or need not be.
_SHORT = 512


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_entry(byte) for byte in range(256)]


def crc64(data: bytes | bytearray, crc: int = 0) -> int:
    """Give the CRC-64 of some bytes, going on from the CRC of those before them."""
    table = _TABLE
    for start, stop in pieces(0, len(data)):
        note("checksum", start, len(data))
        piece = data[start:stop]
        if len(piece) > _SHORT:
            piece, crc = _folded(piece, crc), 0
        for byte in piece:
            crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


def _folded(data: bytes | bytearray, crc: int) -> bytes:
    """Give a few bytes that have the CRC which some have that come after others with `crc`."""
    # The first bit is the highest power, and the lowest bit of the integer.
    bits = len(data) * 8
    rest = int.from_bytes(data, "little") ^ crc
    doubled = (bits // _FOLDED).bit_length()
    while doubled:
        doubled -= 1
        kept = (_FOLDED << doubled) + 7 & ~7
        while bits > kept:
            # Whole bytes, and no more than reach what is left.
            count = min(bits - kept, (_LOWER_BY[0] << doubled) & ~7)
            first = rest & (1 << count) - 1
            rest >>= count
            for lower in _LOWER_BY:
                rest ^= first << (lower << doubled) - count
            bits -= count
    return rest.to_bytes(bits // 8, "little")
