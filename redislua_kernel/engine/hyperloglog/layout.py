"""How a value is laid out: its header, the cached estimate in it, and its two encodings."""

from __future__ import annotations

from struct import Struct, error

__all__ = [
    "DENSE",
    "DENSE_LENGTH",
    "HEADER",
    "REGISTERS",
    "SPARSE",
    "CorruptedError",
    "cached_estimate",
    "invalidate",
    "is_valid",
    "new",
    "store_estimate",
]

REGISTERS = 1 << 14
HEADER = 16
DENSE_LENGTH = HEADER + REGISTERS * 6 // 8

DENSE, SPARSE = 0, 1

#: The magic, the encoding, and the cached estimate, whose highest bit says that it is out of date.
_read_header = Struct("<4sB3xQ").unpack_from
_OUT_OF_DATE = 1 << 63


class CorruptedError(Exception):
    """The runs of a sparse value do not make up all registers."""


def new() -> bytes:
    """Give an empty value: sparse, one run of zeros."""
    return b"HYLL" + bytes([SPARSE, 0, 0, 0]) + bytes(8) + b"\x7f\xff"


def is_valid(data: bytes | bytearray) -> bool:
    """Tell whether a string looks like a value; its runs are not looked at."""
    return _estimate_of(data) is not None


def cached_estimate(data: bytes | bytearray) -> int | None:
    """Give the cached estimate of a value; None if it is out of date, or there is no value."""
    number = _estimate_of(data)
    return number if number is not None and number < _OUT_OF_DATE else None


def _estimate_of(data: bytes | bytearray) -> int | None:
    """Give the field of the cached estimate; None if this is no value."""
    try:
        magic, encoding, number = _read_header(data)
    except error:  # shorter than a header
        return None
    is_whole = encoding == SPARSE or (encoding == DENSE and len(data) == DENSE_LENGTH)
    return number if magic == b"HYLL" and is_whole else None


def invalidate(data: bytearray) -> None:
    """Say that the cached estimate no longer holds."""
    data[15] |= 0x80


def store_estimate(data: bytearray, number: int) -> None:
    """Cache an estimate."""
    data[8:HEADER] = number.to_bytes(8, "little")
