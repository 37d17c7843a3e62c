"""Places on the earth, kept as the scores of a sorted set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from redislua_kernel.engine.commands.quick import is_lasting
from redislua_kernel.engine.commands.sorted_set import (
    add_member,
    add_members,
    add_quickly,
    split_options,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.geo import (
    LATITUDE,
    LONGITUDE,
    Place,
    decode,
    distance,
    encode,
    spot_of,
    to_text,
)
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, LateFloat, Words, parse_float
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.reply import NULL_ARRAY, PlaceReply

UNKNOWN_UNIT = CommandError("ERR unsupported unit provided. please use M, KM, FT, MI")

#: Metres in one of each unit.
_UNITS = {b"M": 1.0, b"KM": 1000.0, b"FT": 0.3048, b"MI": 1609.34}


def _add_one(
    db: Database, key: bytes, longitude: bytes | int, latitude: bytes | int, member: bytes
) -> int:
    try:
        score = encode(*_parse_degrees(longitude, latitude))
    except CommandError:  # the first word may be an option
        return _geoadd_with_options(db, key, (longitude, latitude, member))
    old = add_member(db, key, member, float(score))
    if old == score:
        return 0
    db.effect(b"ZADD", key, score, member)
    return 1 if old is None else 0


def _add_quickly(
    db: Database,
    name: bytes,
    key: bytes,
    longitude: bytes | int,
    latitude: bytes | int,
    member: bytes,
) -> int | None:
    if not isinstance(longitude, int) and longitude[:1].isalpha():  # it may be an option
        return None
    east, north = _parse_degrees(longitude, latitude)
    return add_quickly(db, b"ZADD", key, encode(east, north), member)


@command(
    "GEOADD",
    flags="write denyoom",
    group="geo",
    since="3.2.0",
    complexity="O(log(N)) for each place, where N is the size of the sorted set.",
    plain=_add_one,
    in_scripts=InScripts(quick=_add_quickly),
)
def geoadd(
    db: Database, key: Key, longitude: LateFloat, latitude: LateFloat, member: bytes, *more: Words
) -> int:
    """Add places by longitude and latitude, or move them."""
    if not more:
        return _add_one(db, key, longitude, latitude, member)
    return _geoadd_with_options(db, key, (longitude, latitude, member, *more))


def _geoadd_with_options(db: Database, key: bytes, given: Sequence[bytes | int]) -> int:
    words = [b"%d" % word if isinstance(word, int) else word for word in given]
    options, rest = split_options(words, frozenset({b"NX", b"XX", b"CH"}))
    if len(rest) % 3 or {b"NX", b"XX"} <= options:
        raise SYNTAX_ERROR
    pairs = [
        (float(encode(*_parse_degrees(*rest[i : i + 2]))), rest[i + 2])
        for i in range(0, len(rest), 3)
    ]
    if not pairs:
        raise SYNTAX_ERROR
    added, updated = add_members(db, key, pairs, options)
    if added or updated:
        tokens = words[: len(words) - len(rest)]
        scored = [word for score, name in pairs for word in (b"%d" % score, name)]
        db.effect(b"ZADD", key, *tokens, *scored)
    return added + updated if b"CH" in options else added


@lru_cache(maxsize=256)
def parse_place(longitude: bytes, latitude: bytes) -> Place:
    """Read a place's two coordinates."""
    return Place(*_parse_degrees(longitude, latitude))


def _parse_degrees(longitude: bytes | int, latitude: bytes | int) -> tuple[float, float]:
    east = longitude if isinstance(longitude, int) else parse_float(longitude)
    north = latitude if isinstance(latitude, int) else parse_float(latitude)
    if LONGITUDE[0] <= east <= LONGITUDE[1] and LATITUDE[0] <= north <= LATITUDE[1]:
        return east, north
    raise CommandError(f"ERR invalid longitude,latitude pair {east:f},{north:f}")


def parse_unit(word: bytes) -> float:
    """Read a unit of length; give its metres."""
    unit = _UNITS.get(word.upper())
    if unit is None:
        raise UNKNOWN_UNIT
    return unit


def parse_length(word: bytes, problem: str) -> float:
    """Read a radius, width or height; `problem` is what to say if it is no number."""
    try:
        return parse_float(word)
    except CommandError:
        raise CommandError(problem) from None


def format_distance(metres: float) -> bytes:
    """Give a distance with the four decimals it is shown with."""
    return b"%.4f" % (round(metres * 10000.0) / 10000.0)


@command("GEODIST", flags="readonly", group="geo", since="3.2.0", complexity="O(1)")
def geodist(db: Database, key: Key, member1: bytes, member2: bytes, *unit: Words) -> bytes | None:
    """Give the distance between two members, in metres or another unit."""
    metres = parse_unit(unit[0]) if len(unit) == 1 else 1.0
    if len(unit) > 1:
        raise SYNTAX_ERROR
    value = db.lookup(key, SortedSet)
    if value is None:
        return None
    one, other = value.scores.get(member1), value.scores.get(member2)
    if one is None or other is None:
        return None
    return format_distance(distance(spot_of(one), spot_of(other)) / metres)


@command(
    "GEOHASH",
    flags="readonly",
    group="geo",
    since="3.2.0",
    complexity="O(N) where N is the number of members asked for.",
)
def geohash(db: Database, key: Key, *members: Words) -> list[bytes | None]:
    """Give the places of members as geohash strings; null for those that are none."""
    scores = _scores(db, key, members)
    return [None if score is None else to_text(score) for score in scores]


def _score_quickly(db: Database, key: bytes, member: bytes) -> float | None:
    value = db.entries.get(key)
    return value.scores.get(member) if is_lasting(value, SortedSet, db, key) else None


def _place_of_one(db: Database, key: bytes, member: bytes) -> list[PlaceReply]:
    value = db.lookup(key, SortedSet)
    score = None if value is None else value.scores.get(member)
    return [NULL_ARRAY if score is None else [*decode(score)]]


@command(
    "GEOPOS",
    flags="readonly",
    group="geo",
    since="3.2.0",
    complexity="O(N) where N is the number of members asked for.",
    plain=_place_of_one,
    in_scripts=InScripts(quick=_score_quickly),
)
def geopos(db: Database, key: Key, *members: Words) -> list[PlaceReply]:
    """Give the longitudes and latitudes of members; null for those that are none."""
    scores = _scores(db, key, members)
    return [NULL_ARRAY if score is None else [*decode(score)] for score in scores]


def _scores(db: Database, key: bytes, members: Sequence[bytes]) -> list[float | None]:
    value = db.lookup(key, SortedSet)
    return [None] * len(members) if value is None else list(map(value.scores.get, members))
