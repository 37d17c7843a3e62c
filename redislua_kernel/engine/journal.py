"""What happened since a unit of work began: how to undo it, and what it would replicate.

A unit is one top-level command, one EXEC, or whatever `Keyspace.unit` brackets (a notebook's
cell). While it runs, every write adds

- to `undo` the inverse operation, as a tuple `(function, *args)`: a plain call on the raw
  containers that logs nothing itself;
- to `calls` the command that a replica would be sent: its `EffectFields`, and None behind them.
  They lie flat in one list, of plain values alone: Python's cycle collector, which looks at
  everything that a long script has made when that ends, has nothing to look at there. They are
  added by `extend`, as a list where words are spread: `+=`, or a tuple, takes more steps.

`commit` drops the one and hands on the other, `rollback` plays `undo` backwards. What one
client's command replicates is a transaction if it is more than one command: a mark ends it in
`calls`, and MULTI and EXEC are put around it when somebody reads.

A journal is also the mark of ownership of the values it covers: a value whose `journal` is
not its database's is shared with a snapshot or a view, and is copied before its first write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from redislua_kernel.engine.settings.encoding_limits import EncodingLimits

__all__ = [
    "APART",
    "REPLICATE_ALL",
    "REPLICATE_NONE",
    "REPLICATE_TO_REPLICAS",
    "TOGETHER",
    "Calls",
    "Effect",
    "EffectFields",
    "Journal",
    "Undo",
    "effects_in",
    "fields_in",
]

REPLICATE_NONE = 0
REPLICATE_TO_REPLICAS = 2
REPLICATE_ALL = 3  # AOF (1) and replicas (2), as redis.set_repl counts them.

#: An inverse operation.
Undo = tuple[Callable[..., Any], *tuple[Any, ...]]


#: What an `Effect` is made of: database, targets, words.
#: A word that a script gave as an integer is still one.
EffectFields = tuple[int, int, *tuple[bytes | int, ...]]


#: The fields of many, with None behind those of each, and a mark behind what belongs together.
Calls = Sequence[bytes | int | None]

#: The marks: the effects before it, up to the last mark, are what one client's command
#: replicates; or they have nothing to do with each other.
TOGETHER, APART = True, False


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


def fields_in(calls: Calls) -> Iterator[EffectFields]:
    """Take apart what lies flat in the calls of a journal, but for what goes nowhere.

    What one client's command replicates stands between MULTI and EXEC if it is more than one.
    """
    start = 0
    found: list[EffectFields] = []
    while start < len(calls):
        if calls[start] is TOGETHER and len(found) > 1:
            yield found[0][0], REPLICATE_ALL, b"MULTI"
            yield from found
            yield found[-1][0], REPLICATE_ALL, b"EXEC"
            found.clear()
        elif calls[start] is TOGETHER or calls[start] is APART:
            yield from found
            found.clear()
        else:
            end = calls.index(None, start)
            fields: Any = tuple(calls[start:end])
            if fields[1] != REPLICATE_NONE:
                found.append(fields)
            start = end
        start += 1
    yield from found


def effects_in(calls: Calls) -> list[Effect]:
    """Give the effects that a journal has kept."""
    return list(map(Effect.of, fields_in(calls)))


class Journal:
    """The log of one unit of work."""

    __slots__ = ("calls", "is_partial", "limits", "rewritten", "targets", "undo")

    def __init__(self, limits: EncodingLimits | None = None) -> None:
        #: How large the values that it covers may grow in their compact encodings.
        self.limits = limits or EncodingLimits()
        self.undo: list[Undo] = []
        #: The effects: see `Calls`.
        self.calls: list[bytes | int | None] = []
        #: Set by a command that recorded its own effects instead of its own words.
        self.rewritten = False
        #: Set by what changes data in a way that no effect tells of.
        self.is_partial = False
        #: Where effects go now (redis.set_repl).
        self.targets = REPLICATE_ALL

    @property
    def effects(self) -> list[Effect]:
        """What the unit would replicate so far."""
        return effects_in(self.calls)

    @property
    def fields(self) -> list[EffectFields]:
        """The same, as it is kept."""
        return list(fields_in(self.calls))

    def record(self, database: int, *words: bytes) -> None:
        """Record an effect that differs from the command that was called."""
        self.rewritten = True
        self.replicate(database, *words)

    def replicate(self, database: int, *words: bytes, targets: int = REPLICATE_ALL) -> None:
        """Record an effect beside that of the command that was called, if that has one at all."""
        targets &= self.targets
        self.calls.extend([database, targets, *words, None])

    def replicate_apart(self, database: int, *words: bytes) -> None:
        """Record what comes before the effects of a client's command, and is no part of them."""
        self.calls.extend([database, REPLICATE_ALL, *words, None, APART])

    def replicate_expiry(self, database: int, *words: bytes) -> None:
        """Record the deletion of what has expired: no script can keep it back."""
        self.calls.extend([database, REPLICATE_ALL, *words, None])

    def record_call(self, database: int, words: tuple[bytes, ...]) -> None:
        """Record a command that changed data, unless it recorded its own effects."""
        if self.rewritten:
            self.rewritten = False
        else:
            self.calls.extend([database, self.targets, *words, None])

    def end_command(self, mark: bool = TOGETHER) -> None:
        """End the current client's command, or what is none (APART)."""
        calls = self.calls
        if calls and calls[-1] is None:
            calls.append(mark)

    def rollback(self) -> int:
        """Undo everything, newest first; give the number of operations undone."""
        undone = len(self.undo)
        while self.undo:
            function, *args = self.undo.pop()
            function(*args)
        self.calls.clear()
        self.rewritten = self.is_partial = False
        return undone
