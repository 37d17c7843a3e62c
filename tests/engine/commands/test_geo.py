"""Places: encoding, distances, searches."""

from __future__ import annotations

import pytest

from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.errors import ResponseError


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.execute("GEOADD", "g", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")
    return engine


def test_places_are_kept_as_scores(engine: Engine) -> None:
    assert engine.execute("ZSCORE", "g", "Palermo") == 3479099956230698.0
    assert engine.execute("GEOPOS", "g", "Catania")[0] == [15.087267458438873, 37.50266842333162]
    assert engine.execute("GEOHASH", "g", "Palermo", "x") == [b"sqc8b49rny0", None]


def test_distances(engine: Engine) -> None:
    assert engine.execute("GEODIST", "g", "Palermo", "Catania") == b"166274.1516"
    assert engine.execute("GEODIST", "g", "Palermo", "Catania", "mi") == b"103.3182"
    assert engine.execute("GEODIST", "g", "Palermo", "x") is None


def test_searches_within_circles_and_boxes(engine: Engine) -> None:
    around = ("FROMLONLAT", 15, 37)
    assert engine.execute("GEOSEARCH", "g", *around, "BYRADIUS", 100, "km") == [b"Catania"]
    found = engine.execute(
        "GEOSEARCH", "g", *around, "BYBOX", 400, 400, "km", "DESC", "WITHDIST", "WITHHASH"
    )
    assert found == [
        [b"Palermo", b"190.4424", 3479099956230698],
        [b"Catania", b"56.4413", 3479447370796909],
    ]
    assert engine.execute("GEORADIUSBYMEMBER", "g", "Palermo", 200, "km", "COUNT", 1) == [
        b"Palermo"
    ]


def test_a_search_can_store_members_by_distance(engine: Engine) -> None:
    words = ("t", "g", "FROMLONLAT", 15, 37, "BYRADIUS", 100, "km", "STOREDIST")
    assert engine.execute("GEOSEARCHSTORE", *words) == 1
    stored = engine.keyspace[0].lookup(b"t", SortedSet)
    assert stored is not None
    assert round(stored.scores[b"Catania"], 4) == 56.4413


def test_geoadd_is_replicated_as_zadd(engine: Engine) -> None:
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    engine.execute("GEOADD", "g", "NX", 1, 2, "new")
    assert seen[0].words[:3] == (b"ZADD", b"g", b"NX")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["GEODIST", "g", "a", "b", "yd"], "unsupported unit provided. please use M, KM, FT, MI"),
        (["GEOADD", "g", "NX", "XX", 1, 2, "a"], "syntax error"),
        (["GEOSEARCH", "g", "FROMMEMBER", "x", "BYRADIUS", 1, "m"], "could not decode requested"),
        (["GEOSEARCH", "g", "ASC", "BYRADIUS", 1, "m", "DESC"], "exactly one of FROMMEMBER"),
        (["GEORADIUS", "g", 1, 2, -1, "m"], "radius cannot be negative"),
        (["GEORADIUS", "g", 1, 2, 1, "m", "COUNT", 0], "COUNT must be > 0"),
    ],
)
def test_errors_are_the_references(engine: Engine, words: list[object], message: str) -> None:
    with pytest.raises(ResponseError, match=message):
        engine.execute(*words)  # type: ignore[arg-type]


def test_an_endless_radius_finds_everything(engine: Engine) -> None:
    found = engine.execute("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", "inf", "m")
    assert set(found) == {b"Palermo", b"Catania"}


def test_scores_that_are_no_geohash_have_a_place_all_the_same() -> None:
    engine = Engine()
    engine.execute("ZADD", "z", "inf", "a", "-inf", "b", "-5", "c")
    west, east = [-179.99999731779099, -85.05112751263943], [180.0, -85.05112751263943]
    assert engine.execute("GEOPOS", "z", "a", "b", "c") == [west, east, [180.0, 85.05112878]]
