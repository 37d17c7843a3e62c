"""Places as scores, distances, and the members that searches look at and find."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.geo import (
    LATITUDE,
    LONGITUDE,
    Box,
    Circle,
    Place,
    decode,
    distance,
    encode,
    spans_covering,
    spot_of,
)

places = st.builds(Place, st.floats(*LONGITUDE), st.floats(*LATITUDE))
lengths = st.floats(0, 1e8)


@given(places)
def test_a_place_is_near_the_cell_that_stands_for_it(place: Place) -> None:
    found = decode(float(encode(*place)))
    assert abs(found.longitude - place.longitude) <= 360 / 2**26
    # At the very edge, 180 degrees east, a score has one bit more than a double can hold.
    assert abs(found.latitude - place.latitude) <= 2 * 171 / 2**26


@given(st.floats(allow_nan=False))
def test_each_score_has_a_place_on_the_map(score: float) -> None:
    place = decode(score)
    assert LONGITUDE[0] <= place.longitude <= LONGITUDE[1]
    assert LATITUDE[0] <= place.latitude <= LATITUDE[1]


@given(places, places, lengths)
def test_a_circle_holds_what_is_no_farther_than_its_radius(
    centre: Place, place: Place, radius: float
) -> None:
    own, other = (float(encode(*each)) for each in (centre, place))
    metres = distance(spot_of(own), spot_of(other))
    found = Circle(decode(own), radius).find([b"m"], [other])
    assert found == ([] if metres > radius else [(metres, b"m", other)])


@given(places, places, lengths, lengths)
def test_a_box_holds_what_is_near_enough_both_ways(
    centre: Place, place: Place, width: float, height: float
) -> None:
    own, other = (float(encode(*each)) for each in (centre, place))
    middle, spot = spot_of(own), spot_of(other)
    beside = (middle[0], spot[1], spot[2])
    above = (spot[0], middle[1], middle[2])
    is_within = distance(beside, spot) <= width / 2 and distance(above, spot) <= height / 2
    found = Box(decode(own), width, height).find([b"m"], [other])
    assert found == ([(distance(middle, spot), b"m", other)] if is_within else [])


@given(places, st.floats(0.01, 1e7))
def test_a_search_begins_at_its_centre_and_its_cells_do_not_overlap(
    centre: Place, radius: float
) -> None:
    spans = spans_covering(Circle(centre, radius))
    low, high = spans[0]
    assert low <= encode(*centre) < high
    ends = sorted(set(spans))
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
