"""The shapes that a search has: which members lie within, and how far from the centre.

To call `distance` for each member would take longer than what it does: it is spelled out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, inf, pi, sin, sqrt

from redislua_kernel.engine.geo.distances import DIAMETER, RADIUS, spot_at, spot_of
from redislua_kernel.engine.geo.places import Place

__all__ = ["Box", "Circle", "Found", "Shape"]

#: The distance from the centre in metres, the member, its score.
Found = tuple[float, bytes, float]

#: Places that differ in one coordinate by so much more than a radius are farther apart, however
#: it is rounded.
_ROUNDED = 1 + 1e-9


class Circle:
    """The places within a radius, in metres, of a centre."""

    __slots__ = ("_bounds", "_spot", "centre", "half_height", "half_width", "reach")

    def __init__(self, centre: Place, radius: float) -> None:
        self.centre = centre
        self._spot = _, north, cosine = spot_at(*centre)
        margin = radius / RADIUS * _ROUNDED
        #: The lowest and the highest latitude of the places within, and how far east or west they
        #: are; or, around the earth, how far not.
        self._bounds = (north - margin, north + margin, *_breadth(margin, cosine))
        #: Half the sides of the box around it, and the distance of the farthest place.
        self.half_width = self.half_height = self.reach = radius

    def find(self, members: Sequence[bytes], scores: Sequence[float]) -> list[Found]:
        """Give those of some members that lie within."""
        east, north, cosine = self._spot
        lowest, highest, breadth, beyond = self._bounds
        radius = self.reach
        found: list[Found] = []
        spots = map(spot_of, scores)
        for member, score, (its_east, its_north, its_cosine) in zip(
            members, scores, spots, strict=True
        ):
            if lowest <= its_north <= highest and not breadth < abs(its_east - east) < beyond:
                v = sin((its_east - east) / 2)
                if v:
                    u = sin((its_north - north) / 2)
                    metres = DIAMETER * asin(sqrt(u * u + cosine * its_cosine * v * v))
                else:
                    metres = RADIUS * abs(its_north - north)
                if metres <= radius:
                    found.append((metres, member, score))
        return found


def _breadth(margin: float, cosine: float) -> tuple[float, float]:
    """Give how far apart the meridians are that a circle reaches, and from where they are again.

    All meridians are within if a pole is.
    """
    height = sin(margin) if margin < pi / 2 else 1.0
    if height >= cosine:
        return inf, inf
    breadth = asin(height / cosine) * _ROUNDED
    return breadth, 2 * pi - breadth


class Box:
    """The places within a rectangle, in metres, around a centre."""

    __slots__ = ("centre", "half_height", "half_width", "reach")

    def __init__(self, centre: Place, width: float, height: float) -> None:
        self.centre = centre
        self.half_width, self.half_height = width / 2, height / 2
        #: The distance of the farthest place.
        self.reach = sqrt(self.half_width * self.half_width + self.half_height * self.half_height)

    def find(self, members: Sequence[bytes], scores: Sequence[float]) -> list[Found]:
        """Give those of some members that lie within."""
        east, north, cosine = spot_at(*self.centre)
        half_width, half_height = self.half_width, self.half_height
        found: list[Found] = []
        spots = map(spot_of, scores)
        for member, score, (its_east, its_north, its_cosine) in zip(
            members, scores, spots, strict=True
        ):
            metres_north = RADIUS * abs(its_north - north)
            if metres_north <= half_height:
                v = sin((its_east - east) / 2)
                # The width counts along the member's own latitude.
                if DIAMETER * asin(sqrt(its_cosine * its_cosine * v * v)) <= half_width:
                    if v:
                        u = sin((its_north - north) / 2)
                        metres = DIAMETER * asin(sqrt(u * u + cosine * its_cosine * v * v))
                    else:
                        metres = metres_north
                    found.append((metres, member, score))
        return found


Shape = Circle | Box
