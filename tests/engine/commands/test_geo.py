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


def test_distances_come_in_any_unit(engine: Engine) -> None:
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


def test_the_centre_may_come_last_and_the_last_of_several_counts(engine: Engine) -> None:
    words = ("BYRADIUS", 100, "km")
    assert engine.execute("GEOSEARCH", "g", *words, "FROMMEMBER", "Catania") == [b"Catania"]
    twice = ("FROMLONLAT", 0, 0, *words, "FROMLONLAT", 13, 38)
    assert engine.execute("GEOSEARCH", "g", *twice) == [b"Palermo"]


def test_what_is_wrong_first_is_said(engine: Engine) -> None:
    words = ("GEOSEARCH", "g", "FROMMEMBER", "Palermo", "FROMMEMBER", "x", "BYRADIUS", 1, "yd")
    with pytest.raises(ResponseError, match="could not decode"):
        engine.execute(*words)
    with pytest.raises(ResponseError, match="unsupported unit"):
        engine.execute(*words[:4], *words[6:], "nonsense")


def test_a_search_for_any_ends_when_it_has_found_enough(engine: Engine) -> None:
    for number in range(100):
        engine.execute("GEOADD", "many", 10 + number / 100, 20, number)
    words = ("GEOSEARCH", "many", "FROMLONLAT", 10, 20, "BYRADIUS", 500, "km", "COUNT", 60)
    nearest = [b"%d" % number for number in range(60)]
    assert engine.execute(*words) == nearest
    assert len(set(engine.execute(*words, "ANY"))) == 60


def test_a_search_without_a_key_reads_its_words_all_the_same() -> None:
    engine = Engine()
    assert engine.execute("GEORADIUSBYMEMBER", "none", "m", "no radius", "yd") == []
    assert engine.execute("GEOSEARCH", "none", "FROMMEMBER", "m", "BYBOX", 1, 1, "m") == []
    with pytest.raises(ResponseError, match="syntax error"):
        engine.execute("GEORADIUSBYMEMBER", "none", "m", 1, "m", "nonsense")


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


@pytest.mark.parametrize("members", [(), ("Catania",), ("x",), ("Catania", "x"), ("x", "x")])
def test_a_script_sees_the_places_of_any_number_of_members(
    engine: Engine, members: tuple[str, ...]
) -> None:
    places = [
        [b"15.087267458438873", b"37.50266842333162"] if member == "Catania" else None
        for member in members
    ]
    script = "return redis.call('GEOPOS', 'g', unpack(ARGV))"
    assert engine.execute("EVAL", script, 0, *members) == places


def test_coordinates_of_a_script_may_be_numbers(engine: Engine) -> None:
    script = "return redis.pcall('GEOADD', 'h', %s, 'm')"
    for words in ("13, 38", "'13', '38'", "13.0, 38", "'0xd', 38"):
        engine.execute("DEL", "h")
        assert engine.execute("EVAL", script % words, 0) == 1
        assert engine.execute("GEOHASH", "h", "m") == [b"sqc0pvdq1c0"]
    for words, problem in (("181, 38", "invalid longitude"), ("'NX', 38", "syntax")):
        with pytest.raises(ResponseError, match=problem):
            engine.execute("EVAL", script % words, 0)
    more = "return redis.call('GEOADD', 'h', 'CH', 1, 2, 'm', 3, 4, 'n')"
    assert engine.execute("EVAL", more, 0) == 2


def test_a_lone_place_is_the_same_in_a_script_whatever_else_the_key_is(engine: Engine) -> None:
    script = "redis.setresp(tonumber(ARGV[2])) return redis.call('GEOPOS', 'g', ARGV[1])"

    def places(member: str, resp: int) -> object:
        return engine.execute("EVAL", script, 0, member, resp)

    first = places("Palermo", 2)
    assert first == [[b"13.361389338970184", b"38.1155563954963"]]
    assert places("Palermo", 3) == [[13.361389338970184, 38.1155563954963]]
    assert places("nobody", 2) == [None]
    engine.execute("EXPIRE", "g", 100)
    assert places("Palermo", 2) == first
    engine.execute("SET", "g", "text")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        places("Palermo", 2)
