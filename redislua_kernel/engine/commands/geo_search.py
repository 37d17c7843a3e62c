"""Searches around a place: GEOSEARCH, and the older GEORADIUS family."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from redislua_kernel.engine.commands.geo import format_distance, parse_place
from redislua_kernel.engine.commands.geo_options import GeoOptions, place_of
from redislua_kernel.engine.commands.sorted_set import store_scores
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.geohash import Place, Shape, cells_covering, decode
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort
from redislua_kernel.engine.registry import KeyFinder, command
from redislua_kernel.engine.signature import Key, Words
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.reply import Reply

_COST = "O(N+log(M)) where N is the number of members in the box searched and M of all."


class Found(NamedTuple):
    """A member within the shape, and its distance from the centre in metres."""

    metres: float
    member: bytes
    score: float
    place: Place


def search(source: SortedSet, options: GeoOptions) -> list[Found]:
    """Give the members within the shape, in the order asked for and no more than its count."""
    assert options.centre is not None
    assert options.make_shape is not None
    shape = options.make_shape(options.centre)
    limit = options.count if options.any else 0
    found = _find(source, shape, limit)
    # COUNT gives the nearest, unless ANY makes do with any.
    order = options.order or (b"ASC" if options.count and not options.any else b"")
    if order:
        found = interruptible_sort(found, itemgetter(0), reverse=order == b"DESC")
    return found[: options.count] if options.count else found


def _find(source: SortedSet, shape: Shape, limit: int) -> list[Found]:
    found: list[Found] = []
    for cell in cells_covering(shape):
        low, high = cell.scores
        span = source.score_span((low, False), (high, True))
        for score, member in interruptible(source.pairs(span)):
            place = decode(score)
            metres = shape.distance_within(place)
            if metres is not None:
                found.append(Found(metres, member, score, place))
                if len(found) == limit:
                    return found
    return found


def _answer(db: Database, source: SortedSet | None, options: GeoOptions) -> Reply:
    options.check()
    found = [] if source is None else search(source, options)
    if options.destination is not None:
        scores = {
            item.member: item.metres / options.unit if options.store_distance else item.score
            for item in interruptible(found)
        }
        event = b"geosearchstore" if options.is_geosearch else b"georadiusstore"
        return store_scores(db, options.destination, scores, event, len(scores))
    return [_describe(item, options) for item in interruptible(found)]


def _describe(item: Found, options: GeoOptions) -> Reply:
    if not (options.with_distance or options.with_hash or options.with_place):
        return item.member
    described: list[Reply] = [item.member]
    if options.with_distance:
        described.append(format_distance(item.metres / options.unit))
    if options.with_hash:
        described.append(int(item.score))
    if options.with_place:
        described.append(list(item.place))
    return described


# The commands


def _keys_with_store(options_from: int) -> KeyFinder:
    """Give a finder of the first word and of what follows the first STORE and STOREDIST."""

    def find(words: Sequence[bytes]) -> list[bytes]:
        options = [word.upper() for word in words[options_from:-1]]
        tokens = [token for token in (b"STORE", b"STOREDIST") if token in options]
        return [words[0], *(words[options_from + options.index(token) + 1] for token in tokens)]

    return find


@command("GEOSEARCH", flags="readonly", group="geo", since="6.2.0", complexity=_COST)
def geosearch(
    db: Database,
    key: Key,
    origin: bytes,
    member_or_longitude: bytes,
    extent: bytes,
    radius_or_width: bytes,
    unit_or_height: bytes,
    *more: Words,
) -> Reply:
    """Find the members within a circle or a box around a place."""
    words = (origin, member_or_longitude, extent, radius_or_width, unit_or_height, *more)
    source = db.lookup(key, SortedSet)
    options = GeoOptions(is_geosearch=True)
    options.parse(source, words)
    return _answer(db, source, options)


@command("GEOSEARCHSTORE", flags="write denyoom", group="geo", since="6.2.0", complexity=_COST)
def geosearchstore(
    db: Database,
    destination: Key,
    key: Key,
    origin: bytes,
    member_or_longitude: bytes,
    extent: bytes,
    radius_or_width: bytes,
    unit_or_height: bytes,
    *more: Words,
) -> Reply:
    """Store the members within a circle or a box around a place; give how many there are."""
    words = (origin, member_or_longitude, extent, radius_or_width, unit_or_height, *more)
    source = db.lookup(key, SortedSet)
    options = GeoOptions(is_geosearch=True, may_store=True, destination=destination)
    options.parse(source, words)
    return _answer(db, source, options)


@command(
    "GEORADIUS",
    flags="write denyoom movablekeys",
    group="geo",
    since="3.2.0",
    complexity=_COST,
    find_keys=_keys_with_store(5),
)
def georadius(
    db: Database,
    key: Key,
    longitude: bytes,
    latitude: bytes,
    radius: bytes,
    unit: bytes,
    *more: Words,
) -> Reply:
    """Find the members within a circle around a place; old, GEOSEARCH does more."""
    return _around_place(db, key, (longitude, latitude, radius, unit), more, may_store=True)


@command("GEORADIUS_RO", flags="readonly", group="geo", since="3.2.10", complexity=_COST)
def georadius_ro(
    db: Database,
    key: Key,
    longitude: bytes,
    latitude: bytes,
    radius: bytes,
    unit: bytes,
    *more: Words,
) -> Reply:
    """Find the members within a circle around a place, without storing them."""
    return _around_place(db, key, (longitude, latitude, radius, unit), more, may_store=False)


def _around_place(
    db: Database,
    key: bytes,
    circle: tuple[bytes, bytes, bytes, bytes],
    words: Sequence[bytes],
    *,
    may_store: bool,
) -> Reply:
    source = db.lookup(key, SortedSet)
    options = GeoOptions(may_store=may_store, centre=parse_place(*circle[:2]))
    options.parse_radius(*circle[2:])
    options.parse(source, words)
    return _answer(db, source, options)


@command(
    "GEORADIUSBYMEMBER",
    flags="write denyoom movablekeys",
    group="geo",
    since="3.2.0",
    complexity=_COST,
    find_keys=_keys_with_store(4),
)
def georadiusbymember(
    db: Database, key: Key, member: bytes, radius: bytes, unit: bytes, *more: Words
) -> Reply:
    """Find the members within a circle around a member; old, GEOSEARCH does more."""
    return _around_member(db, key, (member, radius, unit), more, may_store=True)


@command("GEORADIUSBYMEMBER_RO", flags="readonly", group="geo", since="3.2.10", complexity=_COST)
def georadiusbymember_ro(
    db: Database, key: Key, member: bytes, radius: bytes, unit: bytes, *more: Words
) -> Reply:
    """Find the members within a circle around a member, without storing them."""
    return _around_member(db, key, (member, radius, unit), more, may_store=False)


def _around_member(
    db: Database,
    key: bytes,
    circle: tuple[bytes, bytes, bytes],
    words: Sequence[bytes],
    *,
    may_store: bool,
) -> Reply:
    source = db.lookup(key, SortedSet)
    member, radius, unit = circle
    options = GeoOptions(may_store=may_store, centre=place_of(source, member))
    if source is not None:
        # Without a sorted set the reference does not look at the radius.
        options.parse_radius(radius, unit)
    options.parse(source, words)
    return _answer(db, source, options)
