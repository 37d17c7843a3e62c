"""The words of a search around a place: centre, shape, what to give, where to store it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from redislua_kernel.engine.commands.geo import parse_length, parse_place, parse_unit
from redislua_kernel.engine.counts import COUNT_NOT_POSITIVE
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.geo import Box, Circle, Place, Shape, decode
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.engine.types.sorted_set import SortedSet

NO_SUCH_MEMBER = CommandError("ERR could not decode requested zset member")
NEGATIVE_RADIUS = CommandError("ERR radius cannot be negative")
NEGATIVE_SIDE = CommandError("ERR height or width cannot be negative")
ANY_WITHOUT_COUNT = CommandError("ERR the ANY argument requires COUNT argument")

#: Makes a shape around a centre, which may be named after it.
ShapeMaker = Callable[[Place], Shape]
#: Many a script searches around the same places: so many shapes of one kind are remembered.
_MOST_SHAPES = 64


@dataclass
class GeoOptions:
    """What the words of a search ask for."""

    is_geosearch: bool = False
    may_store: bool = False
    destination: bytes | None = None
    store_distance: bool = False
    #: FROMLONLAT or FROMMEMBER, BYRADIUS or BYBOX: the token that came.
    origin: bytes = b""
    extent: bytes = b""
    #: None if it is not among these words, and for a member of a key that does not exist.
    centre: Place | None = None
    names_centre: bool = False
    make_shape: ShapeMaker | None = None
    unit: float = 1.0
    order: bytes = b""  # ASC, DESC
    count: int = 0
    any: bool = False
    with_distance: bool = False
    with_hash: bool = False
    with_place: bool = False

    @property
    def shows_more(self) -> bool:
        """Whether more of a member is to be given than its name."""
        return self.with_distance or self.with_hash or self.with_place

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
            self.origin, self.names_centre = token, True
            self.centre = place_of(source, rest[0])
            return 1
        if token == b"FROMLONLAT" and len(rest) > 1 and self.origin in (b"", token):
            self.origin, self.names_centre = token, True
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
        self.make_shape = lru_cache(_MOST_SHAPES)(lambda centre: Circle(centre, length * metres))

    def parse_box(self, width: bytes, height: bytes, unit: bytes) -> None:
        """Read a rectangle's size."""
        wide = parse_length(width, "ERR need numeric width")
        high = parse_length(height, "ERR need numeric height")
        if high < 0 or wide < 0:
            raise NEGATIVE_SIDE
        self.unit = metres = parse_unit(unit)
        self.make_shape = lru_cache(_MOST_SHAPES)(
            lambda centre: Box(centre, wide * metres, high * metres)
        )

    def check(self) -> None:
        """Raise the error for options that are missing or exclude each other."""
        stores = self.destination is not None or (self.is_geosearch and self.may_store)
        if stores and self.shows_more:
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


def read_search(
    source: SortedSet | None, words: Sequence[bytes], *, may_store: bool = False
) -> tuple[GeoOptions, Place | None]:
    """Read the words of GEOSEARCH, of which there are five at least; give the centre beside."""
    origin = words[0].upper()
    centre: Place | None
    rest: Sequence[bytes]
    if origin == b"FROMLONLAT":
        centre, rest = parse_place(words[1], words[2]), words[3:]
    elif origin == b"FROMMEMBER":
        centre, rest = place_of(source, words[1]), words[2:]
    else:
        centre, rest = None, ()
    try:
        options = _after_origin(origin, may_store, *rest)
    except CommandError:
        options = None  # something else may be wrong before
    if options is None or options.names_centre:
        options = GeoOptions(is_geosearch=True, may_store=may_store)
        options.parse(source, words)
        options.check()
        centre = options.centre
    return options, centre


# Most searches of a script differ in the centre alone: the words after it are read once.


@lru_cache(maxsize=256)
def _after_origin(origin: bytes, may_store: bool, *words: bytes) -> GeoOptions:
    """Read what follows the centre in GEOSEARCH; not to be changed."""
    options = GeoOptions(is_geosearch=True, may_store=may_store, origin=origin)
    options.parse(None, words)
    options.check()
    return options


@lru_cache(maxsize=256)
def after_centre(may_store: bool, radius: bytes, unit: bytes, *words: bytes) -> GeoOptions:
    """Read what follows the centre in the GEORADIUS family; not to be changed."""
    options = GeoOptions(may_store=may_store)
    options.parse_radius(radius, unit)
    options.parse(None, words)
    options.check()
    return options


def place_of(source: SortedSet | None, member: bytes) -> Place | None:
    """Give a member's place; None if there is no sorted set, an error if it is no member."""
    if source is None:
        return None
    score = source.scores.get(member)
    if score is None:
        raise NO_SUCH_MEMBER
    return decode(score)
