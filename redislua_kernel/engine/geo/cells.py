"""Which members a search looks at: those in a cell of the right size, and in the eight around it.

The grid has 2**steps columns and rows. A cell is one range of scores. Which cells are searched,
and in which order, is the reference's choice: it shows in the order of the members.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import cos, isinf, nan

from redislua_kernel.engine.geo.distances import RADIAN, RADIUS
from redislua_kernel.engine.geo.places import HEIGHT, LATITUDE, LONGITUDE, STEPS, WIDTH, spread
from redislua_kernel.engine.geo.shapes import Shape

__all__ = ["spans_covering"]

_WEST, _SOUTH = LONGITUDE[0], LATITUDE[0]
_MERCATOR_MAX = 20037726.37  # metres: half the equator

#: Scores from the first to before the last.
Span = tuple[float, float]

#: The centre, then the neighbours in the order in which the reference searches them.
_DIRECTIONS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))


@lru_cache(maxsize=256)
def spans_covering(shape: Shape) -> Sequence[Span]:
    """Give the scores of the members to look at for the places within a shape, cell by cell."""
    longitude, latitude = shape.centre
    degrees = shape.half_height / RADIUS / RADIAN
    south, north = latitude - degrees, latitude + degrees
    # The side towards the pole is where a degree of longitude is shortest.
    edge = south if latitude < 0 else north
    # Python has no cosine of infinity; whatever has no end is compared with nothing then.
    scale = nan if isinf(edge) else cos(edge * RADIAN)
    degrees = shape.half_width / RADIUS / scale / RADIAN
    west, east = longitude - degrees, longitude + degrees

    steps = _steps_for(shape.reach, latitude)
    size = 1 << steps
    column = int((longitude - _WEST) / WIDTH * size)
    row = int((latitude - _SOUTH) / HEIGHT * size)
    last = size - 1
    # Where the shape sticks out of the cells around the centre, these are too small.
    if steps > 1 and (
        _SOUTH + (((row + 1 & last) + 1) / size) * HEIGHT < north
        or _SOUTH + ((row - 1 & last) / size) * HEIGHT > south
        or _WEST + (((column + 1 & last) + 1) / size) * WIDTH < east
        or _WEST + ((column - 1 & last) / size) * WIDTH > west
    ):
        steps -= 1
        size, last = size >> 1, last >> 1
        column, row = column >> 1, row >> 1

    # No neighbour is needed in whose direction the centre's cell reaches beyond the shape.
    norths, easts = {0, 1, -1}, {0, 1, -1}
    if steps >= 2:
        if _SOUTH + ((row + 1) / size) * HEIGHT > north:
            norths.remove(1)
        if _SOUTH + (row / size) * HEIGHT < south:
            norths.remove(-1)
        if _WEST + ((column + 1) / size) * WIDTH > east:
            easts.remove(1)
        if _WEST + (column / size) * WIDTH < west:
            easts.remove(-1)
    # The very edge, 180 degrees east, has a column of its own until one moves.
    rows = {step: spread(row + step & last if step else row) for step in norths}
    columns = {step: spread(column + step & last if step else column) << 1 for step in easts}
    cells: list[int] = []
    for step_east, step_north in _DIRECTIONS:
        if step_north in norths and step_east in easts:
            cell = columns[step_east] | rows[step_north]
            # With a huge shape adjacent neighbours are one and the same; the reference
            # compares each with the one before, except with the centre.
            if len(cells) < 2 or cell != cells[-1]:
                cells.append(cell)
    width = 1 << 2 * (STEPS - steps)
    spans: list[Span] = []
    for cell in cells:
        low, high = float(cell * width), float((cell + 1) * width)
        # What goes on where the one before ends is searched with that.
        spans.append((spans.pop()[0] if spans and spans[-1][1] == low else low, high))
    return spans


def _steps_for(reach: float, latitude: float) -> int:
    """Give the finest grid whose cells are not smaller than a shape, roughly."""
    if reach == 0:
        return STEPS
    steps = 1
    while reach < _MERCATOR_MAX:
        reach *= 2
        steps += 1
    steps -= 2
    if abs(latitude) > 66:
        steps -= 2 if abs(latitude) > 80 else 1
    return max(1, min(steps, STEPS))
