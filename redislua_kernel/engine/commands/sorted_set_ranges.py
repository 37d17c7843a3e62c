"""Sorted sets: ranges by rank, by score and by member, read, counted, stored and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from redislua_kernel.engine.commands.sorted_set import store_scores
from redislua_kernel.engine.commands.sorted_set_bounds import (
    Bounds,
    ByLex,
    ByRank,
    ByScore,
    RangeOptions,
    parse_score_bound,
    read_options,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import WHOLE, Key, LateFloat, LateInt, Word, Words, read_int
from redislua_kernel.engine.types.sorted_set import SortedSet, Span
from redislua_kernel.reply import MemberColumns, MembersReply, Pairs

_READ_COST = "O(log(N)+M) where N is the size of the sorted set and M that of the range."
_COUNT_COST = "O(log(N)) where N is the size of the sorted set."


#: A rank, a score or a member, as the options behind it tell; of a script it may be an integer.
Bound = Annotated[bytes | int, Word(numbers=WHOLE)]


def _reading(
    by: type[ByRank] | type[ByScore] | type[ByLex] | None = None, reverse: bool | None = None
) -> Callable[..., list[bytes] | MemberColumns]:
    """Give a range command as scripts run it, by what its name implies."""

    def read(
        db: Database, key: bytes, low: bytes | int, high: bytes | int, *words: bytes
    ) -> list[bytes] | MemberColumns:
        options = read_options(words, by, reverse)
        bounds = options.bounds(low, high)
        value = db.lookup(key, SortedSet)
        if value is None:
            return []
        span = options.limited(bounds(value))
        if options.with_scores:
            return MemberColumns(*value.columns(span, options.reverse))
        return value.members(span, options.reverse)

    return read


_read = _reading()
_read_from_highest = _reading(ByRank, True)
_read_scores, _read_scores_from_highest = _reading(ByScore, False), _reading(ByScore, True)
_read_lex, _read_lex_from_last = _reading(ByLex, False), _reading(ByLex, True)


def _in_pairs(found: list[bytes] | MemberColumns) -> MembersReply:
    """Give what has been read as clients get it."""
    return Pairs(zip(*found, strict=True)) if isinstance(found, MemberColumns) else found


def _by_score(db: Database, key: bytes, low: bytes | int, high: bytes | int) -> list[bytes]:
    first, second = parse_score_bound(low), parse_score_bound(high)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.score_span(first, second))


def _by_rank(db: Database, key: bytes, start: bytes | int, stop: bytes | int) -> list[bytes]:
    first, last = read_int(start), read_int(stop)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.rank_span(first, last))


def _by_rank_from_highest(
    db: Database, key: bytes, start: bytes | int, stop: bytes | int
) -> list[bytes]:
    first, last = read_int(start), read_int(stop)
    value = db.lookup(key, SortedSet)
    return [] if value is None else value.members(value.rank_span(first, last, True), True)


@command(
    "ZRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank,
    scripted=_read,
)
def zrange(db: Database, key: Key, start: Bound, stop: Bound, *options: Words) -> MembersReply:
    """Give a range of members, by rank or, with BYSCORE or BYLEX, by score or member."""
    return _in_pairs(_read(db, key, start, stop, *options))


@command(
    "ZREVRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank_from_highest,
    scripted=_read_from_highest,
)
def zrevrange(
    db: Database, key: Key, start: LateInt, stop: LateInt, *options: Words
) -> MembersReply:
    """Give a range of members by rank, from the highest score on."""
    return _in_pairs(_read_from_highest(db, key, start, stop, *options))


@command(
    "ZRANGEBYSCORE",
    flags="readonly",
    group="sorted-set",
    since="1.0.5",
    complexity=_READ_COST,
    plain=_by_score,
    scripted=_read_scores,
)
def zrangebyscore(
    db: Database, key: Key, min: LateFloat, max: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range."""
    return _in_pairs(_read_scores(db, key, min, max, *options))


@command(
    "ZREVRANGEBYSCORE",
    flags="readonly",
    group="sorted-set",
    since="2.2.0",
    complexity=_READ_COST,
    scripted=_read_scores_from_highest,
)
def zrevrangebyscore(
    db: Database, key: Key, max: LateFloat, min: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range, from the highest score on."""
    return _in_pairs(_read_scores_from_highest(db, key, max, min, *options))


@command(
    "ZRANGEBYLEX",
    flags="readonly",
    group="sorted-set",
    since="2.8.9",
    complexity=_READ_COST,
    scripted=_read_lex,
)
def zrangebylex(db: Database, key: Key, min: bytes, max: bytes, *options: Words) -> MembersReply:
    """Give the members that lie between two others in byte order, all scores being equal."""
    return _in_pairs(_read_lex(db, key, min, max, *options))


@command(
    "ZREVRANGEBYLEX",
    flags="readonly",
    group="sorted-set",
    since="2.8.9",
    complexity=_READ_COST,
    scripted=_read_lex_from_last,
)
def zrevrangebylex(db: Database, key: Key, max: bytes, min: bytes, *options: Words) -> MembersReply:
    """Give the members between two others in byte order, the last ones first."""
    return _in_pairs(_read_lex_from_last(db, key, max, min, *options))


@command(
    "ZRANGESTORE", flags="write denyoom", group="sorted-set", since="6.2.0", complexity=_READ_COST
)
def zrangestore(
    db: Database, destination: Key, source: Key, min: bytes, max: bytes, *options: Words
) -> int:
    """Store a range of members with their scores; give how many there are."""
    chosen = RangeOptions()
    chosen.parse(options, storing=True)
    bounds = chosen.bounds(min, max)
    value = db.lookup(source, SortedSet)
    scores: dict[bytes, float] = {}
    if value is not None:
        members, found = value.columns(chosen.limited(bounds(value)))
        scores = dict(zip(members, found, strict=True))
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
    bounds = ByLex.parse(min, max)
    value = db.lookup(key, SortedSet)
    if value is None:
        return 0
    start, stop = bounds(value)
    return stop - start


@command("ZREMRANGEBYRANK", flags="write", group="sorted-set", since="2.0.0", complexity=_READ_COST)
def zremrangebyrank(db: Database, key: Key, start: LateInt, stop: LateInt) -> int:
    """Remove the members within a range of ranks; give how many there were."""
    return _remove(db, key, ByRank.parse(start, stop), b"zremrangebyrank")


def _remove_scores_quickly(
    db: Database, name: bytes, key: bytes, low: bytes | int, high: bytes | int
) -> int | None:
    value, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        value.__class__ is not SortedSet
        or value.journal is not journal
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
    ):
        return None
    start, stop = value.score_span(parse_score_bound(low), parse_score_bound(high))
    if start == stop:
        return 0
    value.remove_span((start, stop))
    journal.calls += (db.index, journal.targets, name, key, low, high, None)
    keyspace.dirty += stop - start
    if not value.scores:
        db.drop(key)
    return stop - start


@command(
    "ZREMRANGEBYSCORE",
    flags="write",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    quick=_remove_scores_quickly,
)
def zremrangebyscore(db: Database, key: Key, min: LateFloat, max: LateFloat) -> int:
    """Remove the members whose scores are within a range; give how many there were."""
    return _remove(db, key, ByScore.parse(min, max), b"zremrangebyscore")


@command("ZREMRANGEBYLEX", flags="write", group="sorted-set", since="2.8.9", complexity=_READ_COST)
def zremrangebylex(db: Database, key: Key, min: bytes, max: bytes) -> int:
    """Remove the members between two others in byte order; give how many there were."""
    return _remove(db, key, ByLex.parse(min, max), b"zremrangebylex")


def _remove(db: Database, key: bytes, bounds: Bounds, event: bytes) -> int:
    value = db.lookup(key, SortedSet)
    return 0 if value is None else _remove_span(db, key, bounds(value), event)


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
