"""What happened since a unit of work began: how to undo it, and what it would replicate.

A unit is one top-level command, one EXEC, or whatever `Keyspace.unit` brackets (a notebook's
cell). While it runs, every write appends

- to `undo` the inverse operation, as a tuple `(function, *args)`: a plain call on the raw
  containers that logs nothing itself;
- to `effects` the command that a replica would be sent.

`commit` drops both, `rollback` plays `undo` backwards.

A journal is also the mark of ownership of the values it covers: a value whose `journal` is
not its database's is shared with a snapshot or a view, and is copied before its first write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["REPLICATE_ALL", "REPLICATE_NONE", "Effect", "Journal", "Undo"]

REPLICATE_NONE = 0
REPLICATE_ALL = 3  # AOF (1) and replicas (2), as redis.set_repl counts them.

#: An inverse operation.
Undo = tuple[Callable[..., Any], *tuple[Any, ...]]


class Effect(NamedTuple):
    """One command as it would be replicated: `SELECT database`, then `words`."""

    database: int
    words: tuple[bytes, ...]
    targets: int = REPLICATE_ALL


class Journal:
    """The log of one unit of work."""

    __slots__ = ("calls", "rewritten", "targets", "undo")

    def __init__(self) -> None:
        self.undo: list[Undo] = []
        #: The fields of each effect: plain tuples, since every write makes one.
        self.calls: list[tuple[int, tuple[bytes, ...], int]] = []
        #: Set by a command that recorded its own effects instead of its own words.
        self.rewritten = False
        #: Where effects go now (redis.set_repl).
        self.targets = REPLICATE_ALL

    @property
    def effects(self) -> list[Effect]:
        """What the unit would replicate so far."""
        return [Effect(*call) for call in self.calls]

    def record(self, database: int, *words: bytes) -> None:
        """Record an effect that differs from the command that was called."""
        self.rewritten = True
        self.replicate(database, *words)

    def replicate(self, database: int, *words: bytes) -> None:
        """Record an effect beside that of the command that was called."""
        if self.targets:
            self.calls.append((database, words, self.targets))

    def record_call(self, database: int, words: tuple[bytes, ...]) -> None:
        """Record a command that changed data, unless it recorded its own effects."""
        if self.rewritten:
            self.rewritten = False
        elif self.targets:
            self.calls.append((database, words, self.targets))

    def rollback(self) -> int:
        """Undo everything, newest first; give the number of operations undone."""
        undone = len(self.undo)
        while self.undo:
            function, *args = self.undo.pop()
            function(*args)
        self.calls.clear()
        self.rewritten = False
        return undone
