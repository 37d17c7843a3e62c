"""What happened since a unit of work began: how to undo it, and what it would replicate.

A unit is one top-level command, one EXEC, or whatever `Keyspace.unit` brackets (a notebook's
cell). While it runs, every write appends

- to `undo` the inverse operation, as a tuple `(function, *args)`: a plain call on the raw
  containers that logs nothing itself;
- to `effects` the command that a replica would be sent.

`commit` drops the one and hands on the other, `rollback` plays `undo` backwards. What one
client's command replicates is a transaction if it is more than one command.

A journal is also the mark of ownership of the values it covers: a value whose `journal` is
not its database's is shared with a snapshot or a view, and is copied before its first write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from redislua_kernel.engine.limits import EncodingLimits

__all__ = [
    "REPLICATE_ALL",
    "REPLICATE_NONE",
    "REPLICATE_TO_REPLICAS",
    "Effect",
    "EffectFields",
    "Journal",
    "Undo",
]

REPLICATE_NONE = 0
REPLICATE_TO_REPLICAS = 2
REPLICATE_ALL = 3  # AOF (1) and replicas (2), as redis.set_repl counts them.

#: An inverse operation.
Undo = tuple[Callable[..., Any], *tuple[Any, ...]]


#: An `Effect` as it is kept, in one tuple since every write makes one: database, targets, words.
#: A word that a script gave as an integer is still one.
EffectFields = tuple[int, int, *tuple[bytes | int, ...]]


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


class Journal:
    """The log of one unit of work."""

    __slots__ = ("calls", "first", "is_partial", "limits", "rewritten", "targets", "undo")

    def __init__(self, limits: EncodingLimits | None = None) -> None:
        #: How large the values that it covers may grow in their compact encodings.
        self.limits = limits or EncodingLimits()
        self.undo: list[Undo] = []
        #: The effects.
        self.calls: list[EffectFields] = []
        #: Where in `calls` the effects of the current client's command begin.
        self.first = 0
        #: Set by a command that recorded its own effects instead of its own words.
        self.rewritten = False
        #: Set by what changes data in a way that no effect tells of.
        self.is_partial = False
        #: Where effects go now (redis.set_repl).
        self.targets = REPLICATE_ALL

    @property
    def effects(self) -> list[Effect]:
        """What the unit would replicate so far."""
        return list(map(Effect.of, self.calls))

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
        calls.insert(first, (calls[first][0], REPLICATE_ALL, b"MULTI"))
        calls.append((calls[-1][0], REPLICATE_ALL, b"EXEC"))

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
