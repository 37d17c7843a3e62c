"""Lists: reading and editing one; list_ends has the commands that take from several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from redislua_kernel.engine.commands import list_quick
from redislua_kernel.engine.counts import parse_count, parse_signed_count
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import (
    INDEX_OUT_OF_RANGE,
    MUST_BE_POSITIVE,
    NO_SUCH_KEY,
    SYNTAX_ERROR,
    CommandError,
)
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import WHOLE, Int, Key, LateInt, Word, Words, read_int
from redislua_kernel.engine.types.list import List, PackedList
from redislua_kernel.reply import NULL_ARRAY, OK, Reply

#: A count that is read only once the key has been looked at.
Count = Annotated[bytes, Word(type="integer")]
SignedCount = Annotated[int, Word(parse_signed_count, type="integer", numbers=WHOLE)]

RANK_ZERO = CommandError(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
    "or use negative to start from the end of the list"
)
COUNT_NEGATIVE = CommandError("ERR COUNT can't be negative")
MAXLEN_NEGATIVE = CommandError("ERR MAXLEN can't be negative")


@command(
    "LPUSH",
    flags="write denyoom fast",
    group="list",
    since="1.0.0",
    complexity="O(N) elements",
    in_scripts=InScripts(
        quick=list_quick.push_at(left=True), several=list_quick.push_several_at(left=True)
    ),
)
def lpush(db: Database, key: Key, *elements: bytes) -> int:
    """Add elements to the head of a list; give its new length."""
    return _push(db, key, elements, True)


@command(
    "RPUSH",
    flags="write denyoom fast",
    group="list",
    since="1.0.0",
    complexity="O(N) elements",
    in_scripts=InScripts(
        quick=list_quick.push_at(left=False), several=list_quick.push_several_at(left=False)
    ),
)
def rpush(db: Database, key: Key, *elements: bytes) -> int:
    """Add elements to the tail of a list; give its new length."""
    return _push(db, key, elements, False)


@command(
    "LPUSHX", flags="write denyoom fast", group="list", since="2.2.0", complexity="O(N) elements"
)
def lpushx(db: Database, key: Key, *elements: bytes) -> int:
    """Add elements to the head of a list if there is one."""
    return 0 if db.lookup(key, List) is None else _push(db, key, elements, True)


@command(
    "RPUSHX", flags="write denyoom fast", group="list", since="2.2.0", complexity="O(N) elements"
)
def rpushx(db: Database, key: Key, *elements: bytes) -> int:
    """Add elements to the tail of a list if there is one."""
    return 0 if db.lookup(key, List) is None else _push(db, key, elements, False)


def _push(db: Database, key: bytes, elements: Sequence[bytes], left: bool) -> int:
    value = db.edit(key, List)
    if value is None:
        items = elements[::-1] if left else elements
        length = len(items)
        packed = PackedList.of(items) if length > 1 and db.has_many_keys else None
        db.put(key, packed or List(db.journal, items))
    else:
        if len(elements) == 1:
            value.push(elements[0], left)
        else:
            value.push_many(elements, left)
        length = len(value.items)
    db.changed(key, b"lpush" if left else b"rpush", len(elements))
    return length


def _pop_at(left: bool) -> Callable[[Database, bytes], bytes | None]:
    event = b"lpop" if left else b"rpop"

    def pop(db: Database, key: bytes) -> bytes | None:
        value = db.edit(key, List)
        if value is None:
            return None
        is_last = len(value.items) == 1  # it is taken with its key
        element = value.items[0] if is_last else value.pop(left)
        db.changed(key, event)
        if is_last:
            db.drop(key)
        return element

    return pop


_pop_first, _pop_last = _pop_at(left=True), _pop_at(left=False)


@command(
    "LPOP",
    flags="write fast",
    group="list",
    since="1.0.0",
    complexity="O(N) elements taken",
    plain=_pop_first,
    in_scripts=InScripts(quick=list_quick.pop_at(left=True)),
)
def lpop(db: Database, key: Key, count: Count | None = None) -> Reply:
    """Take the element at the head of a list, or `count` of them."""
    return _pop_first(db, key) if count is None else _pop_many(db, key, count, True)


@command(
    "RPOP",
    flags="write fast",
    group="list",
    since="1.0.0",
    complexity="O(N) elements taken",
    plain=_pop_last,
    in_scripts=InScripts(quick=list_quick.pop_at(left=False)),
)
def rpop(db: Database, key: Key, count: Count | None = None) -> Reply:
    """Take the element at the tail of a list, or `count` of them."""
    return _pop_last(db, key) if count is None else _pop_many(db, key, count, False)


def _pop_many(db: Database, key: bytes, word: bytes, left: bool) -> Reply:
    event = b"lpop" if left else b"rpop"
    count = parse_count(word, MUST_BE_POSITIVE)
    value = db.edit(key, List)
    if value is None:
        return NULL_ARRAY
    if not count:
        return []
    elements = value.pop_many(count, left)
    db.changed(key, event, len(elements))
    db.remove_if_empty(key, value)
    return elements


@command("LLEN", flags="readonly fast", group="list", since="1.0.0", complexity="O(1)")
def llen(db: Database, key: Key) -> int:
    """Count the elements of a list."""
    value = db.entries.get(key)
    if value.__class__ is not List or key in db.expires:
        value = db.lookup(key, List)
        if value is None:
            return 0
    return len(value.items)


@command(
    "LRANGE", flags="readonly", group="list", since="1.0.0", complexity="O(S+N): S skipped, N read"
)
def lrange(db: Database, key: Key, start: Int, stop: Int) -> list[bytes]:
    """Read the elements from start to stop, both included; negative ones count from the tail."""
    value = db.entries.get(key)
    if value.__class__ is not List or key in db.expires:
        value = db.lookup(key, List)
        if value is None:
            return []
    items = value.items
    if items.__class__ is list and start >= 0 and stop >= -1:
        return items[start:] if stop == -1 else items[start : stop + 1]
    length = len(items)
    if start < 0:
        start = max(start + length, 0)
    if stop < 0:
        stop += length
    if start > stop or start >= length:
        return []
    return value.range(start, stop + 1)


@command(
    "LINDEX", flags="readonly", group="list", since="1.0.0", complexity="O(N) elements skipped"
)
def lindex(db: Database, key: Key, index: LateInt) -> bytes | None:
    """Read the element at an index; negative ones count from the tail."""
    value = db.entries.get(key)
    if value.__class__ is not List or key in db.expires:
        value = db.lookup(key, List)
        if value is None:
            return None
    items, place = value.items, read_int(index)
    return items[place] if -len(items) <= place < len(items) else None


@command(
    "LSET",
    flags="write denyoom",
    group="list",
    since="1.0.0",
    complexity="O(N) elements skipped",
    in_scripts=InScripts(quick=list_quick.replace_at),
)
def lset(db: Database, key: Key, index: LateInt, element: bytes) -> Reply:
    """Replace the element at an index; negative ones count from the tail."""
    value = db.edit(key, List)
    if value is None:
        raise NO_SUCH_KEY
    # The reference keeps the low 32 bits here, and only here.
    place = (read_int(index) + (1 << 31)) % (1 << 32) - (1 << 31)
    if not -len(value.items) <= place < len(value.items):
        raise INDEX_OUT_OF_RANGE
    value.set(place, element)
    db.changed(key, b"lset")
    return OK


@command(
    "LINSERT", flags="write denyoom", group="list", since="2.2.0", complexity="O(N) to find it"
)
def linsert(db: Database, key: Key, where: bytes, pivot: bytes, element: bytes) -> int:
    """Put an element before or after the first one that equals pivot; -1 if there is none."""
    side = where.upper()
    if side not in (b"BEFORE", b"AFTER"):
        raise SYNTAX_ERROR
    value = db.edit(key, List)
    if value is None:
        return 0
    places = value.positions(pivot, 1)
    if not places:
        return -1
    value.insert(places[0] + (side == b"AFTER"), element)
    db.changed(key, b"linsert")
    return len(value.items)


@command(
    "LREM",
    flags="write",
    group="list",
    since="1.0.0",
    complexity="O(N)",
    in_scripts=InScripts(quick=list_quick.remove_element),
)
def lrem(db: Database, key: Key, count: SignedCount, element: bytes) -> int:
    """Take out elements that equal one: the first `count`, the last ones if negative, all if 0."""
    value = db.edit(key, List)
    if value is None:
        return 0
    places = value.positions(element, abs(count), from_tail=count < 0)
    if places:
        value.remove(places)
        db.changed(key, b"lrem", len(places))
        if not value.items:
            db.drop(key)
    return len(places)


@command(
    "LTRIM",
    flags="write",
    group="list",
    since="1.0.0",
    complexity="O(N) elements taken out",
    in_scripts=InScripts(quick=list_quick.trim),
)
def ltrim(db: Database, key: Key, start: Int, stop: Int) -> Reply:
    """Keep only the elements from start to stop, both included."""
    value = db.edit(key, List)
    if value is not None:
        length = len(value.items)
        start = max(start + length, 0) if start < 0 else start
        stop = stop + length if stop < 0 else stop
        db.changed(key, b"ltrim", value.trim(start, stop + 1))
        db.remove_if_empty(key, value)
    return OK


def _place_of(db: Database, key: bytes, element: bytes) -> int | None:
    value = db.lookup(key, List)
    places = None if value is None else value.positions(element, 1)
    return places[0] if places else None


@command("LPOS", flags="readonly", group="list", since="6.0.6", complexity="O(N)", plain=_place_of)
def lpos(db: Database, key: Key, element: bytes, *options: Words) -> Reply:
    """Find where an element is: its rank-th match, or `count` matches among maxlen elements."""
    rank, count, maxlen = _parse_lpos(options)
    value = db.lookup(key, List)
    if value is None:
        return None if count is None else []
    wanted = abs(rank) - 1 + (1 if count is None else count)
    unlimited = count == 0 or wanted > len(value.items)
    limit = 0 if unlimited else wanted
    among = min(maxlen, len(value.items))
    places = value.positions(element, limit, from_tail=rank < 0, among=among)
    places = places[abs(rank) - 1 :]
    if count is not None:
        return places
    return places[0] if places else None


def _parse_lpos(words: Sequence[bytes]) -> tuple[int, int | None, int]:
    """Give RANK, COUNT (None: not given) and MAXLEN (0: no limit)."""
    rank, count, maxlen = 1, None, 0
    for place in range(0, len(words), 2):
        token, value = words[place].upper(), words[place + 1] if place + 1 < len(words) else None
        if value is None:
            raise SYNTAX_ERROR
        if token == b"RANK":
            rank = parse_signed_count(value)
            if not rank:
                raise RANK_ZERO
        elif token == b"COUNT":
            count = parse_count(value, COUNT_NEGATIVE)
        elif token == b"MAXLEN":
            maxlen = parse_count(value, MAXLEN_NEGATIVE)
        else:
            raise SYNTAX_ERROR
    return rank, count, maxlen
