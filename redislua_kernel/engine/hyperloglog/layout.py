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
    "is_invalidated",
    "is_valid",
    "new",
    "store_estimate",
]

REGISTERS = 1 << 14
HEADER = 16
DENSE_LENGTH = HEADER + REGISTERS * 6 // 8

DENSE, SPARSE = 0, 1

_MAGIC = b"HYLL"
_DENSE_KIND, _SPARSE_KIND = (_MAGIC + bytes([encoding]) for encoding in (DENSE, SPARSE))
#: The magic with the encoding, and the cached estimate, whose highest bit says it is out of date.
_read_header = Struct("<5s3xQ").unpack_from
_OUT_OF_DATE = 1 << 63


class CorruptedError(Exception):
    """The runs of a sparse value do not make up all registers."""


def new() -> bytes:
    """Give an empty value: sparse, one run of zeros."""
    return _MAGIC + bytes([SPARSE, 0, 0, 0]) + bytes(8) + b"\x7f\xff"


def is_valid(data: bytes | bytearray) -> bool:
    """Tell whether a string looks like a value; its runs are not looked at."""
    if len(data) < HEADER or not data.startswith(_MAGIC):
        return False
    return data[4] == SPARSE or (data[4] == DENSE and len(data) == DENSE_LENGTH)


def cached_estimate(data: bytes | bytearray) -> int | None:
    """Give the cached estimate of a value; None if it is out of date, or there is no value."""
    try:
        kind, number = _read_header(data)
    except error:  # shorter than a header
        return None
    is_whole = kind == _SPARSE_KIND or (kind == _DENSE_KIND and len(data) == DENSE_LENGTH)
    return number if is_whole and number < _OUT_OF_DATE else None


def is_invalidated(data: bytes | bytearray) -> bool:
    """Tell whether the cached estimate is said not to hold."""
    return data[15] > 0x7F


def invalidate(data: bytearray) -> None:
    """Say that the cached estimate no longer holds."""
    data[15] |= 0x80


def store_estimate(data: bytearray, number: int) -> None:
    """Cache an estimate."""
    data[8:HEADER] = number.to_bytes(8, "little")
