"""Unions, intersections and differences of sorted sets; plain sets take part with scores of 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from math import isnan
from typing import NamedTuple

from redislua_kernel.engine.commands.sorted_set import store_scores
from redislua_kernel.engine.counts import KeysAfterCount, parse_limit
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, WRONGTYPE, CommandError
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, KeyRange, Words, parse_float, parse_int
from redislua_kernel.engine.types.members import in_all, in_first_alone
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.reply import Pairs, Reply

Scores = Mapping[bytes, float]

WEIGHT_NOT_A_FLOAT = CommandError("ERR weight value is not a float")

_UNION_COST = "O(N)+O(M*log(M)) where N is the size of all inputs and M that of the result."
_INTER_COST = "O(N*K)+O(M*log(M)) for K inputs, N the size of the smallest, M of the result."
_DIFF_COST = "O(L+(N-K)*log(N)) for inputs of L members, N in the first, K in the result."


class Source(NamedTuple):
    """One input: its scores, and what each of them is multiplied by."""

    scores: Scores
    weight: float = 1.0


def _sum(one: float, other: float) -> float:
    total = one + other
    return 0.0 if isnan(total) else total  # inf and -inf make 0


def _min(one: float, other: float) -> float:
    return other if other < one else one


def _max(one: float, other: float) -> float:
    return other if other > one else one


#: Puts two scores of one member together.
Aggregate = Callable[[float, float], float]

_AGGREGATES: dict[bytes, Aggregate] = {b"SUM": _sum, b"MIN": _min, b"MAX": _max}


# The operations


def unite(sources: Sequence[Source], aggregate: Aggregate) -> dict[bytes, float]:
    """Give the members of any source."""
    united: dict[bytes, float] = {}
    for scores, weight in sorted(sources, key=_size):
        for member, score in interruptible(scores.items()):
            weighted = _weigh(score, weight)
            old = united.get(member)
            united[member] = weighted if old is None else aggregate(old, weighted)
    return united


def intersect(sources: Sequence[Source], aggregate: Aggregate) -> Iterator[tuple[bytes, float]]:
    """Give the members that all sources have in common, with their scores."""
    smallest, *others = sorted(sources, key=_size)
    for member, score in interruptible(smallest.scores.items()):
        total = _weigh(score, smallest.weight)
        for scores, weight in others:
            other = scores.get(member)
            if other is None:
                break
            total = aggregate(total, other * weight)
        else:
            yield member, total


def subtract(sources: Sequence[Source]) -> dict[bytes, float]:
    """Give the members of the first source that are in none of the others."""
    first, *others = sources
    scores = first.scores
    alone = in_first_alone(scores, [other.scores for other in others])
    return {member: scores[member] for member in alone}


def _size(source: Source) -> int:
    return len(source.scores)


def _weigh(score: float, weight: float) -> float:
    weighted = score * weight
    return 0.0 if isnan(weighted) else weighted  # 0 times inf


# The commands


class Call(NamedTuple):
    """A command's words, parsed."""

    sources: list[Source]
    aggregate: Aggregate
    with_scores: bool


def _sources(
    db: Database, name: str, words: Sequence[bytes]
) -> tuple[list[Source], Sequence[bytes]]:
    """Read numkeys and the keys; give the inputs and the words after the keys."""
    count = parse_int(words[0])
    if count < 1:
        raise CommandError(f"ERR at least 1 input key is needed for '{name}' command")
    if count > len(words) - 1:
        raise SYNTAX_ERROR
    return [Source(_scores(db, key)) for key in words[1 : count + 1]], words[count + 1 :]


def _scores(db: Database, key: bytes) -> Scores:
    value = db.get(key)
    if value is None:
        return {}
    if isinstance(value, SortedSet):
        return value.scores
    if isinstance(value, Set):
        return dict.fromkeys(value.table(), 1.0)
    raise WRONGTYPE


def _parse(
    db: Database, name: str, words: Sequence[bytes], *, storing: bool = False, weighs: bool = True
) -> Call:
    sources, rest = _sources(db, name, words)
    aggregate: Aggregate = _sum
    with_scores = False
    place, end = 0, len(rest)
    while place < end:
        token = rest[place].upper()
        place += 1
        if token == b"WEIGHTS" and weighs and end - place >= len(sources):
            weights = map(_parse_weight, rest[place : place + len(sources)])
            sources = [
                Source(source.scores, weight)
                for source, weight in zip(sources, weights, strict=True)
            ]
            place += len(sources)
        elif token == b"AGGREGATE" and weighs and place < end:
            chosen = _AGGREGATES.get(rest[place].upper())
            if chosen is None:
                raise SYNTAX_ERROR
            aggregate = chosen
            place += 1
        elif token == b"WITHSCORES" and not storing:
            with_scores = True
        else:
            raise SYNTAX_ERROR
    return Call(sources, aggregate, with_scores)


def _parse_weight(word: bytes) -> float:
    try:
        return parse_float(word)
    except CommandError:
        raise WEIGHT_NOT_A_FLOAT from None


def _reply(scores: Scores, with_scores: bool) -> Reply:
    ordered = interruptible_sort(list(zip(scores.values(), scores, strict=True)))
    if with_scores:
        return Pairs([(member, score) for score, member in ordered])
    return [member for _, member in ordered]


@command(
    "ZUNION",
    flags="readonly movablekeys",
    group="sorted-set",
    since="6.2.0",
    complexity=_UNION_COST,
    find_keys=KeysAfterCount(0),
)
def zunion(db: Database, numkeys: bytes, key: bytes, *more: Words) -> Reply:
    """Give the members of any of several sorted sets, scores added up or chosen."""
    call = _parse(db, "zunion", (numkeys, key, *more))
    return _reply(unite(call.sources, call.aggregate), call.with_scores)


@command(
    "ZINTER",
    flags="readonly movablekeys",
    group="sorted-set",
    since="6.2.0",
    complexity=_INTER_COST,
    find_keys=KeysAfterCount(0),
)
def zinter(db: Database, numkeys: bytes, key: bytes, *more: Words) -> Reply:
    """Give the members that several sorted sets have in common, scores added up or chosen."""
    call = _parse(db, "zinter", (numkeys, key, *more))
    return _reply(dict(intersect(call.sources, call.aggregate)), call.with_scores)


@command(
    "ZDIFF",
    flags="readonly movablekeys",
    group="sorted-set",
    since="6.2.0",
    complexity=_DIFF_COST,
    find_keys=KeysAfterCount(0),
)
def zdiff(db: Database, numkeys: bytes, key: bytes, *more: Words) -> Reply:
    """Give the members of the first sorted set that are in none of the others."""
    call = _parse(db, "zdiff", (numkeys, key, *more), weighs=False)
    return _reply(subtract(call.sources), call.with_scores)


@command(
    "ZINTERCARD",
    flags="readonly movablekeys",
    group="sorted-set",
    since="7.0.0",
    complexity="O(N*K) for K inputs, N the size of the smallest.",
    find_keys=KeysAfterCount(0),
)
def zintercard(db: Database, numkeys: bytes, key: bytes, *more: Words) -> int:
    """Count the members that several sorted sets have in common, at most up to a limit."""
    sources, rest = _sources(db, "zintercard", (numkeys, key, *more))
    limit = parse_limit(rest)
    common = in_all([source.scores for source in sources])
    return sum(1 for _ in islice(common, limit or None))


@command(
    "ZUNIONSTORE",
    flags="write denyoom movablekeys",
    group="sorted-set",
    since="2.0.0",
    complexity=_UNION_COST,
    keys=KeyRange(1, 1, 1),
    find_keys=KeysAfterCount(1, destination=True),
)
def zunionstore(db: Database, destination: Key, numkeys: bytes, key: bytes, *more: Words) -> int:
    """Store the union of several sorted sets; give its size."""
    call = _parse(db, "zunionstore", (numkeys, key, *more), storing=True)
    return store_scores(db, destination, unite(call.sources, call.aggregate), b"zunionstore")


@command(
    "ZINTERSTORE",
    flags="write denyoom movablekeys",
    group="sorted-set",
    since="2.0.0",
    complexity=_INTER_COST,
    keys=KeyRange(1, 1, 1),
    find_keys=KeysAfterCount(1, destination=True),
)
def zinterstore(db: Database, destination: Key, numkeys: bytes, key: bytes, *more: Words) -> int:
    """Store the intersection of several sorted sets; give its size."""
    call = _parse(db, "zinterstore", (numkeys, key, *more), storing=True)
    common = dict(intersect(call.sources, call.aggregate))
    return store_scores(db, destination, common, b"zinterstore")


@command(
    "ZDIFFSTORE",
    flags="write denyoom movablekeys",
    group="sorted-set",
    since="6.2.0",
    complexity=_DIFF_COST,
    keys=KeyRange(1, 1, 1),
    find_keys=KeysAfterCount(1, destination=True),
)
def zdiffstore(db: Database, destination: Key, numkeys: bytes, key: bytes, *more: Words) -> int:
    """Store the difference of several sorted sets; give its size."""
    call = _parse(db, "zdiffstore", (numkeys, key, *more), storing=True, weighs=False)
    return store_scores(db, destination, subtract(call.sources), b"zdiffstore")
