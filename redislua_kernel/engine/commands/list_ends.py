"""Lists: moving elements between them, and taking from the first that has any."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redislua_kernel.engine.blocking import block, parse_timeout
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands import list_quick
from redislua_kernel.engine.counts import KeysAfterCount, parse_mpop_count, parse_numkeys
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.repeated import Free, Repeated
from redislua_kernel.engine.signature import Key, KeyRange, Words
from redislua_kernel.engine.types.list import List
from redislua_kernel.reply import NULL_ARRAY, Reply


def _is_left(word: bytes) -> bool:
    """Read LEFT or RIGHT."""
    side = word.upper()
    if side not in (b"LEFT", b"RIGHT"):
        raise SYNTAX_ERROR
    return side == b"LEFT"


# From one list to another


def _moving(sides: tuple[bytes, ...]) -> Callable[[Database, bytes, bytes], bytes | None]:
    """Give what moves an element from one side of a list to one of another, as LMOVE has them."""
    from_left, to_left = map(_is_left, sides)
    move_quickly = list_quick.moving(from_left=from_left, to_left=to_left)

    def move(db: Database, source: bytes, destination: bytes) -> bytes | None:
        element = move_quickly(db, source, destination)
        if element is None:
            return _move(db, source, destination, from_left, to_left)
        db.keyspace.dirty += 1
        return element

    return move


@command(
    "LMOVE",
    flags="write denyoom",
    group="list",
    since="6.2.0",
    complexity="O(1)",
    in_scripts=InScripts(repeats=Repeated(Free.FIRST_TWO, _moving)),
)
def lmove(
    db: Database, source: Key, destination: Key, wherefrom: bytes, whereto: bytes
) -> bytes | None:
    """Take an element from one end of a list and add it to an end of another."""
    return _move(db, source, destination, _is_left(wherefrom), _is_left(whereto))


@command(
    "RPOPLPUSH",
    flags="write denyoom",
    group="list",
    since="1.2.0",
    complexity="O(1)",
    in_scripts=InScripts(quick=list_quick.move_last),
)
def rpoplpush(db: Database, source: Key, destination: Key) -> bytes | None:
    """Take the element at the tail of a list and add it to the head of another."""
    return _move(db, source, destination, False, True)


@command("BLMOVE", flags="write denyoom blocking", group="list", since="6.2.0", complexity="O(1)")
def blmove(
    client: Client, source: Key, destination: Key, wherefrom: bytes, whereto: bytes, timeout: bytes
) -> Reply:
    """Move an element as LMOVE does; wait for one if there is none."""
    db = client.db
    from_left, to_left = _is_left(wherefrom), _is_left(whereto)
    milliseconds = parse_timeout(timeout, db.keyspace.now)
    moved = _move(db, source, destination, from_left, to_left)
    if moved is None:
        return block(client, [source], List, milliseconds, None)
    db.effect(b"LMOVE", source, destination, wherefrom, whereto)
    return moved


@command(
    "BRPOPLPUSH", flags="write denyoom blocking", group="list", since="2.2.0", complexity="O(1)"
)
def brpoplpush(client: Client, source: Key, destination: Key, timeout: bytes) -> Reply:
    """Move an element as RPOPLPUSH does; wait for one if there is none."""
    db = client.db
    milliseconds = parse_timeout(timeout, db.keyspace.now)
    moved = _move(db, source, destination, False, True)
    if moved is None:
        return block(client, [source], List, milliseconds, None)
    db.effect(b"RPOPLPUSH", source, destination)
    return moved


def _move(
    db: Database, source: bytes, destination: bytes, from_left: bool, to_left: bool
) -> bytes | None:
    """Move one element; None if the source has none."""
    taken = db.edit(source, List)
    if taken is None:
        return None
    # Before the pop: the destination may hold another type, or be the source.
    given = db.edit(destination, List)
    element = taken.pop(from_left)
    if given is None:
        db.put(destination, List(db.journal, (element,)))
    else:
        given.push(element, to_left)
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(destination, b"lpush" if to_left else b"rpush")
        db.announce(source, b"lpop" if from_left else b"rpop")
    if not taken.items:
        db.drop(source)
    return element


# From the first list that has elements


@command(
    "LMPOP",
    flags="write movablekeys",
    group="list",
    since="7.0.0",
    complexity="O(N+M): N keys, M elements",
    find_keys=KeysAfterCount(0),
)
def lmpop(db: Database, numkeys: bytes, key: bytes, where: bytes, *more: Words) -> Reply:
    """Take elements from one end of the first list that has any."""
    keys, left, count = _parse_mpop((numkeys, key, where, *more))
    return _pop_many(db, keys, left, count)


@command(
    "BLMPOP",
    flags="write blocking movablekeys",
    group="list",
    since="7.0.0",
    complexity="O(N+M): N keys, M elements",
    find_keys=KeysAfterCount(1),
)
def blmpop(
    client: Client, timeout: bytes, numkeys: bytes, key: bytes, where: bytes, *more: Words
) -> Reply:
    """Take elements as LMPOP does; wait for some if there are none."""
    keys, left, count = _parse_mpop((numkeys, key, where, *more))
    milliseconds = parse_timeout(timeout, client.db.keyspace.now)
    popped = _pop_many(client.db, keys, left, count)
    return block(client, keys, List, milliseconds) if popped is NULL_ARRAY else popped


def _parse_mpop(words: Sequence[bytes]) -> tuple[Sequence[bytes], bool, int]:
    """Read numkeys key… LEFT|RIGHT [COUNT count]."""
    end = 1 + parse_numkeys(words[0])
    if end >= len(words):
        raise SYNTAX_ERROR
    left = _is_left(words[end])
    return words[1:end], left, parse_mpop_count(words[end + 1 :])


def _pop_many(db: Database, keys: Sequence[bytes], left: bool, count: int) -> Reply:
    event = b"lpop" if left else b"rpop"
    for key in keys:
        value = db.edit(key, List)
        if value is not None:
            elements = value.pop_many(count, left)
            db.effect(event.upper(), key, b"%d" % len(elements))
            db.changed(key, event, len(elements))
            db.remove_if_empty(key, value)
            return [key, elements]
    return NULL_ARRAY


@command(
    "BLPOP",
    flags="write blocking",
    group="list",
    since="2.0.0",
    complexity="O(N) keys",
    keys=KeyRange(1, -2, 1),
)
def blpop(client: Client, key: bytes, *keys_and_timeout: bytes) -> Reply:
    """Take the head of the first list that has elements; wait for one if there is none."""
    return _pop_first(client, (key, *keys_and_timeout), True)


@command(
    "BRPOP",
    flags="write blocking",
    group="list",
    since="2.0.0",
    complexity="O(N) keys",
    keys=KeyRange(1, -2, 1),
)
def brpop(client: Client, key: bytes, *keys_and_timeout: bytes) -> Reply:
    """Take the tail of the first list that has elements; wait for one if there is none."""
    return _pop_first(client, (key, *keys_and_timeout), False)


def _pop_first(client: Client, words: Sequence[bytes], left: bool) -> Reply:
    *keys, timeout = words
    db = client.db
    milliseconds = parse_timeout(timeout, db.keyspace.now)
    event = b"lpop" if left else b"rpop"
    for key in keys:
        value = db.edit(key, List)
        if value is not None:
            element = value.pop(left)
            db.effect(event.upper(), key)
            db.changed(key, event)
            db.remove_if_empty(key, value)
            return [key, element]
    return block(client, keys, List, milliseconds)
