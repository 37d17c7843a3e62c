"""SORT: lists, sets and sorted sets in order, by themselves or by other keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest
from operator import itemgetter
from typing import Any

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.hash import read_hash
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, WRONGTYPE, CommandError
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort
from redislua_kernel.engine.long_elements import ELEMENTS
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Words, parse_float, parse_int
from redislua_kernel.engine.slots import key_slot, pattern_slot
from redislua_kernel.engine.strict import undeclared_pattern
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.reply import Reply

NOT_A_SCORE = CommandError("ERR One or more scores can't be converted into double")

#: A part of the elements this many times less than all is found without sorting all.
_FEW = 100

_COST = "O(N+M*log(M)) where N is the number of elements and M the number of returned ones."
_CATEGORIES = "set sortedset list dangerous"
_BLANKS = b" \t\n\v\f\r"


@dataclass
class _Options:
    by: bytes | None = None
    gets: list[bytes] = field(default_factory=list)
    offset: int = 0
    count: int = -1
    descending: bool = False
    alpha: bool = False
    store: bytes | None = None
    #: A BY pattern without a star names no key: the elements stay as they come.
    unsorted: bool = False

    def patterns(self) -> Iterator[tuple[str, bytes]]:
        """Give the options that name other keys, with their patterns."""
        if self.by is not None and b"*" in self.by:
            yield "BY", self.by
        yield from (("GET", pattern) for pattern in self.gets if pattern != b"#")


def _sort_keys(words: Sequence[bytes]) -> list[bytes]:
    keys, place = [words[0]], 1
    stored: list[bytes] = []
    while place < len(words):
        option = words[place].upper()
        if option == b"STORE":
            stored = list(words[place + 1 : place + 2])
        place += {b"LIMIT": 3, b"GET": 2, b"BY": 2, b"STORE": 2}.get(option, 1)
    return keys + stored


@command(
    "SORT",
    flags="write denyoom movablekeys",
    group="generic",
    since="1.0.0",
    complexity=_COST,
    categories=_CATEGORIES,
    find_keys=_sort_keys,
)
def sort(client: Client, key: Key, *options: Words) -> Reply:
    """Sort the elements of a list, set or sorted set; give them, or STORE them as a list."""
    chosen = _parse(options)
    _check_rights(client, (b"SORT", key, *options), chosen)
    found = _sort(client, key, chosen)
    if chosen.store is None:
        return found
    ELEMENTS.were_long = True  # or may have been: GET brings strings in
    stored = List(client.db.journal, [b"" if item is None else item for item in found])
    client.db.store_result(chosen.store, stored, b"sortstore", len(found))
    return len(found)


@command(
    "SORT_RO",
    flags="readonly movablekeys",
    group="generic",
    since="7.0.0",
    complexity=_COST,
    categories=_CATEGORIES,
)
def sort_ro(client: Client, key: Key, *options: Words) -> Reply:
    """Sort the elements of a list, set or sorted set, and store nothing."""
    chosen = _parse(options, may_store=False)
    _check_rights(client, (b"SORT_RO", key, *options), chosen)
    return _sort(client, key, chosen)


def _parse(words: tuple[bytes, ...], *, may_store: bool = True) -> _Options:
    chosen = _Options()
    place = 0
    while place < len(words):
        option, values = words[place].upper(), words[place + 1 :]
        place += 1
        if option in (b"ASC", b"DESC"):
            chosen.descending = option == b"DESC"
        elif option == b"ALPHA":
            chosen.alpha = True
        elif option == b"LIMIT" and len(values) >= 2:
            chosen.offset, chosen.count = parse_int(values[0]), parse_int(values[1])
            place += 2
        elif option == b"BY" and values:
            chosen.by = values[0]
            chosen.unsorted = chosen.unsorted or b"*" not in values[0]
            place += 1
        elif option == b"GET" and values:
            chosen.gets.append(values[0])
            place += 1
        elif option == b"STORE" and values and may_store:
            chosen.store = values[0]
            place += 1
        else:
            raise SYNTAX_ERROR
    return chosen


def _sort(client: Client, key: bytes, chosen: _Options) -> list[bytes | None]:
    conditions = client.engine.conditions
    if conditions.is_strict and client.in_script:
        for option, pattern in chosen.patterns():
            raise undeclared_pattern(option, pattern)
    if conditions.is_cluster:
        _refuse_other_slots(key, chosen)
    db = client.db
    value = db.get(key)
    if value.__class__ is SortedSet and (scored := db.edit(key, SortedSet)) is not None:
        scored.convert()  # the reference sorts no listpacks
    start = max(chosen.offset, 0)
    stop = None if chosen.count < 0 else start + chosen.count
    window = _window(client, value, chosen, slice(start, stop))
    if not chosen.gets:
        return list(window)
    elements = interruptible(window)
    return [_look_up(db, pattern, item) for item in elements for pattern in chosen.gets]


def _refuse_other_slots(key: bytes, chosen: _Options) -> None:
    """Raise the error for a pattern that may name keys of other slots than the sorted one's."""
    slot = key_slot(key)
    for option, pattern in chosen.patterns():
        if pattern_slot(pattern) != slot:
            raise _denied(option)


def _check_rights(client: Client, words: Sequence[bytes], chosen: _Options) -> None:
    """Raise the error for a pattern of a call if the user may not read whatever it names."""
    has_pattern = chosen.by is not None and b"*" in chosen.by
    if not client.engine.conditions.has_users or not (has_pattern or chosen.gets):
        return
    if not client.user.may_read_all(client.engine.commands.find(words), words):
        option = "BY" if has_pattern else "GET"
        text = f"ERR {option} option of SORT denied due to insufficient ACL permissions."
        raise CommandError(text)


def _denied(option: str) -> CommandError:
    return CommandError(
        f"ERR {option} option of SORT denied in Cluster mode when keys formed by the pattern may "
        "be in different slots."
    )


def _window(client: Client, value: object, chosen: _Options, window: slice) -> list[bytes]:
    """Give the part of the elements in their order that LIMIT asks for."""
    if value is None:
        return []
    if not isinstance(value, List | Set | SortedSet):
        raise WRONGTYPE
    if not chosen.unsorted:
        return _sorted(client.db, list(_elements(value)), chosen, window)
    start, stop, _ = window.indices(len(value))
    if not isinstance(value, Set) and chosen.descending:
        start, stop = len(value) - stop, len(value) - start
    if isinstance(value, List):
        items = value.range(start, stop)
        return items[::-1] if chosen.descending else items
    if isinstance(value, SortedSet):
        return value.members((start, stop), chosen.descending)
    members = list(value)
    if client.in_script or chosen.store is not None:
        # A set has no order of its own: where the result is replicated it gets one.
        members = interruptible_sort(members, reverse=chosen.descending)
    return members[window]


def _elements(value: List | Set | SortedSet) -> Iterable[bytes]:
    if isinstance(value, List):
        return value.items
    return value if isinstance(value, Set) else (member for _, member in value.order)


def _sorted(db: Database, items: list[bytes], chosen: _Options, window: slice) -> list[bytes]:
    by = chosen.by
    values: Iterable[bytes | None] = interruptible(items)
    if by is not None:
        values = (_look_up(db, by, item) for item in interruptible(items))
    ranks: list[Any]
    if chosen.alpha:
        ranks, key = [(value is not None, value or b"") for value in values], _rank
    else:
        ranks = [0.0 if value is None else _score(value) for value in values]
        key = None  # equal scores: the elements themselves decide
    pairs = list(zip(ranks, items, strict=True))
    if window.stop is not None and window.stop * _FEW < len(pairs):
        first = nlargest if chosen.descending else nsmallest
        ordered = first(window.stop, interruptible(pairs), key)
    else:
        ordered = interruptible_sort(pairs, key, reverse=chosen.descending)
    return [item for _, item in ordered[window]]


_rank = itemgetter(0)


def _score(word: bytes) -> float:
    """Read a number as strtod does: blanks may come first, and nothing at all is 0."""
    digits = word.lstrip(_BLANKS)
    if not digits:
        if word:
            raise NOT_A_SCORE
        return 0.0
    try:
        return parse_float(digits)
    except CommandError:
        raise NOT_A_SCORE from None


def _look_up(db: Database, pattern: bytes, item: bytes) -> bytes | None:
    """Give what a pattern names once the element takes the place of its star.

    `#` is the element itself, `key->field` a hash's field.
    """
    if pattern == b"#":
        return item
    before, star, after = pattern.partition(b"*")
    if not star:
        return None
    name, arrow, hash_field = after.partition(b"->")
    if not (arrow and hash_field):
        name, hash_field = after, b""
    key = before + item + name
    value = db.get(key)
    if hash_field:
        fields = read_hash(db, key) if isinstance(value, Hash) else None
        return None if fields is None else fields.fields.get(hash_field)
    if isinstance(value, RawString):
        return value.text()
    return value if isinstance(value, bytes) else None
