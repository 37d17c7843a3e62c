"""Sorted sets: single members and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from redislua_kernel.engine.commands.quick import is_easy, note, put_new, take_away
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, wrong_arity
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.scan import parse_cursor, parse_scan_options, scan
from redislua_kernel.engine.signature import Key, LateFloat, Words, parse_float
from redislua_kernel.engine.types.sorted_set import LISTPACK, SortedSet
from redislua_kernel.reply import NULL_ARRAY, Reply, format_double

#: Members with scores, as ZADD takes them.
ScoredMembers = Sequence[tuple[float, bytes]]

SCORE_IS_NAN = CommandError("ERR resulting score is not a number (NaN)")
NX_AND_XX = CommandError("ERR XX and NX options at the same time are not compatible")
GT_LT_NX = CommandError("ERR GT, LT, and/or NX options at the same time are not compatible")
INCR_ONE_PAIR = CommandError("ERR INCR option supports a single increment-element pair")

_NO_OPTIONS: frozenset[bytes] = frozenset()
_OPTIONS = frozenset({b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"})
#: One option, as it is mostly written.
_LONE_OPTIONS = {option: frozenset({option}) for option in _OPTIONS}


def parse_score(word: bytes | int) -> float:
    """Read the one score of a ZADD, or of a ZINCRBY: the reference looks for options first."""
    if isinstance(word, int):
        return float(word)
    if not word.isdigit() and word.upper() in _OPTIONS:
        raise SYNTAX_ERROR
    return parse_float(word)


def _add_one(db: Database, key: bytes, score: bytes | int, member: bytes) -> int:
    return 1 if add_member(db, key, member, parse_score(score)) is None else 0


def add_quickly(
    db: Database, name: bytes, key: bytes, score: bytes | int, member: bytes
) -> int | None:
    """Add one member in the easy case: see `quick` of `InScripts`."""
    if len(member) >= LONG:
        return None
    number = float(score) if score.__class__ is int else parse_score(score)
    value, old = db.entries.get(key), None
    if value is None:
        if db.keyspace.listeners:
            return None
        put_new(db, key, SortedSet.of_one(db.journal, member, number))
    elif is_easy(value, SortedSet, db, key):
        old = value.put(member, number)
        if old == number:
            return 0
    else:
        return None
    note(db, name, key, score, member)
    return 1 if old is None else 0


@command(
    "ZADD",
    flags="write denyoom fast",
    group="sorted-set",
    since="1.2.0",
    complexity="O(log(N)) for each member, where N is the size of the sorted set.",
    plain=_add_one,
    in_scripts=InScripts(quick=add_quickly),
)
def zadd(
    db: Database, key: Key, score: LateFloat, member: bytes, *more: Words
) -> int | float | None:
    """Add members with scores to a sorted set, or change the scores of members."""
    if not more:
        return _add_one(db, key, score, member)
    first = b"%d" % score if isinstance(score, int) else score
    if len(more) == 1 and first in _LONE_OPTIONS and member.upper() not in _OPTIONS:
        return _add_one_under(db, key, parse_float(member), more[0], _LONE_OPTIONS[first])
    return _zadd_with_options(db, key, (first, member, *more))


def add_member(
    db: Database, key: bytes, member: bytes, score: float, event: bytes = b"zadd"
) -> float | None:
    """Add a member with a score, or change its score; give the one it had, None for a new one."""
    value = db.edit(key, SortedSet)
    if value is None:
        db.put(key, SortedSet.of_one(db.journal, member, score))
        db.changed(key, event)
        return None
    old = value.put(member, score)
    if old != score:
        db.changed(key, event)
    return old


def _zadd_with_options(db: Database, key: bytes, words: Sequence[bytes]) -> int | float | None:
    options, rest = split_options(words, _OPTIONS)
    if len(rest) % 2 or not rest:
        raise SYNTAX_ERROR
    if len(options) > 1:
        _refuse_contradictions(options)
    if b"INCR" in options and len(rest) > 2:
        raise INCR_ONE_PAIR
    if len(rest) == 2:
        return _add_one_under(db, key, parse_float(rest[0]), rest[1], options)
    pairs = list(zip(map(parse_float, rest[::2]), rest[1::2], strict=True))
    added, updated = add_members(db, key, pairs, options)
    return added + updated if b"CH" in options else added


def _add_one_under(
    db: Database, key: bytes, number: float, member: bytes, options: frozenset[bytes]
) -> int | float | None:
    value = db.edit(key, SortedSet)
    old = None if value is None else value.scores.get(member)
    score = new_score(old, number, options)
    is_increment = b"INCR" in options
    if score is not None and score != old:
        event = b"zincr" if is_increment else b"zadd"
        if value is None:
            add_member(db, key, member, score, event)
        else:
            value.put(member, score)
            db.changed(key, event)
    if is_increment:
        return score
    if score is None or (old is not None and b"CH" not in options):
        return 0
    return 1 if score != old else 0


def _refuse_contradictions(options: frozenset[bytes]) -> None:
    if b"NX" in options and b"XX" in options:
        raise NX_AND_XX
    if len(options & {b"NX", b"GT", b"LT"}) > 1:
        raise GT_LT_NX


def split_options(
    words: Sequence[bytes], known: frozenset[bytes]
) -> tuple[frozenset[bytes], Sequence[bytes]]:
    """Split leading option tokens, in capitals, from the words that follow them."""
    found: list[bytes] = []
    for word in words:
        token = word.upper()
        if token not in known:
            break
        found.append(token)
    return (frozenset(found), words[len(found) :]) if found else (_NO_OPTIONS, words)


def add_members(
    db: Database, key: bytes, pairs: ScoredMembers, options: frozenset[bytes]
) -> tuple[int, int]:
    """Add (score, member) pairs under ZADD's options; give how many are new, and have changed."""
    value = db.edit(key, SortedSet)
    if value is None:
        if b"XX" in options:
            return 0, 0
        begun = None if options or len(pairs) == 1 else SortedSet.begun(db.journal, pairs)
        if begun is not None:
            db.put_made(key, begun)
            db.changed(key, b"zadd", len(pairs))
            return len(pairs), 0
        value = db.edit_or_create(key, SortedSet)
    value.expect(len(pairs), pairs[0][1])
    added = updated = 0
    for number, member in interruptible(pairs):
        score = new_score(value.scores.get(member), number, options) if options else number
        if score is None:
            continue
        old = value.put(member, score)
        if old is None:
            added += 1
        elif old != score:
            updated += 1
    if added or updated:
        db.changed(key, b"zadd", added + updated)
    return added, updated


def new_score(old: float | None, number: float, options: frozenset[bytes]) -> float | None:
    """Give the score that ZADD's options lead to; None: nothing is to be done."""
    if old is None:
        return None if b"XX" in options else number
    if b"NX" in options:
        return None
    if b"INCR" in options:
        number += old
        if isnan(number):
            raise SCORE_IS_NAN
    if (b"LT" in options and number >= old) or (b"GT" in options and number <= old):
        return None
    return number


def store_scores(
    db: Database, destination: bytes, scores: dict[bytes, float], event: bytes, count: int = 1
) -> int:
    """Store what a command found as a sorted set; give its size. See `Database.store_result`."""
    db.store_result(destination, SortedSet.of(db.journal, scores), event, count)
    return len(scores)


def _increment_quickly(
    db: Database, name: bytes, key: bytes, increment: bytes | int, member: bytes
) -> float | None:
    value = db.entries.get(key)
    if not is_easy(value, SortedSet, db, key):
        return None
    old = value.scores.get(member)
    if old is None:
        return None
    score = old + (increment if increment.__class__ is int else parse_score(increment))
    if score == old:
        return score
    if score != score:
        raise SCORE_IS_NAN
    value.put(member, score)
    note(db, name, key, increment, member)
    return score


@command(
    "ZINCRBY",
    flags="write denyoom fast",
    group="sorted-set",
    since="1.2.0",
    complexity="O(log(N)) where N is the size of the sorted set.",
    in_scripts=InScripts(quick=_increment_quickly),
)
def zincrby(db: Database, key: Key, increment: LateFloat, member: bytes) -> float:
    """Add to a member's score, 0 for a new member, and give the sum."""
    number = parse_score(increment)
    value = db.edit_or_create(key, SortedSet)
    old = value.scores.get(member)
    score = number if old is None else old + number
    if isnan(score):
        raise SCORE_IS_NAN
    if score != old:
        value.put(member, score)
        db.changed(key, b"zincr")
    return score


def _remove_quickly(db: Database, name: bytes, key: bytes, member: bytes) -> int | None:
    value = db.entries.get(key)
    if not is_easy(value, SortedSet, db, key):
        return None
    if member not in value.scores:
        return 0
    if len(value.scores) > 1:
        value.remove(member)
    elif key in db.expires:
        return None
    else:
        take_away(db, key, value)
    note(db, name, key, member)
    return 1


@command(
    "ZREM",
    flags="write fast",
    group="sorted-set",
    since="1.2.0",
    complexity="O(M*log(N)) for M members to remove and a sorted set of size N.",
    in_scripts=InScripts(quick=_remove_quickly),
)
def zrem(db: Database, key: Key, *members: bytes) -> int:
    """Remove members from a sorted set; give how many were in it."""
    value = db.edit(key, SortedSet)
    if value is None:
        return 0
    removed = sum(map(value.remove, interruptible(members)))
    if removed:
        db.changed(key, b"zrem", removed)
        if not value.scores:
            db.drop(key)
    return removed


@command("ZSCORE", flags="readonly fast", group="sorted-set", since="1.2.0", complexity="O(1)")
def zscore(db: Database, key: Key, member: bytes) -> float | None:
    """Give the score of a member."""
    value = db.entries.get(key)
    if value.__class__ is not SortedSet or key in db.expires:
        value = db.lookup(key, SortedSet)
        if value is None:
            return None
    return value.scores.get(member)


@command(
    "ZMSCORE",
    flags="readonly fast",
    group="sorted-set",
    since="6.2.0",
    complexity="O(N) where N is the number of members asked for.",
)
def zmscore(db: Database, key: Key, *members: bytes) -> list[float | None]:
    """Give the scores of several members; null for those that are none."""
    value = db.lookup(key, SortedSet)
    return [None] * len(members) if value is None else [*map(value.scores.get, members)]


@command("ZCARD", flags="readonly fast", group="sorted-set", since="1.2.0", complexity="O(1)")
def zcard(db: Database, key: Key) -> int:
    """Give the number of members of a sorted set."""
    value = db.entries.get(key)
    if value.__class__ is not SortedSet or key in db.expires:
        value = db.lookup(key, SortedSet)
        if value is None:
            return 0
    return len(value.scores)


def _place(db: Database, key: bytes, member: bytes) -> int | None:
    value = db.lookup(key, SortedSet)
    return None if value is None else value.rank(member)


def _place_from_highest(db: Database, key: bytes, member: bytes) -> int | None:
    value = db.lookup(key, SortedSet)
    rank = None if value is None else value.rank(member)
    return None if value is None or rank is None else len(value.scores) - 1 - rank


@command(
    "ZRANK",
    flags="readonly fast",
    group="sorted-set",
    since="2.0.0",
    complexity="O(log(N))",
    plain=_place,
)
def zrank(db: Database, key: Key, member: bytes, *withscore: Words) -> Reply:
    """Give a member's place from the lowest score on, counted from 0."""
    return _with_score(db, key, member, withscore, "zrank", _place)


@command(
    "ZREVRANK",
    flags="readonly fast",
    group="sorted-set",
    since="2.0.0",
    complexity="O(log(N))",
    plain=_place_from_highest,
)
def zrevrank(db: Database, key: Key, member: bytes, *withscore: Words) -> Reply:
    """Give a member's place from the highest score on, counted from 0."""
    return _with_score(db, key, member, withscore, "zrevrank", _place_from_highest)


def _with_score(
    db: Database,
    key: bytes,
    member: bytes,
    options: Sequence[bytes],
    name: str,
    find: Callable[[Database, bytes, bytes], int | None],
) -> Reply:
    if len(options) > 1:
        raise wrong_arity(name)
    if options and options[0].upper() != b"WITHSCORE":
        raise SYNTAX_ERROR
    rank = find(db, key, member)
    if not options:
        return rank
    return NULL_ARRAY if rank is None else [rank, zscore(db, key, member)]


@command(
    "ZSCAN",
    flags="readonly",
    group="sorted-set",
    since="2.8.0",
    complexity="O(1) a call, O(N) for the N members of a whole iteration.",
)
def zscan(db: Database, key: Key, cursor: bytes, *options: Words) -> Reply:
    """Walk through the members and scores of a sorted set, some at each call."""
    start = parse_cursor(cursor)
    value = db.lookup(key, SortedSet)
    if value is None:
        return [b"0", []]
    chosen = parse_scan_options(options)
    scores = value.scores
    if value.form is LISTPACK:
        members = chosen.select(member for _, member in value.order)
        return [b"0", [word for m in members for word in (m, format_double(scores[m]))]]
    following, found = scan(db, scores, start, chosen.count)
    # Here the reference prints all 17 digits, so 0.1 is shown as 0.10000000000000001.
    shown = [word for m in chosen.select(found) for word in (m, b"%.17g" % scores[m])]
    return [b"%d" % following, shown]
