"""Searches around a place: GEOSEARCH, and the older GEORADIUS family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from redislua_kernel.engine.commands.geo import (
    format_distance,
    parse_length,
    parse_place,
    parse_unit,
)
from redislua_kernel.engine.commands.sorted_set_ranges import store
from redislua_kernel.engine.counts import COUNT_NOT_POSITIVE
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.geohash import Box, Circle, Place, Shape, cells_covering, decode
from redislua_kernel.engine.registry import KeyFinder, command
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.sorted_set import ScoreBound, SortedSet
from redislua_kernel.reply import Reply

NO_SUCH_MEMBER = CommandError("ERR could not decode requested zset member")
NEGATIVE_RADIUS = CommandError("ERR radius cannot be negative")
NEGATIVE_SIDE = CommandError("ERR height or width cannot be negative")
ANY_WITHOUT_COUNT = CommandError("ERR the ANY argument requires COUNT argument")

_COST = "O(N+log(M)) where N is the number of members in the box searched and M of all."

#: Makes a shape around a centre, which may be named after it.
ShapeMaker = Callable[[Place], Shape]


class Found(NamedTuple):
    """A member within the shape, and its distance from the centre in metres."""

    metres: float
    member: bytes
    score: float
    place: Place


@dataclass
class Options:
    """What the words of a search ask for."""

    is_geosearch: bool = False
    may_store: bool = False
    destination: bytes | None = None
    store_distance: bool = False
    #: FROMLONLAT or FROMMEMBER, BYRADIUS or BYBOX: the token that came.
    origin: bytes = b""
    extent: bytes = b""
    centre: Place | None = None  # None too for a member of a key that does not exist
    make_shape: ShapeMaker | None = None
    unit: float = 1.0
    order: bytes = b""  # ASC, DESC
    count: int = 0
    any: bool = False
    with_distance: bool = False
    with_hash: bool = False
    with_place: bool = False

    def parse(self, source: SortedSet | None, words: Sequence[bytes]) -> None:
        """Read every option, GEOSEARCH's centre and shape among them."""
        place = 0
        while place < len(words):
            token, rest = words[place].upper(), words[place + 1 :]
            place += 1
            if token == b"WITHDIST":
                self.with_distance = True
            elif token == b"WITHHASH":
                self.with_hash = True
            elif token == b"WITHCOORD":
                self.with_place = True
            elif token == b"ANY":
                self.any = True
            elif token in (b"ASC", b"DESC"):
                self.order = token
            elif token == b"COUNT" and rest:
                self.count = parse_int(rest[0])
                if self.count <= 0:
                    raise COUNT_NOT_POSITIVE
                place += 1
            elif self.is_geosearch and self.may_store and token == b"STOREDIST":
                self.store_distance = True
            elif self.is_geosearch:
                place += self._parse_area(source, token, rest)
            elif self.may_store and rest and token in (b"STORE", b"STOREDIST"):
                self.destination, self.store_distance = rest[0], token == b"STOREDIST"
                place += 1
            else:
                raise SYNTAX_ERROR

    def _parse_area(self, source: SortedSet | None, token: bytes, rest: Sequence[bytes]) -> int:
        """Read GEOSEARCH's centre or shape; give the number of words after its token."""
        if token == b"FROMMEMBER" and rest and self.origin in (b"", token):
            self.origin = token
            self.centre = place_of(source, rest[0])
            return 1
        if token == b"FROMLONLAT" and len(rest) > 1 and self.origin in (b"", token):
            self.origin = token
            self.centre = parse_place(rest[0], rest[1])
            return 2
        if token == b"BYRADIUS" and len(rest) > 1 and self.extent in (b"", token):
            self.extent = token
            self.parse_radius(rest[0], rest[1])
            return 2
        if token == b"BYBOX" and len(rest) > 2 and self.extent in (b"", token):
            self.extent = token
            self.parse_box(*rest[:3])
            return 3
        raise SYNTAX_ERROR

    def parse_radius(self, radius: bytes, unit: bytes) -> None:
        """Read a circle's size."""
        length = parse_length(radius, "ERR need numeric radius")
        if length < 0:
            raise NEGATIVE_RADIUS
        self.unit = metres = parse_unit(unit)
        self.make_shape = lambda centre: Circle(centre, length * metres)

    def parse_box(self, width: bytes, height: bytes, unit: bytes) -> None:
        """Read a rectangle's size."""
        wide = parse_length(width, "ERR need numeric width")
        high = parse_length(height, "ERR need numeric height")
        if high < 0 or wide < 0:
            raise NEGATIVE_SIDE
        self.unit = metres = parse_unit(unit)
        self.make_shape = lambda centre: Box(centre, wide * metres, high * metres)

    def check(self) -> None:
        """Raise the error for options that are missing or exclude each other."""
        if self.destination is not None and (
            self.with_distance or self.with_hash or self.with_place
        ):
            what = "GEOSEARCHSTORE" if self.is_geosearch else "STORE option in GEORADIUS"
            raise CommandError(
                f"ERR {what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            )
        if self.is_geosearch:
            name = "GEOSEARCHSTORE" if self.may_store else "GEOSEARCH"
            if not self.origin:
                raise CommandError(
                    f"ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {name}"
                )
            if not self.extent:
                raise CommandError(
                    f"ERR exactly one of BYRADIUS and BYBOX can be specified for {name}"
                )
        if self.any and not self.count:
            raise ANY_WITHOUT_COUNT


def place_of(source: SortedSet | None, member: bytes) -> Place | None:
    """Give a member's place; None if there is no sorted set, an error if it is no member."""
    if source is None:
        return None
    score = source.scores.get(member)
    if score is None:
        raise NO_SUCH_MEMBER
    return decode(score)


def search(source: SortedSet, options: Options) -> list[Found]:
    """Give the members within the shape, in the order asked for and no more than its count."""
    assert options.centre is not None
    assert options.make_shape is not None
    shape = options.make_shape(options.centre)
    limit = options.count if options.any else 0
    found = _find(source, shape, limit)
    # COUNT gives the nearest, unless ANY makes do with any.
    order = options.order or (b"ASC" if options.count and not options.any else b"")
    if order:
        found.sort(key=lambda item: item.metres, reverse=order == b"DESC")
    return found[: options.count] if options.count else found


def _find(source: SortedSet, shape: Shape, limit: int) -> list[Found]:
    found: list[Found] = []
    for cell in cells_covering(shape):
        low, high = cell.scores
        span = source.score_span(ScoreBound(low), ScoreBound(high, is_open=True))
        for score, member in source.pairs(span):
            place = decode(score)
            metres = shape.distance_within(place)
            if metres is not None:
                found.append(Found(metres, member, score, place))
                if len(found) == limit:
                    return found
    return found


def _answer(db: Database, source: SortedSet | None, options: Options) -> Reply:
    options.check()
    found = [] if source is None else search(source, options)
    if options.destination is not None:
        scores = {
            item.member: item.metres / options.unit if options.store_distance else item.score
            for item in found
        }
        event = b"geosearchstore" if options.is_geosearch else b"georadiusstore"
        return store(db, options.destination, scores, event, len(scores))
    return [_describe(item, options) for item in found]


def _describe(item: Found, options: Options) -> Reply:
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
    """Give a finder of the first word and of what follows STORE or STOREDIST, the last of them."""

    def find(words: Sequence[bytes]) -> list[bytes]:
        keys = [words[0]]
        for place in range(options_from, len(words) - 1):
            if words[place].upper() in (b"STORE", b"STOREDIST"):
                keys[1:] = [words[place + 1]]
        return keys

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
    options = Options(is_geosearch=True)
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
    options = Options(is_geosearch=True, may_store=True, destination=destination)
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
    options = Options(may_store=may_store, centre=parse_place(*circle[:2]))
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
    options = Options(may_store=may_store, centre=place_of(source, member))
    if source is not None:
        # Without a sorted set the reference does not look at the radius.
        options.parse_radius(radius, unit)
    options.parse(source, words)
    return _answer(db, source, options)
