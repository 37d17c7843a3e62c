"""Intersections, unions and differences of sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from redislua_kernel.engine.counts import KeysAfterCount, parse_limit, parse_numkeys
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import TOO_MANY_KEYS
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key
from redislua_kernel.engine.types.members import in_all, in_first_alone
from redislua_kernel.engine.types.set import INTSET, Set
from redislua_kernel.reply import SetReply

_INTER_COST = "O(N*M) where N is the size of the smallest of M sets."
_TOTAL_COST = "O(N) where N is the number of members of all sets together."


@command("SINTER", flags="readonly", group="set", since="1.0.0", complexity=_INTER_COST)
def sinter(db: Database, *keys: Key) -> SetReply:
    """Give the members that all the sets have in common."""
    return SetReply(_intersect(_lookup_all(db, keys)))


@command("SINTERSTORE", flags="write denyoom", group="set", since="1.0.0", complexity=_INTER_COST)
def sinterstore(db: Database, destination: Key, *keys: Key) -> int:
    """Store the members that all the sets have in common; give how many there are."""
    sets = _lookup_all(db, keys)
    smallest = min(filter(None, sets), key=len, default=None)
    listed = smallest is not None and smallest.form is not INTSET
    result = Set.of(db.journal, _intersect(sets), listed=listed)
    return _store(db, destination, result, b"sinterstore")


@command(
    "SINTERCARD",
    flags="readonly movablekeys",
    group="set",
    since="7.0.0",
    complexity=_INTER_COST,
    find_keys=KeysAfterCount(0),
)
def sintercard(db: Database, numkeys: bytes, *rest: bytes) -> int:
    """Count the members that all the sets have in common, at most up to a limit."""
    count = parse_numkeys(numkeys)
    if count > len(rest):
        raise TOO_MANY_KEYS
    limit = parse_limit(rest[count:])
    found = _intersect(_lookup_all(db, rest[:count]))
    return sum(1 for _ in islice(found, limit or None))


@command("SUNION", flags="readonly", group="set", since="1.0.0", complexity=_TOTAL_COST)
def sunion(db: Database, *keys: Key) -> SetReply:
    """Give the members that are in any of the sets."""
    return SetReply(_unite(db, keys))


@command("SUNIONSTORE", flags="write denyoom", group="set", since="1.0.0", complexity=_TOTAL_COST)
def sunionstore(db: Database, destination: Key, *keys: Key) -> int:
    """Store the members that are in any of the sets; give how many there are."""
    return _store(db, destination, _unite(db, keys), b"sunionstore")


@command("SDIFF", flags="readonly", group="set", since="1.0.0", complexity=_TOTAL_COST)
def sdiff(db: Database, *keys: Key) -> SetReply:
    """Give the members of the first set that are in none of the others."""
    return SetReply(_subtract(db, keys))


@command("SDIFFSTORE", flags="write denyoom", group="set", since="1.0.0", complexity=_TOTAL_COST)
def sdiffstore(db: Database, destination: Key, *keys: Key) -> int:
    """Store the members of the first set that no other set has; give how many there are."""
    return _store(db, destination, _subtract(db, keys), b"sdiffstore")


def _lookup_all(db: Database, keys: Sequence[bytes]) -> list[Set | None]:
    return [db.lookup(key, Set) for key in keys]


def _intersect(sets: list[Set | None]) -> Iterable[bytes]:
    """Give the common members, in the order of the smallest set."""
    present = [value.table() for value in sets if value is not None]
    return in_all(present) if len(present) == len(sets) else ()


def _unite(db: Database, keys: Sequence[bytes]) -> Set:
    sets = _lookup_all(db, keys)
    tables = [interruptible(value.table()) for value in sets if value is not None]
    return Set.of(db.journal, chain.from_iterable(tables))


def _subtract(db: Database, keys: Sequence[bytes]) -> Set:
    first, *others = _lookup_all(db, keys)
    if first is None or any(other is first for other in others):
        return Set(db.journal)
    tables = [other.members for other in others if other is not None]
    kept = list(in_first_alone(first.table(), tables))
    # The reference filters the first set or takes members from a copy of it, whichever is
    # less work; the copy keeps the encoding of the whole first set.
    if len(first) * (1 + len(tables)) // 2 > len(first) + sum(map(len, tables)):
        return Set.of(db.journal, first).keeping(kept)
    return Set.of(db.journal, kept)


def _store(db: Database, destination: bytes, result: Set, event: bytes) -> int:
    db.store_result(destination, result, event)
    return len(result)
