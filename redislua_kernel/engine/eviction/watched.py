"""Tables of keys that can tell how much memory they take, and when each key was used.

A database's tables are plain dicts as long as nobody asks: then reading and writing them costs
nothing more. With a memory limit, or a policy that goes by the uses of keys, they are these
(`Keyspace.watch`). They change by the same operators, so that whoever writes to a table, or
undoes a write, need not know which kind it is.
"""

from __future__ import annotations

import random
from typing import Any, TypeVar

from redislua_kernel.engine.eviction.uses import Uses
from redislua_kernel.engine.memory.estimates import PER_KEY, STRING, value_memory
from redislua_kernel.engine.types.value import Stored

__all__ = ["Drawable", "WatchedEntries"]

V = TypeVar("V")


class Drawable(dict[bytes, V]):
    """A table whose keys can be drawn at random."""

    __slots__ = ("_names",)

    def __init__(self, table: dict[bytes, V]) -> None:
        super().__init__(table)
        #: Every key, and some that are gone; a key that came back is there twice.
        self._names = list(table)

    def __setitem__(self, key: bytes, value: V) -> None:
        if key not in self:
            self._names.append(key)
        super().__setitem__(key, value)

    def draw(self, chance: random.Random, count: int) -> list[bytes]:
        """Give some keys at random, perhaps the same one more than once; none if there are none."""
        names = self._names
        if len(names) > 2 * len(self) + 16:
            names[:] = self
        drawn: list[bytes] = []
        while names and len(drawn) < count:
            place = int(chance.random() * len(names))
            key = names[place]
            if key in self:
                drawn.append(key)
            else:
                names[place] = names[-1]
                names.pop()
        return drawn


class WatchedEntries(Drawable["Stored"]):
    """The keys of a database with their values, their sizes and the marks of their uses.

    `get` is a use, and so is setting a key. `in`, `[]` and iteration are none; neither is
    `peek`, which works on any table.
    """

    __slots__ = ("_last", "_size", "_sizes", "_stale", "_unit", "marks", "uses")

    def __init__(self, entries: dict[bytes, Stored], uses: Uses, mark: int) -> None:
        """Take over the entries of a table; all of them get the same mark."""
        super().__init__(entries)
        self.uses = uses
        #: The mark of each key, for `uses` to read.
        self.marks = dict.fromkeys(entries, mark)
        #: The bytes that all keys take, as far as they are measured.
        self._size = 0
        #: What was measured of each collection, and which of them may have changed since.
        self._sizes: dict[bytes, int] = {}
        self._stale: set[bytes] = set()
        #: The key that was used last, and in which unit: a command reaches its key repeatedly.
        self._last = b""
        self._unit = 0.0
        for key, value in entries.items():
            self._count_in(key, value)

    def memory(self) -> int:
        """Give the bytes that all keys and values take."""
        if self._stale:
            for key in self._stale:
                value = super().get(key)
                if value is not None and value.__class__ is not bytes:
                    measured = value_memory(value)
                    self._size += measured - self._sizes.get(key, 0)
                    self._sizes[key] = measured
            self._stale.clear()
        return self._size

    def remeasure(self) -> None:
        """Measure all collections again: what was done to them was undone."""
        self._stale.update(self._sizes)

    def use(self, key: bytes) -> None:
        """Mark a key that is there as used."""
        self.marks[key] = self.uses.again(self.marks[key])

    def get(self, key: bytes, default: Any = None) -> Any:
        value = super().get(key)
        if value is None:
            return default
        if value.__class__ is not bytes:
            self._stale.add(key)
        self._note(key)
        return value

    def __setitem__(self, key: bytes, value: Stored) -> None:
        old = super().get(key)
        if old is None:
            self.marks[key] = self.uses.first()
            self._last = key
            self._unit = self.uses.keyspace.began
        else:
            self._count_out(key, old)
            self._note(key)
        self._count_in(key, value)
        super().__setitem__(key, value)

    def __delitem__(self, key: bytes) -> None:
        old = super().get(key)
        super().__delitem__(key)
        self._forget(key, old)

    def pop(self, key: bytes, *default: Any) -> Any:
        value = super().pop(key, None)
        if value is None:
            if default:
                return default[0]
            raise KeyError(key)
        self._forget(key, value)
        return value

    def _note(self, key: bytes) -> None:
        uses = self.uses
        unit = uses.keyspace.began
        if uses.is_paused or (key is self._last and unit is self._unit):
            return
        self._last, self._unit = key, unit
        self.marks[key] = uses.again(self.marks[key])

    def _forget(self, key: bytes, value: Any) -> None:
        self._count_out(key, value)
        del self.marks[key]

    def _count_in(self, key: bytes, value: Stored) -> None:
        self._size += PER_KEY + len(key)
        if value.__class__ is bytes:
            self._size += STRING + len(value)
        else:
            self._stale.add(key)

    def _count_out(self, key: bytes, value: Stored) -> None:
        self._size -= PER_KEY + len(key)
        if value.__class__ is bytes:
            self._size -= STRING + len(value)
        else:
            self._size -= self._sizes.pop(key, 0)

    def _check(self) -> None:
        """Raise AssertionError if the table breaks its own rules."""
        assert self.marks.keys() == self.keys()
        assert set(self._names) >= self.keys()
        assert self._sizes.keys() <= self.keys()
        assert self.memory() == sum(
            PER_KEY + len(key) + value_memory(value) for key, value in self.items()
        )
