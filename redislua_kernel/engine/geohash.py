"""Geohashes: places on the earth as 52-bit integers, and the distances between them.

A place becomes two 26-bit fractions of the ranges of longitude and latitude, interleaved
bit by bit. Places that are near each other mostly share their leading bits, so a search
reads a cell of the right size and the eight around it, each of them one range of scores.
Constants and roundings are those of the reference: results agree to the last bit.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import asin, cos, isinf, nan, pi, sin, sqrt
from typing import NamedTuple

__all__ = [
    "LATITUDE",
    "LONGITUDE",
    "Box",
    "Cell",
    "Circle",
    "Place",
    "Shape",
    "cells_covering",
    "decode",
    "distance",
    "encode",
    "to_text",
]

LONGITUDE = (-180.0, 180.0)
#: Web Mercator's range: the poles cannot be shown.
LATITUDE = (-85.05112878, 85.05112878)

_STEPS = 26
_EARTH_RADIUS = 6372797.560856  # metres
_MERCATOR_MAX = 20037726.37  # metres: half the equator
_ALPHABET = b"0123456789bcdefghjkmnpqrstuvwxyz"
_RADIAN = pi / 180.0

Range = tuple[float, float]


class Place(NamedTuple):
    """Degrees east and degrees north."""

    longitude: float
    latitude: float


_HALF = 1 << 63


# Encoding


def encode(place: tuple[float, float], steps: int = _STEPS, latitudes: Range = LATITUDE) -> int:
    """Give the geohash of a place: `steps` bits of each coordinate, interleaved."""
    (west, east), (south, north), size = LONGITUDE, latitudes, 1 << steps
    columns = int((place[0] - west) / (east - west) * size)
    rows = int((place[1] - south) / (north - south) * size)
    return _interleave(columns, rows)


@lru_cache(maxsize=4096)
def decode(score: float) -> Place:
    """Give the middle of the cell that a member's score stands for."""
    area = _area(Cell(_unsigned(score), _STEPS))
    longitude = (area.west + area.east) / 2
    latitude = (area.south + area.north) / 2
    return Place(_clamp(longitude, LONGITUDE), _clamp(latitude, LATITUDE))


def _unsigned(score: float) -> int:
    """Give the 64 bits that C on x86-64 makes of a double, whether they can hold it or not."""
    if -_HALF <= score < 2 * _HALF:
        return int(score) & 0xFFFFFFFFFFFFFFFF
    return _HALF if score < 0 else 0


def to_text(score: float) -> bytes:
    """Give the usual eleven-letter geohash of a score, whose latitudes go from pole to pole."""
    bits = encode(decode(score), latitudes=(-90.0, 90.0))
    letters = [_ALPHABET[bits >> 52 - 5 * place & 31] for place in range(1, 11)]
    return bytes([*letters, _ALPHABET[0]])  # 52 bits make ten letters and a bit


def _clamp(coordinate: float, within: Range) -> float:
    return max(within[0], min(coordinate, within[1]))


_HALF_STEPS = _STEPS // 2
_LOWER = (1 << _HALF_STEPS) - 1


@cache
def _spread_halves() -> list[int]:
    """Give what half the bits of a coordinate are with a zero bit above each."""
    halves = [0]
    for bit in range(_HALF_STEPS + 1):  # the very edge is one above the last
        halves += [half | 1 << 2 * bit for half in halves]
    return halves


def _interleave(columns: int, rows: int) -> int:
    """Put the bits of a column above those of a row, in turn."""
    spread = _spread_halves()
    even = spread[rows & _LOWER] | spread[rows >> _HALF_STEPS] << _STEPS
    odd = spread[columns & _LOWER] | spread[columns >> _HALF_STEPS] << _STEPS
    return even | odd << 1


def _gather(bits: int) -> int:
    """Drop every other bit."""
    bits &= 0x5555555555555555
    bits = (bits | bits >> 1) & 0x3333333333333333
    bits = (bits | bits >> 2) & 0x0F0F0F0F0F0F0F0F
    bits = (bits | bits >> 4) & 0x00FF00FF00FF00FF
    bits = (bits | bits >> 8) & 0x0000FFFF0000FFFF
    return (bits | bits >> 16) & 0x00000000FFFFFFFF


# Distances


def distance(one: Place, other: Place) -> float:
    """Give the great-circle distance of two places in metres, by the haversine formula."""
    v = sin((_radians(other.longitude) - _radians(one.longitude)) / 2)
    if v == 0.0:
        return _distance_north(one.latitude, other.latitude)
    latitude, other_latitude = _radians(one.latitude), _radians(other.latitude)
    u = sin((other_latitude - latitude) / 2)
    a = u * u + cos(latitude) * cos(other_latitude) * v * v
    return 2.0 * _EARTH_RADIUS * asin(sqrt(a))


def _distance_north(one: float, other: float) -> float:
    return _EARTH_RADIUS * abs(_radians(other) - _radians(one))


def _radians(degrees: float) -> float:
    return degrees * _RADIAN


# Shapes


class Circle(NamedTuple):
    """The places within a radius, in metres, of a centre."""

    centre: Place
    radius: float

    @property
    def reach(self) -> float:
        """The distance of the farthest place."""
        return self.radius

    @property
    def half_sides(self) -> tuple[float, float]:
        """Half the width and half the height of the box around the shape."""
        return self.radius, self.radius

    def distance_within(self, place: Place) -> float | None:
        """Give a place's distance from the centre; None if it lies outside."""
        metres = distance(self.centre, place)
        return None if metres > self.radius else metres


class Box(NamedTuple):
    """The places within a rectangle, in metres, around a centre."""

    centre: Place
    width: float
    height: float

    @property
    def reach(self) -> float:
        """The distance of the farthest place."""
        return sqrt((self.width / 2) * (self.width / 2) + (self.height / 2) * (self.height / 2))

    @property
    def half_sides(self) -> tuple[float, float]:
        """Half the width and half the height."""
        return self.width / 2, self.height / 2

    def distance_within(self, place: Place) -> float | None:
        """Give a place's distance from the centre; None if it lies outside."""
        centre = self.centre
        if _distance_north(place.latitude, centre.latitude) > self.height / 2:
            return None
        if distance(place, Place(centre.longitude, place.latitude)) > self.width / 2:
            return None
        return distance(centre, place)


Shape = Circle | Box


# Cells


class Cell(NamedTuple):
    """A square of the grid with 2**steps columns and rows."""

    bits: int
    steps: int

    @property
    def scores(self) -> tuple[int, int]:
        """The scores of the members in it: from the first to before the last."""
        shift = 52 - 2 * self.steps
        return self.bits << shift, (self.bits + 1) << shift

    def neighbour(self, east: int, north: int) -> Cell:
        """Give the cell that many columns to the east and rows to the north, round the edges."""
        mask = (1 << self.steps) - 1
        columns, rows = _gather(self.bits >> 1), _gather(self.bits)
        # The very edge, 180 degrees east, has a column of its own until one moves.
        if east:
            columns = (columns + east) & mask
        if north:
            rows = (rows + north) & mask
        return Cell(_interleave(columns, rows), self.steps)


class _Area(NamedTuple):
    """Bounds in degrees."""

    west: float
    south: float
    east: float
    north: float


def _area(cell: Cell) -> _Area:
    size = 1 << cell.steps
    columns, rows = _gather(cell.bits >> 1), _gather(cell.bits)
    width, height = LONGITUDE[1] - LONGITUDE[0], LATITUDE[1] - LATITUDE[0]
    return _Area(
        LONGITUDE[0] + (columns / size) * width,
        LATITUDE[0] + (rows / size) * height,
        LONGITUDE[0] + ((columns + 1) / size) * width,
        LATITUDE[0] + ((rows + 1) / size) * height,
    )


#: The centre, then the neighbours in the order in which the reference searches them.
_DIRECTIONS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))


def cells_covering(shape: Shape) -> list[Cell]:
    """Give the cells to search for the places within a shape, each once in a row."""
    bounds = _bounds(shape)
    steps = _steps_for(shape.reach, shape.centre.latitude)
    centre = Cell(encode(shape.centre, steps), steps)
    if steps > 1 and _is_too_small(centre, bounds):
        steps -= 1
        centre = Cell(encode(shape.centre, steps), steps)
    area = _area(centre)
    cells: list[Cell] = []
    for east, north in _DIRECTIONS:
        if steps >= 2 and _is_needless(area, bounds, east, north):
            continue
        cell = centre.neighbour(east, north)
        # With a huge shape adjacent neighbours are one and the same; the reference
        # compares each with the one before, except with the centre.
        if len(cells) > 1 and cell == cells[-1]:
            continue
        cells.append(cell)
    return cells


def _bounds(shape: Shape) -> _Area:
    longitude, latitude = shape.centre
    half_width, half_height = shape.half_sides
    north = half_height / _EARTH_RADIUS / _RADIAN
    # The side towards the pole is where a degree of longitude is shortest.
    edge = latitude - north if latitude < 0 else latitude + north
    # Python has no cosine of infinity; whatever has no end is compared with nothing then.
    scale = nan if isinf(edge) else cos(_radians(edge))
    east = half_width / _EARTH_RADIUS / scale / _RADIAN
    return _Area(longitude - east, latitude - north, longitude + east, latitude + north)


def _steps_for(reach: float, latitude: float) -> int:
    """Give the finest grid whose cells are not smaller than a shape, roughly."""
    if reach == 0:
        return _STEPS
    steps = 1
    while reach < _MERCATOR_MAX:
        reach *= 2
        steps += 1
    steps -= 2
    if abs(latitude) > 66:
        steps -= 2 if abs(latitude) > 80 else 1
    return max(1, min(steps, _STEPS))


def _is_too_small(centre: Cell, bounds: _Area) -> bool:
    """Tell whether a shape sticks out of the cells around the centre."""
    return (
        _area(centre.neighbour(0, 1)).north < bounds.north
        or _area(centre.neighbour(0, -1)).south > bounds.south
        or _area(centre.neighbour(1, 0)).east < bounds.east
        or _area(centre.neighbour(-1, 0)).west > bounds.west
    )


def _is_needless(area: _Area, bounds: _Area, east: int, north: int) -> bool:
    """Tell whether the centre's cell reaches beyond the shape in a neighbour's direction."""
    return (
        (north < 0 and area.south < bounds.south)
        or (north > 0 and area.north > bounds.north)
        or (east < 0 and area.west < bounds.west)
        or (east > 0 and area.east > bounds.east)
    )
