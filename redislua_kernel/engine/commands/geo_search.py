"""Searches around a place: GEOSEARCH, and the older GEORADIUS family."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from redislua_kernel.engine.commands.geo import format_distance, parse_place
from redislua_kernel.engine.commands.geo_options import (
    GeoOptions,
    after_centre,
    place_of,
    read_search,
)
from redislua_kernel.engine.commands.sorted_set import store_scores
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.geo import Found, Place, Shape, decode, spans_covering
from redislua_kernel.engine.interrupts import STEPS, interruptible, interruptible_sort, look
from redislua_kernel.engine.registry import KeyFinder, command
from redislua_kernel.engine.signature import Key, Words
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.reply import Reply

_COST = "O(N+log(M)) where N is the number of members in the box searched and M of all."


#: So many members are looked at in one go, of a search that may end before.
_SOME = 8


def search(source: SortedSet, options: GeoOptions, centre: Place) -> list[Found]:
    """Give the members within the shape, in the order asked for and no more than its count."""
    assert options.make_shape is not None
    shape = options.make_shape(centre)
    found = _find(source, shape, options.count if options.any else 0)
    # COUNT gives the nearest, unless ANY makes do with any.
    order = options.order or (b"ASC" if options.count and not options.any else b"")
    if order:
        found = interruptible_sort(found, itemgetter(0), reverse=order == b"DESC")
    return found[: options.count] if options.count else found


def _find(source: SortedSet, shape: Shape, limit: int) -> list[Found]:
    """Give the members within a shape, or as many of them as there may be if that is not 0."""
    spans = spans_covering(shape)
    if not limit and len(source.scores) <= STEPS:
        return shape.find(*source.columns_of_scores(spans))
    found: list[Found] = []
    at_once = min(max(limit, _SOME), STEPS) if limit else STEPS
    for low, high in spans:
        start, stop = source.span_of_scores(low, high)
        for place in range(start, stop, at_once):
            look()
            found += shape.find(*source.columns((place, min(place + at_once, stop))))
            if 0 < limit <= len(found):
                return found[:limit]
    return found


def _answer(
    db: Database,
    source: SortedSet | None,
    options: GeoOptions,
    centre: Place | None,
    destination: bytes | None,
) -> Reply:
    found = []
    if source is not None:
        assert centre is not None
        found = search(source, options, centre)
    if destination is not None:
        scores = {
            member: metres / options.unit if options.store_distance else score
            for metres, member, score in interruptible(found)
        }
        event = b"geosearchstore" if options.is_geosearch else b"georadiusstore"
        return store_scores(db, destination, scores, event, len(scores))
    if not options.shows_more:
        return [member for _, member, _ in interruptible(found)]
    return [_describe(item, options) for item in interruptible(found)]


def _describe(item: Found, options: GeoOptions) -> Reply:
    metres, member, score = item
    described: list[Reply] = [member]
    if options.with_distance:
        described.append(format_distance(metres / options.unit))
    if options.with_hash:
        described.append(int(score))
    if options.with_place:
        described.append(list(decode(score)))
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
    return _answer(db, source, *read_search(source, words), None)


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
    return _answer(db, source, *read_search(source, words, may_store=True), destination)


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
    longitude, latitude, radius, unit = circle
    centre = parse_place(longitude, latitude)
    options = after_centre(may_store, radius, unit, *words)
    return _answer(db, source, options, centre, options.destination)


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
    centre = place_of(source, member)
    if source is None:
        # The reference does not look at the radius then.
        radius, unit = b"0", b"m"
    options = after_centre(may_store, radius, unit, *words)
    return _answer(db, source, options, centre, options.destination)
