"""Sorted sets: taking members from their ends, and at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redislua_kernel.engine.blocking import block, parse_timeout
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.quick import is_easy, note
from redislua_kernel.engine.commands.random_elements import draw_reply
from redislua_kernel.engine.counts import (
    KeysAfterCount,
    parse_count,
    parse_mpop_count,
    parse_numkeys,
    parse_signed_count,
)
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import MUST_BE_POSITIVE, OUT_OF_RANGE, SYNTAX_ERROR
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, KeyRange, Words
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.reply import NULL_ARRAY, Pairs, Reply, ScoredReply

_POP_COST = "O(log(N)*M) where N is the size of the sorted set and M the number popped."
_MPOP_COST = "O(K) + O(M*log(N)) for K keys and M members popped from a sorted set of size N."


def _pop_lowest(db: Database, key: bytes) -> ScoredReply:
    return _pop_at(db, key, 0, b"zpopmin")


def _pop_highest(db: Database, key: bytes) -> ScoredReply:
    return _pop_at(db, key, -1, b"zpopmax")


def _pop_at(db: Database, key: bytes, place: int, event: bytes) -> ScoredReply:
    value = db.edit(key, SortedSet)
    if value is None:
        return ()
    popped = value.pop(place)
    db.changed(key, event)
    if not value.scores:
        db.drop(key)
    return popped


def _popping(place: int) -> Callable[..., ScoredReply | None]:
    """Give what takes the member at a place in the easy case: see `quick` of `InScripts`."""

    def pop_quickly(db: Database, name: bytes, key: bytes) -> ScoredReply | None:
        value = db.entries.get(key)
        if not is_easy(value, SortedSet, db, key):
            return None
        popped = value.pop(place)
        note(db, name, key)
        if not value.scores:
            db.drop(key)
        return popped

    return pop_quickly


@command(
    "ZPOPMIN",
    flags="write fast",
    group="sorted-set",
    since="5.0.0",
    complexity=_POP_COST,
    plain=_pop_lowest,
    in_scripts=InScripts(quick=_popping(0)),
)
def zpopmin(db: Database, key: Key, *count: Words) -> Reply:
    """Remove the members with the lowest scores, one or a count, and give them."""
    return _zpop(db, key, count, b"ZPOPMIN") if count else list(_pop_lowest(db, key))


@command(
    "ZPOPMAX",
    flags="write fast",
    group="sorted-set",
    since="5.0.0",
    complexity=_POP_COST,
    plain=_pop_highest,
    in_scripts=InScripts(quick=_popping(-1)),
)
def zpopmax(db: Database, key: Key, *count: Words) -> Reply:
    """Remove the members with the highest scores, one or a count, and give them."""
    return _zpop(db, key, count, b"ZPOPMAX") if count else list(_pop_highest(db, key))


def _zpop(db: Database, key: bytes, words: Sequence[bytes], name: bytes) -> Reply:
    if len(words) > 1:
        raise SYNTAX_ERROR
    count = parse_count(words[0], MUST_BE_POSITIVE)
    value = db.lookup(key, SortedSet)
    if value is None or not count:
        return []
    return Pairs(pop(db, key, name, count))


def pop(db: Database, key: bytes, name: bytes, count: int) -> list[tuple[bytes, float]]:
    """Remove up to `count` members as ZPOPMIN or ZPOPMAX does, and give them with their scores."""
    value = db.edit(key, SortedSet)
    assert value is not None
    is_max = name == b"ZPOPMAX"
    if count == 1:
        popped = [value.pop(-1 if is_max else 0)]
    else:
        size = len(value)
        count = min(count, size)
        removed = value.remove_span((size - count, size) if is_max else (0, count))
        if is_max:
            removed.reverse()
        popped = [(member, score) for score, member in removed]
    db.changed(key, name.lower(), count)
    db.remove_if_empty(key, value)
    return popped


@command(
    "ZMPOP",
    flags="write movablekeys",
    group="sorted-set",
    since="7.0.0",
    complexity=_MPOP_COST,
    find_keys=KeysAfterCount(0),
)
def zmpop(client: Client, numkeys: bytes, key: bytes, where: bytes, *more: Words) -> Reply:
    """Pop members from the first of several sorted sets that is not empty."""
    return _mpop(client, numkeys, (key, where, *more))


@command(
    "BZMPOP",
    flags="write blocking movablekeys",
    group="sorted-set",
    since="7.0.0",
    complexity=_MPOP_COST,
    find_keys=KeysAfterCount(1),
)
def bzmpop(
    client: Client, timeout: bytes, numkeys: bytes, key: bytes, where: bytes, *more: Words
) -> Reply:
    """Pop members from the first sorted set that is not empty, or wait for one."""
    return _mpop(client, numkeys, (key, where, *more), timeout)


def _mpop(
    client: Client, numkeys: bytes, words: Sequence[bytes], timeout: bytes | None = None
) -> Reply:
    db = client.db
    number = parse_numkeys(numkeys)
    if number >= len(words):
        raise SYNTAX_ERROR
    keys, where, options = words[:number], words[number].upper(), words[number + 1 :]
    if where not in (b"MIN", b"MAX"):
        raise SYNTAX_ERROR
    count = parse_mpop_count(options)
    milliseconds = None if timeout is None else parse_timeout(timeout, db.keyspace.now)
    key = _first_filled(db, keys)
    if key is None:
        if milliseconds is None:
            return NULL_ARRAY
        return block(client, keys, SortedSet, milliseconds)
    name = b"ZPOP" + where
    popped = pop(db, key, name, count)
    db.effect(name, key, b"%d" % len(popped))
    return [key, [list(pair) for pair in popped]]


@command(
    "BZPOPMIN",
    flags="write blocking fast",
    group="sorted-set",
    since="5.0.0",
    complexity="O(log(N)) where N is the size of the sorted set.",
    keys=KeyRange(1, -2, 1),
)
def bzpopmin(client: Client, key: Key, *keys_and_timeout: bytes) -> Reply:
    """Pop the lowest member of the first sorted set that is not empty, or wait for one."""
    return _bzpop(client, (key, *keys_and_timeout), b"ZPOPMIN")


@command(
    "BZPOPMAX",
    flags="write blocking fast",
    group="sorted-set",
    since="5.0.0",
    complexity="O(log(N)) where N is the size of the sorted set.",
    keys=KeyRange(1, -2, 1),
)
def bzpopmax(client: Client, key: Key, *keys_and_timeout: bytes) -> Reply:
    """Pop the highest member of the first sorted set that is not empty, or wait for one."""
    return _bzpop(client, (key, *keys_and_timeout), b"ZPOPMAX")


def _bzpop(client: Client, words: Sequence[bytes], name: bytes) -> Reply:
    db = client.db
    milliseconds = parse_timeout(words[-1], db.keyspace.now)
    key = _first_filled(db, words[:-1])
    if key is None:
        return block(client, words[:-1], SortedSet, milliseconds)
    popped = pop(db, key, name, 1)
    db.effect(name, key)
    return [key, *popped[0]]


def _first_filled(db: Database, keys: Sequence[bytes]) -> bytes | None:
    for key in keys:
        if db.lookup(key, SortedSet) is not None:
            return key
    return None


@command(
    "ZRANDMEMBER",
    flags="readonly",
    group="sorted-set",
    since="6.2.0",
    complexity="O(N) where N is the number of members given.",
)
def zrandmember(client: Client, key: Key, *options: Words) -> Reply:
    """Give a random member, or several with a count; a negative count lets them repeat."""
    count = parse_signed_count(options[0]) if options else 1
    if len(options) > 2 or (len(options) == 2 and options[1].upper() != b"WITHSCORES"):
        raise SYNTAX_ERROR
    if len(options) == 2 and abs(count) > INT64_MAX // 2:
        raise OUT_OF_RANGE
    value = client.db.lookup(key, SortedSet)
    if value is None:
        return [] if options else None
    with_scores = len(options) == 2
    if count < 0:
        drawable = [*value.scores.items()] if with_scores else [*value.scores]
        return draw_reply(client, drawable, -count, in_pairs=with_scores)
    found = value.sample(count, client.db.keyspace.random)
    if not options:
        return found[0][1]
    if with_scores:
        return Pairs([(member, score) for score, member in found])
    return [member for _, member in found]
