"""What is in a key, page by page: a piece of a string, or rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite

from redislua_kernel.browsing.decoding import Piece, brief, read_string
from redislua_kernel.browsing.details import live_value
from redislua_kernel.browsing.scores import Scores, are_places, spread
from redislua_kernel.browsing.text import cut
from redislua_kernel.doubles import format_double
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.geo import decode
from redislua_kernel.engine.types.hash import NEVER, Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.string import RawString

__all__ = ["PAGE", "Table", "read_contents"]

#: How many rows a page has.
PAGE = 25
#: How many pairs of an entry of a stream are shown.
_MOST_PAIRS = 20


@dataclass(frozen=True)
class Table:
    """Some of a collection's elements, as rows of text; nothing in it is escaped."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    first: int
    total: int
    most: int = PAGE
    #: What stands above the table.
    notes: Sequence[str] = ()
    #: A sorted set's scores.
    scores: Scores | None = None
    #: Degrees east and north, and the member's name.
    places: Sequence[tuple[float, float, str]] = ()
    #: What else it could be shown as: empty, nothing.
    other: str = ""


def read_contents(
    database: Database, key: bytes, first: int = 0, *, alternative: bool = False
) -> Piece | Table | None:
    """Give what is in a key from element `first` on; None: there is no such key (any more).

    The `alternative` of a string is its bytes; that of a sorted set its scores where the
    places that they seem to stand for would be shown.
    """
    value = live_value(database, key)
    if isinstance(value, bytes):
        return read_string(value, first, raw=alternative)
    if isinstance(value, RawString):
        return read_string(bytes(value.data), first, raw=alternative)
    if isinstance(value, Hash):
        return _hash(value, first, database.keyspace.clock() // 1000)
    if isinstance(value, List):
        items = value.range(first, first + PAGE) if first < len(value) else ()
        rows = [(str(index), brief(item)) for index, item in enumerate(items, first)]
        return Table(("index", "value"), rows, first, len(value))
    if isinstance(value, Set):
        members = islice(value, first, first + PAGE)
        return Table(("member",), [(brief(member),) for member in members], first, len(value))
    if isinstance(value, SortedSet):
        return _sorted_set(value, first, alternative)
    return _stream(value, first) if isinstance(value, Stream) else None


def _hash(value: Hash, first: int, now: int) -> Table:
    expires = value.expires
    fields = (pair for pair in value.fields.items() if expires.get(pair[0], NEVER) >= now)
    shown = list(islice(fields, first, first + PAGE))
    gone = sum(at < now for at in expires.values()) if value.soonest < now else 0
    rows = [(cut(name), brief(item)) for name, item in shown]
    header: tuple[str, ...] = ("field", "value")
    if expires:
        header = ("field", "value", "expires in")
        rows = [
            (*row, _seconds(expires[name] - now) if name in expires else "")  # type: ignore[misc]
            for row, (name, _) in zip(rows, shown, strict=True)
        ]
    return Table(header, rows, first, len(value) - gone)


def _sorted_set(value: SortedSet, first: int, alternative: bool) -> Table:
    pairs = value.pairs((first, first + PAGE))
    total = len(value)
    are_like_places = are_places(value)
    other = "as scores" if are_like_places else ""
    if are_like_places and not alternative and all(isfinite(score) for score, _ in pairs):
        named = [(decode(score), cut(member)) for score, member in pairs]
        rows = [(name, f"{place[0]:.6f}", f"{place[1]:.6f}") for place, name in named]
        places = [(*place, name) for place, name in named]
        header = ("member", "longitude", "latitude")
        return Table(header, rows, first, total, places=places, other=other)
    rows = [
        (str(rank), cut(member), format_double(score).decode())
        for rank, (score, member) in enumerate(pairs, first)
    ]
    scores = spread(value, [score for score, _ in pairs])
    return Table(("rank", "member", "score"), rows, first, total, scores=scores, other=other)


def _stream(value: Stream, first: int) -> Table:
    rows = [
        (f"{ms}-{sequence}", _pairs(fields))
        for (ms, sequence), fields in islice(value.range(), first, first + PAGE)
    ]
    notes = [
        f"group {cut(name)}: consumers {len(group.consumers)}, pending {len(group.pending)}, "
        f"last delivered {group.last_id[0]}-{group.last_id[1]}"
        for name, group in islice(value.groups.items(), PAGE)
    ]
    return Table(("id", "fields"), rows, first, len(value), notes=notes)


def _pairs(fields: Sequence[bytes]) -> str:
    shown = fields[: 2 * _MOST_PAIRS]
    text = "\n".join(
        f"{cut(name)} = {brief(item)}" for name, item in zip(shown[::2], shown[1::2], strict=True)
    )
    more = (len(fields) - len(shown)) // 2
    return f"{text}\n… {more:,} more" if more else text


def _seconds(milliseconds: int) -> str:
    return f"{max(milliseconds, 0) / 1000:,.0f} s"
