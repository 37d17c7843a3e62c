"""Sorted sets: ranges by rank, by score and by member, read, counted, stored and removed."""

from __future__ import annotations

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
from redislua_kernel.engine.signature import Key, LateFloat, Words
from redislua_kernel.engine.types.sorted_set import SortedSet, Span
from redislua_kernel.reply import MembersReply, Pairs

_READ_COST = "O(log(N)+M) where N is the size of the sorted set and M that of the range."
_COUNT_COST = "O(log(N)) where N is the size of the sorted set."


def read_range(
    db: Database, key: bytes, low: bytes, high: bytes, options: RangeOptions
) -> MembersReply:
    """Run one of the range commands: parse its bounds, then give the range."""
    if options.by is ByScore:
        return read_scores(db, key, low, high, options)
    bounds = options.bounds(low, high)
    value = db.lookup(key, SortedSet)
    return [] if value is None else _shown(value, bounds(value), options)


def read_scores(
    db: Database, key: bytes, low: bytes | int, high: bytes | int, options: RangeOptions
) -> MembersReply:
    """Give what lies between two scores: what is due, say, or still counts."""
    first, second = parse_score_bound(low), parse_score_bound(high)
    value = db.lookup(key, SortedSet)
    if value is None:
        return []
    span = value.score_span(second, first) if options.reverse else value.score_span(first, second)
    return [] if span[0] == span[1] else _shown(value, span, options)


def _shown(value: SortedSet, span: Span, options: RangeOptions) -> MembersReply:
    found = value.pairs(options.limited(span), options.reverse)
    if options.with_scores:
        return Pairs([(member, score) for score, member in found])
    return [member for _, member in found]


def _by_score(db: Database, key: bytes, low: bytes | int, high: bytes | int) -> list[bytes]:
    first, second = parse_score_bound(low), parse_score_bound(high)
    value = db.lookup(key, SortedSet)
    if value is None:
        return []
    return [member for _, member in value.pairs(value.score_span(first, second))]


def _by_rank(db: Database, key: bytes, start: bytes, stop: bytes) -> list[bytes]:
    bounds = ByRank.parse(start, stop)
    value = db.lookup(key, SortedSet)
    return [] if value is None else [member for _, member in value.pairs(bounds(value))]


def _by_rank_from_highest(db: Database, key: bytes, start: bytes, stop: bytes) -> list[bytes]:
    bounds = ByRank.parse(start, stop, reverse=True)
    value = db.lookup(key, SortedSet)
    return [] if value is None else [member for _, member in value.pairs(bounds(value), True)]


@command(
    "ZRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank,
)
def zrange(db: Database, key: Key, start: bytes, stop: bytes, *options: Words) -> MembersReply:
    """Give a range of members, by rank or, with BYSCORE or BYLEX, by score or member."""
    return read_range(db, key, start, stop, read_options(options))


@command(
    "ZREVRANGE",
    flags="readonly",
    group="sorted-set",
    since="1.2.0",
    complexity=_READ_COST,
    plain=_by_rank_from_highest,
)
def zrevrange(db: Database, key: Key, start: bytes, stop: bytes, *options: Words) -> MembersReply:
    """Give a range of members by rank, from the highest score on."""
    return read_range(db, key, start, stop, read_options(options, ByRank, True))


@command(
    "ZRANGEBYSCORE",
    flags="readonly",
    group="sorted-set",
    since="1.0.5",
    complexity=_READ_COST,
    plain=_by_score,
)
def zrangebyscore(
    db: Database, key: Key, min: LateFloat, max: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range."""
    return read_scores(db, key, min, max, read_options(options, ByScore, False))


@command(
    "ZREVRANGEBYSCORE", flags="readonly", group="sorted-set", since="2.2.0", complexity=_READ_COST
)
def zrevrangebyscore(
    db: Database, key: Key, max: LateFloat, min: LateFloat, *options: Words
) -> MembersReply:
    """Give the members whose scores are within a range, from the highest score on."""
    return read_scores(db, key, max, min, read_options(options, ByScore, True))


@command("ZRANGEBYLEX", flags="readonly", group="sorted-set", since="2.8.9", complexity=_READ_COST)
def zrangebylex(db: Database, key: Key, min: bytes, max: bytes, *options: Words) -> MembersReply:
    """Give the members that lie between two others in byte order, all scores being equal."""
    return read_range(db, key, min, max, read_options(options, ByLex, False))


@command(
    "ZREVRANGEBYLEX", flags="readonly", group="sorted-set", since="2.8.9", complexity=_READ_COST
)
def zrevrangebylex(db: Database, key: Key, max: bytes, min: bytes, *options: Words) -> MembersReply:
    """Give the members between two others in byte order, the last ones first."""
    return read_range(db, key, max, min, read_options(options, ByLex, True))


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
        found = value.pairs(chosen.limited(bounds(value)))
        scores = {member: score for score, member in found}
    return store_scores(db, destination, scores, b"zrangestore")


# Counting and removing


@command("ZCOUNT", flags="readonly fast", group="sorted-set", since="2.0.0", complexity=_COUNT_COST)
def zcount(db: Database, key: Key, min: LateFloat, max: LateFloat) -> int:
    """Count the members whose scores are within a range."""
    low, high = parse_score_bound(min), parse_score_bound(max)
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
def zremrangebyrank(db: Database, key: Key, start: bytes, stop: bytes) -> int:
    """Remove the members within a range of ranks; give how many there were."""
    return _remove(db, key, ByRank.parse(start, stop), b"zremrangebyrank")


@command(
    "ZREMRANGEBYSCORE", flags="write", group="sorted-set", since="1.2.0", complexity=_READ_COST
)
def zremrangebyscore(db: Database, key: Key, min: LateFloat, max: LateFloat) -> int:
    """Remove the members whose scores are within a range; give how many there were."""
    low, high = parse_score_bound(min), parse_score_bound(max)
    value = db.lookup(key, SortedSet)
    if value is None:
        return 0
    return _remove_span(db, key, value.score_span(low, high), b"zremrangebyscore")


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
