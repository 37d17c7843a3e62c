"""Geohashes: places on the earth as 52-bit integers.

A place becomes two 26-bit fractions of the ranges of longitude and latitude, interleaved
bit by bit. Places that are near each other mostly share their leading bits.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

__all__ = [
    "HEIGHT",
    "LATITUDE",
    "LONGITUDE",
    "STEPS",
    "WIDTH",
    "Place",
    "decode",
    "encode",
    "spread",
    "to_text",
]

LONGITUDE = (-180.0, 180.0)
#: Web Mercator's range: the poles cannot be shown.
LATITUDE = (-85.05112878, 85.05112878)
WIDTH, HEIGHT = LONGITUDE[1] - LONGITUDE[0], LATITUDE[1] - LATITUDE[0]

#: The bits of each coordinate.
STEPS = 26

_WEST, _SOUTH = LONGITUDE[0], LATITUDE[0]
_SIZE = 1 << STEPS
_ALPHABET = b"0123456789bcdefghjkmnpqrstuvwxyz"
_SIGN = 1 << 63


class Place(NamedTuple):
    """Degrees east and degrees north."""

    longitude: float
    latitude: float


def encode(longitude: float, latitude: float) -> int:
    """Give the geohash of a place: the bits of its coordinates, interleaved."""
    columns = int((longitude - _WEST) / WIDTH * _SIZE)
    rows = int((latitude - _SOUTH) / HEIGHT * _SIZE)
    # spread, spelled out
    halves = _spread_halves()
    lower = halves[columns & _LOWER] << 1 | halves[rows & _LOWER]
    return (halves[columns >> _HALF] << 1 | halves[rows >> _HALF]) << STEPS | lower


@lru_cache(maxsize=8192)
def decode(score: float) -> Place:
    """Give the middle of the cell that a member's score stands for."""
    columns, rows = _take_apart(_unsigned(score))
    west, east = _WEST + (columns / _SIZE) * WIDTH, _WEST + ((columns + 1) / _SIZE) * WIDTH
    south, north = _SOUTH + (rows / _SIZE) * HEIGHT, _SOUTH + ((rows + 1) / _SIZE) * HEIGHT
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if columns < _SIZE and rows < _SIZE:
        return Place(longitude, latitude)
    return Place(min(longitude, LONGITUDE[1]), min(latitude, LATITUDE[1]))


def _unsigned(score: float) -> int:
    """Give the 64 bits that C on x86-64 makes of a double, whether they can hold it or not."""
    if -_SIGN <= score < 2 * _SIGN:
        return int(score) & 0xFFFFFFFFFFFFFFFF
    return _SIGN if score < 0 else 0


def to_text(score: float) -> bytes:
    """Give the usual eleven-letter geohash of a score, whose latitudes go from pole to pole."""
    longitude, latitude = decode(score)
    columns = int((longitude - _WEST) / WIDTH * _SIZE)
    rows = int((latitude + 90.0) / 180.0 * _SIZE)
    bits = spread(columns) << 1 | spread(rows)
    pairs = _pairs()
    letters = [pairs[bits >> shift & 1023] for shift in (42, 32, 22, 12, 2)]
    return b"".join(letters) + _ALPHABET[:1]  # 52 bits make ten letters and a bit


@cache
def _pairs() -> list[bytes]:
    """Give the two letters for each ten bits."""
    return [bytes((one, other)) for one in _ALPHABET for other in _ALPHABET]


# The bits of coordinates are put between each other, and taken apart, some at a time by tables.

_HALF = STEPS // 2
_LOWER = (1 << _HALF) - 1
#: So many bits, half of them of each coordinate, are taken apart at a time.
_TAKEN = 12
_ONES = (1 << _TAKEN) - 1


def spread(coordinate: int) -> int:
    """Put a zero bit above each bit of a coordinate."""
    halves = _spread_halves()
    return halves[coordinate & _LOWER] | halves[coordinate >> _HALF] << STEPS


@cache
def _spread_halves() -> list[int]:
    """Give what half the bits of a coordinate are with a zero bit above each."""
    halves = [0]
    for bit in range(_HALF + 1):  # the very edge is one above the last
        halves += [half | 1 << 2 * bit for half in halves]
    return halves


def _take_apart(bits: int) -> tuple[int, int]:
    """Give the bits of the column and those of the row that were put between each other."""
    apart = _apart()
    both = (
        apart[bits & _ONES]
        | apart[bits >> 12 & _ONES] << 6
        | apart[bits >> 24 & _ONES] << 12
        | apart[bits >> 36 & _ONES] << 18
        | apart[bits >> 48 & _ONES] << 24
        | apart[bits >> 60] << 30
    )
    return both >> 32, both & 0xFFFFFFFF


@cache
def _apart() -> list[int]:
    """Give what a few bits are with every other of them 32 places higher."""
    apart = [0]
    for place in range(_TAKEN):
        bit = 1 << place // 2 + (32 if place % 2 else 0)
        apart += [bits | bit for bits in apart]
    return apart
