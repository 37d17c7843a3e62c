"""Sorted sets: ranges by rank, by score and by member, read, counted, stored and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from redislua_kernel.engine.commands.quick import is_easy, note_many
from redislua_kernel.engine.commands.sorted_set import store_scores
from redislua_kernel.engine.commands.sorted_set_bounds import (
    BY_LEX,
    BY_RANK,
    BY_SCORE,
    Kind,
    RangeOptions,
    parse_lex_bound,
    parse_score_bound,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.repeated import Forms, Free, Repeated
from redislua_kernel.engine.signature import WHOLE, Key, LateFloat, LateInt, Word, Words, parse_int
from redislua_kernel.engine.types.sorted_set import SortedSet, Span
from redislua_kernel.reply import MemberColumns, MembersReply, Pairs

_READ_COST = "O(log(N)+M) where N is the size of the sorted set and M that of the range."
_COUNT_COST = "O(log(N)) where N is the size of the sorted set."


#: A rank, a score or a member, as the options behind it tell; of a script it may be an integer.
Bound = Annotated[bytes | int, Word(numbers=WHOLE)]


#: Reads a range between two bounds for a script.
Reader = Callable[[Database, bytes, "bytes | int", "bytes | int"], list[bytes] | MemberColumns]


def _reading(by: Kind | None = None, reverse: bool | None = None) -> Forms:
    """Give what reads ranges, by the words of its options, as a command's name implies."""

    def reader_for(words: tuple[bytes, ...]) -> Reader:
        options = RangeOptions(by, reverse)
        options.parse(words)
        read_bound, find, turns = options.kind
        from_highest, with_scores = bool(options.reverse), options.with_scores
        limited = options.limited if options.is_limited else None
        turns = turns and from_highest

        def read(
            db: Database, key: bytes, first: bytes | int, second: bytes | int
        ) -> list[bytes] | MemberColumns:
            low, high = read_bound(first), read_bound(second)
            value = db.entries.get(key)
            if value.__class__ is not SortedSet or key in db.expires:
                value = db.lookup(key, SortedSet)
                if value is None:
                    return []
            if turns:
                low, high = high, low
            span = find(value, low, high, from_highest)
            if limited is not None:
                span = limited(span)
            if with_scores:
                return value.columns(span, from_highest)
            return value.members(span, from_highest)

        return read

    return Forms(reader_for)


def _repeating(forms: Forms) -> Repeated:
    """Give how scripts read a range of which the bound that comes first, and options, are known."""

    def make(words: tuple[bytes, ...]) -> Callable[..., Any] | None:
        first, *options = words
        if not options:  # that has a way of its own
            return None
        read = forms[tuple(options)]
        return lambda db, key, second: read(db, key, first, second)

    return Repeated(Free.FIRST_AND_THIRD, make)


_ranges, _ranges_from_highest = _reading(), _reading(BY_RANK, True)
_score_ranges, _score_ranges_from_highest = _reading(BY_SCORE, False), _reading(BY_SCORE, True)
_lex_ranges, _lex_ranges_from_last = _reading(BY_LEX, False), _reading(BY_LEX, True)


def _in_pairs(found: list[bytes] | MemberColumns) -> MembersReply:
    """Give what has been read as clients get it."""
    return Pairs(zip(*found, strict=True)) if isinstance(found, tuple) else found


def _by_score(db: Database, key: bytes, low: bytes | int, high: bytes | int) -> list[bytes]:
    first, second = parse_score_bound(low), parse_score_bound(high)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.score_span(first, second))


def _by_rank(db: Database, key: bytes, start: bytes | int, stop: bytes | int) -> list[bytes]:
    first = start if isinstance(start, int) else parse_int(start)
    last = stop if isinstance(stop, int) else parse_int(stop)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.rank_span(first, last))


def _by_rank_from_highest(
    db: Database, key: bytes, start: bytes | int, stop: bytes | int
) -> list[bytes]:
    first = start if isinstance(start, int) else parse_int(start)
    last = stop if isinstance(stop, int) else parse_int(stop)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.rank_span(first, last, True), True)


@command(
    "ZRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank,
    in_scripts=InScripts(forms=_ranges),
)
def zrange(db: Database, key: Key, start: Bound, stop: Bound, *options: Words) -> MembersReply:
    """Give a range of members, by rank or, with BYSCORE or BYLEX, by score or member."""
    return _in_pairs(_ranges[options](db, key, start, stop))


@command(
    "ZREVRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank_from_highest,
    in_scripts=InScripts(forms=_ranges_from_highest),
)
def zrevrange(
    db: Database, key: Key, start: LateInt, stop: LateInt, *options: Words
) -> MembersReply:
    """Give a range of members by rank, from the highest score on."""
    return _in_pairs(_ranges_from_highest[options](db, key, start, stop))


@command(
    "ZRANGEBYSCORE",
    flags="readonly",
    group="sorted-set",
    since="1.0.5",
    complexity=_READ_COST,
    plain=_by_score,
    in_scripts=InScripts(forms=_score_ranges, repeats=_repeating(_score_ranges)),
)
def zrangebyscore(
    db: Database, key: Key, min: LateFloat, max: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range."""
    return _in_pairs(_score_ranges[options](db, key, min, max))


@command(
    "ZREVRANGEBYSCORE",
    flags="readonly",
    group="sorted-set",
    since="2.2.0",
    complexity=_READ_COST,
    in_scripts=InScripts(
        forms=_score_ranges_from_highest, repeats=_repeating(_score_ranges_from_highest)
    ),
)
def zrevrangebyscore(
    db: Database, key: Key, max: LateFloat, min: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range, from the highest score on."""
    return _in_pairs(_score_ranges_from_highest[options](db, key, max, min))


@command(
    "ZRANGEBYLEX",
    flags="readonly",
    group="sorted-set",
    since="2.8.9",
    complexity=_READ_COST,
    in_scripts=InScripts(forms=_lex_ranges),
)
def zrangebylex(db: Database, key: Key, min: bytes, max: bytes, *options: Words) -> MembersReply:
    """Give the members that lie between two others in byte order, all scores being equal."""
    return _in_pairs(_lex_ranges[options](db, key, min, max))


@command(
    "ZREVRANGEBYLEX",
    flags="readonly",
    group="sorted-set",
    since="2.8.9",
    complexity=_READ_COST,
    in_scripts=InScripts(forms=_lex_ranges_from_last),
)
def zrevrangebylex(db: Database, key: Key, max: bytes, min: bytes, *options: Words) -> MembersReply:
    """Give the members between two others in byte order, the last ones first."""
    return _in_pairs(_lex_ranges_from_last[options](db, key, max, min))


@command(
    "ZRANGESTORE", flags="write denyoom", group="sorted-set", since="6.2.0", complexity=_READ_COST
)
def zrangestore(
    db: Database, destination: Key, source: Key, min: bytes, max: bytes, *options: Words
) -> int:
    """Store a range of members with their scores; give how many there are."""
    chosen = RangeOptions()
    chosen.parse(options, storing=True)
    kind, from_highest = chosen.kind, bool(chosen.reverse)
    low, high = kind.read(min), kind.read(max)
    if kind.turns and from_highest:
        low, high = high, low
    value = db.lookup(source, SortedSet)
    scores: dict[bytes, float] = {}
    if value is not None:
        span = chosen.limited(kind.find(value, low, high, from_highest))
        scores = dict(zip(*value.columns(span), strict=True))
    return store_scores(db, destination, scores, b"zrangestore")


# Counting and removing


@command("ZCOUNT", flags="readonly fast", group="sorted-set", since="2.0.0", complexity=_COUNT_COST)
def zcount(db: Database, key: Key, min: LateFloat, max: LateFloat) -> int:
    """Count the members whose scores are within a range."""
    low, high = parse_score_bound(min), parse_score_bound(max)
    value = db.entries.get(key)
    if value.__class__ is not SortedSet or key in db.expires:
        value = db.lookup(key, SortedSet)
        if value is None:
            return 0
    start, stop = value.score_span(low, high)
    return stop - start


@command(
    "ZLEXCOUNT", flags="readonly fast", group="sorted-set", since="2.8.9", complexity=_COUNT_COST
)
def zlexcount(db: Database, key: Key, min: bytes, max: bytes) -> int:
    """Count the members that lie between two others in byte order."""
    low, high = parse_lex_bound(min), parse_lex_bound(max)
    value = db.lookup(key, SortedSet)
    if value is None:
        return 0
    start, stop = value.lex_span(low, high)
    return stop - start


@command("ZREMRANGEBYRANK", flags="write", group="sorted-set", since="2.0.0", complexity=_READ_COST)
def zremrangebyrank(db: Database, key: Key, start: LateInt, stop: LateInt) -> int:
    """Remove the members within a range of ranks; give how many there were."""
    return _remove(db, key, BY_RANK, start, stop, b"zremrangebyrank")


def _remove_scores_quickly(
    db: Database, name: bytes, key: bytes, low: bytes | int, high: bytes | int
) -> int | None:
    value = db.entries.get(key)
    if not is_easy(value, SortedSet, db, key):
        return None
    start, stop = value.score_span(parse_score_bound(low), parse_score_bound(high))
    if start == stop:
        return 0
    value.remove_span((start, stop))
    note_many(db, stop - start, name, key, low, high)
    if not value.scores:
        db.drop(key)
    return stop - start


@command(
    "ZREMRANGEBYSCORE",
    flags="write",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    in_scripts=InScripts(quick=_remove_scores_quickly),
)
def zremrangebyscore(db: Database, key: Key, min: LateFloat, max: LateFloat) -> int:
    """Remove the members whose scores are within a range; give how many there were."""
    return _remove(db, key, BY_SCORE, min, max, b"zremrangebyscore")


@command("ZREMRANGEBYLEX", flags="write", group="sorted-set", since="2.8.9", complexity=_READ_COST)
def zremrangebylex(db: Database, key: Key, min: bytes, max: bytes) -> int:
    """Remove the members between two others in byte order; give how many there were."""
    return _remove(db, key, BY_LEX, min, max, b"zremrangebylex")


def _remove(
    db: Database, key: bytes, kind: Kind, first: bytes | int, second: bytes | int, event: bytes
) -> int:
    low, high = kind.read(first), kind.read(second)
    value = db.lookup(key, SortedSet)
    return 0 if value is None else _remove_span(db, key, kind.find(value, low, high, False), event)


def _remove_span(db: Database, key: bytes, span: Span, event: bytes) -> int:
    start, stop = span
    if start == stop:
        return 0
    value = db.edit(key, SortedSet)
    assert value is not None
    value.remove_span(span)
    db.changed(key, event, stop - start)
    if not value.scores:
        db.drop(key)
    return stop - start
