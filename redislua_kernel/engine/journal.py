"""What happened since a unit of work began: how to undo it, and what it would replicate.

A unit is one top-level command, one EXEC, or whatever `Keyspace.unit` brackets (a notebook's
cell). While it runs, every write appends

- to `undo` the inverse operation, as a tuple `(function, *args)`: a plain call on the raw
  containers that logs nothing itself;
- to `calls` the command that a replica would be sent.

Those commands that scripts call most put both into one tuple, which they append to both lists:
`(put_back, container, key, old, database, *words)`, or another function that takes as much.

`commit` drops the one and hands on the other, `rollback` plays `undo` backwards. What one
client's command replicates is a transaction if it is more than one command.

A journal is also the mark of ownership of the values it covers: a value whose `journal` is
not its database's is shared with a snapshot or a view, and is copied before its first write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from redislua_kernel.engine.limits import EncodingLimits

__all__ = [
    "REPLICATE_ALL",
    "REPLICATE_NONE",
    "REPLICATE_TO_REPLICAS",
    "CallRecord",
    "Effect",
    "EffectFields",
    "Journal",
    "Undo",
    "effects_in",
    "give_element",
    "put_back",
    "take_element",
    "take_out",
]

REPLICATE_NONE = 0
REPLICATE_TO_REPLICAS = 2
REPLICATE_ALL = 3  # AOF (1) and replicas (2), as redis.set_repl counts them.

#: An inverse operation.
Undo = tuple[Callable[..., Any], *tuple[Any, ...]]


#: An `Effect` as it is kept, in one tuple since every write makes one: database, targets, words.
#: A word that a script gave as an integer is still one.
EffectFields = tuple[int, int, *tuple[bytes | int, ...]]


#: What a journal keeps of a call: its `EffectFields`, or what undoes it and tells of it, too.
CallRecord = tuple[Any, ...]


class Effect(NamedTuple):
    """One command as it would be replicated: `SELECT database`, then `words`.

    `targets` tells where to: 1 the AOF, 2 the replicas, 3 both.
    """

    database: int
    words: tuple[bytes, ...]
    targets: int = REPLICATE_ALL

    @classmethod
    def of(cls, fields: EffectFields) -> Effect:
        """Give the effect that was kept as these fields."""
        database, targets, *words = fields
        texts = tuple([b"%d" % word if isinstance(word, int) else word for word in words])
        return cls(database, texts, targets)


def put_back(container: Any, key: Any, old: Any, *call: int | bytes) -> None:
    """Undo the setting of an item that there was; the call is the database and the words."""
    container[key] = old


def take_out(container: Any, key: Any, old: None, *call: int | bytes) -> None:
    """Undo the setting of an item that there was not; the call is the database and the words."""
    del container[key]


def take_element(items: Any, place: int, old: None, *call: int | bytes) -> None:
    """Undo the adding of an element at one end: at the place 0, or -1."""
    items.pop(place)


def give_element(items: Any, place: int, element: Any, *call: int | bytes) -> None:
    """Undo the taking of the element at one end: at the place 0, or -1."""
    if place:
        items.append(element)
    else:
        items.insert(0, element)


def _aim(targets: int) -> None:
    """Undo nothing: the calls that follow have other targets."""


#: Where the call begins in what undoes a write and tells of it.
_CALL = 4


def _fields_in(calls: Iterable[CallRecord]) -> Iterator[EffectFields]:
    targets = REPLICATE_ALL
    for record in calls:
        first = record[0]
        if isinstance(first, int):
            yield record
        elif first is _aim:
            targets = record[1]
        elif targets:
            yield (record[_CALL], targets, *record[_CALL + 1 :])


def effects_in(calls: Iterable[CallRecord]) -> list[Effect]:
    """Give the effects that a journal has kept."""
    return list(map(Effect.of, _fields_in(calls)))


def _database(record: CallRecord) -> int:
    first = record[0]
    database: int = first if isinstance(first, int) else record[_CALL]
    return database


class Journal:
    """The log of one unit of work."""

    __slots__ = (
        "calls",
        "first",
        "is_aimed",
        "is_partial",
        "limits",
        "rewritten",
        "targets",
        "undo",
    )

    def __init__(self, limits: EncodingLimits | None = None) -> None:
        #: How large the values that it covers may grow in their compact encodings.
        self.limits = limits or EncodingLimits()
        self.undo: list[Undo] = []
        #: The effects, some of them together with how to undo them.
        self.calls: list[CallRecord] = []
        #: Where in `calls` the effects of the current client's command begin.
        self.first = 0
        #: Set by a command that recorded its own effects instead of its own words.
        self.rewritten = False
        #: Set by what changes data in a way that no effect tells of.
        self.is_partial = False
        #: Where effects go now, and whether that has ever changed: see `aim`.
        self.targets = REPLICATE_ALL
        self.is_aimed = False

    @property
    def effects(self) -> list[Effect]:
        """What the unit would replicate so far."""
        return effects_in(self.calls)

    @property
    def fields(self) -> list[EffectFields]:
        """The same, as it is kept."""
        return list(_fields_in(self.calls))

    def aim(self, targets: int) -> None:
        """Let the effects that follow go to some targets (redis.set_repl)."""
        self.targets, self.is_aimed = targets, True
        self.calls.append((_aim, targets))

    def resolve(self) -> None:
        """Let each of the effects of the current client's command know its targets."""
        self.calls[self.first :] = _fields_in(self.calls[self.first :])
        self.is_aimed = False

    def record(self, database: int, *words: bytes) -> None:
        """Record an effect that differs from the command that was called."""
        self.rewritten = True
        self.replicate(database, *words)

    def replicate(self, database: int, *words: bytes, targets: int = REPLICATE_ALL) -> None:
        """Record an effect beside that of the command that was called, if that has one at all."""
        targets &= self.targets
        if targets:
            self.calls.append((database, targets, *words))

    def replicate_apart(self, database: int, *words: bytes) -> None:
        """Record what comes before the effects of a client's command, and is no part of them."""
        self.calls.append((database, REPLICATE_ALL, *words))
        self.first = len(self.calls)

    def replicate_expiry(self, database: int, *words: bytes) -> None:
        """Record the deletion of what has expired: no script can keep it back."""
        self.calls.append((database, REPLICATE_ALL, *words))

    def record_call(self, database: int, words: tuple[bytes, ...]) -> None:
        """Record a command that changed data, unless it recorded its own effects."""
        if self.rewritten:
            self.rewritten = False
        elif self.targets:
            self.calls.append((database, self.targets, *words))

    def close_transaction(self) -> None:
        """Put the effects of the current client's command between MULTI and EXEC."""
        calls, first = self.calls, self.first
        calls.insert(first, (_database(calls[first]), REPLICATE_ALL, b"MULTI"))
        calls.append((_database(calls[-1]), REPLICATE_ALL, b"EXEC"))

    def rollback(self) -> int:
        """Undo everything, newest first; give the number of operations undone."""
        undone = len(self.undo)
        while self.undo:
            function, *args = self.undo.pop()
            function(*args)
        self.calls.clear()
        self.first = 0
        self.rewritten = self.is_partial = False
        return undone
