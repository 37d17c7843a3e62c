"""Distances on the earth, taken for a sphere."""

from __future__ import annotations

from functools import lru_cache
from math import asin, cos, pi, sin, sqrt

from redislua_kernel.engine.geo.places import decode

__all__ = ["DIAMETER", "RADIAN", "RADIUS", "Spot", "distance", "spot_at", "spot_of"]

RADIUS = 6372797.560856  # metres
DIAMETER = 2.0 * RADIUS
#: A degree.
RADIAN = pi / 180.0

#: What distances are computed from: a longitude and a latitude, not in degrees, and the cosine of
#: the latitude.
Spot = tuple[float, float, float]


def spot_at(longitude: float, latitude: float) -> Spot:
    """Give the spot of a place."""
    north = latitude * RADIAN
    return longitude * RADIAN, north, cos(north)


@lru_cache(maxsize=8192)
def spot_of(score: float) -> Spot:
    """Give the spot that a member's score stands for."""
    return spot_at(*decode(score))


def distance(one: Spot, other: Spot) -> float:
    """Give the great-circle distance of two spots in metres, by the haversine formula."""
    east, north, cosine = one
    other_east, other_north, other_cosine = other
    v = sin((other_east - east) / 2)
    if v == 0.0:
        return RADIUS * abs(other_north - north)
    u = sin((other_north - north) / 2)
    return DIAMETER * asin(sqrt(u * u + cosine * other_cosine * v * v))
