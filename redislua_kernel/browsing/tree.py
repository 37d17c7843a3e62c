"""Keys as a tree: a separator in their names makes branches, which are opened one by one.

A level of the tree is worked out when it is opened, and sorted only as far as it is looked at:
the first page of a million keys costs no sorting.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from heapq import nsmallest
from itertools import repeat
from typing import NamedTuple

from redislua_kernel.engine.interrupts import interruptible_sort

__all__ = ["Row", "Tree"]

#: Up to so many first names are found without sorting all.
_FEW = 200


class Row(NamedTuple):
    """A line of the tree: a key, or a branch."""

    #: The key's whole name; a branch's prefix, with the separator at its end.
    name: bytes
    #: What of the name the branches above do not say.
    label: bytes
    depth: int
    #: How many keys are in the branch; 0: it is a key.
    keys: int = 0
    is_open: bool = False


#: Gives up to so many lines of a stretch, from one of them on.
_Take = Callable[[int, int], list[Row]]


class Tree:
    """The lines that are to be seen of some names: open branches come before their contents."""

    def __init__(
        self, names: list[bytes], separator: bytes = b":", opened: Iterable[bytes] = ()
    ) -> None:
        self.separator = separator
        #: The prefixes of the open branches; one that is not there (any more) does no harm.
        self.opened = set(opened)
        self._root = _Level(names, b"", separator)

    @property
    def count(self) -> int:
        """The number of keys."""
        return len(self._root.names)

    def __len__(self) -> int:
        return self._length(self._root)

    def toggle(self, prefix: bytes) -> None:
        """Open a branch, or close it."""
        self.opened ^= {prefix}

    def open_all(self) -> None:
        """Open every branch."""
        waiting = [self._root]
        while waiting:
            level = waiting.pop()
            self.opened |= level.branches.keys()
            waiting += map(level.below, level.branches)

    def rows(self, first: int, most: int) -> list[Row]:
        """Give up to `most` lines from the one at `first` on."""
        return self._rows(self._root, 0, first, most)

    def _open_branches(self, level: _Level) -> list[bytes]:
        return sorted(self.opened & level.branches.keys())

    def _length(self, level: _Level) -> int:
        below = (self._length(level.below(prefix)) for prefix in self._open_branches(level))
        return len(level.branches) + level.leaf_count + sum(below)

    def _rows(self, level: _Level, depth: int, first: int, most: int) -> list[Row]:
        found: list[Row] = []
        for length, take in self._pieces(level, depth):
            if first < length and len(found) < most:
                found += take(first, most - len(found))
            first = max(first - length, 0)
        return found

    def _pieces(self, level: _Level, depth: int) -> Iterator[tuple[int, _Take]]:
        """Give the stretches of a level's lines: how long each is, and how to get some of it."""
        done, end = 0, len(level.branches)
        for prefix in self._open_branches(level):
            place, below = level.place_of(prefix) + 1, level.below(prefix)
            yield place - done, partial(self._branch_rows, level, depth, done, place)
            yield self._length(below), partial(self._rows, below, depth + 1)
            done = place
        yield end - done, partial(self._branch_rows, level, depth, done, end)
        yield level.leaf_count, partial(self._leaf_rows, level, depth)

    def _branch_rows(
        self, level: _Level, depth: int, start: int, end: int, first: int, most: int
    ) -> list[Row]:
        names = level.branches_between(start + first, min(start + first + most, end))
        label = len(level.prefix)
        counts, opened = level.branches, self.opened
        return [Row(name, name[label:], depth, counts[name], name in opened) for name in names]

    def _leaf_rows(self, level: _Level, depth: int, first: int, most: int) -> list[Row]:
        label = len(level.prefix)
        return [
            Row(name, name[label:], depth) for name in level.leaves_between(first, first + most)
        ]


class _Level:
    """The names that share a prefix: those with a further separator make branches."""

    def __init__(self, names: list[bytes], prefix: bytes, separator: bytes) -> None:
        self.names = names
        self.prefix = prefix
        self.separator = separator
        counts = Counter(self._heads()) if separator else Counter({b"": len(names)})
        self.leaf_count = counts.pop(b"", 0)
        #: How many keys each branch has.
        self.branches: dict[bytes, int] = counts
        self._below: dict[bytes, _Level] = {}
        self._branches = _Ordered(self.branches)
        self._leaves: _Ordered | None = None

    def below(self, prefix: bytes) -> _Level:
        """Give the level in a branch."""
        if prefix not in self._below:
            names = self.names
            if self.branches[prefix] < len(names):
                names = [name for name in names if name.startswith(prefix)]
            self._below[prefix] = _Level(names, prefix, self.separator)
        return self._below[prefix]

    def branches_between(self, start: int, stop: int) -> list[bytes]:
        """Give some of the branches, in their order."""
        return self._branches.between(start, stop)

    def leaves_between(self, start: int, stop: int) -> list[bytes]:
        """Give some of the keys that are in no branch, in their order."""
        if self._leaves is None:
            names = self.names
            if self.branches:
                heads = self._heads()
                names = [name for name, head in zip(names, heads, strict=True) if not head]
            self._leaves = _Ordered(names)
        return self._leaves.between(start, stop)

    def place_of(self, prefix: bytes) -> int:
        """Give a branch's place among the branches."""
        return bisect_left(self._branches.all, prefix)

    def _heads(self) -> list[bytes]:
        """Give for each name the branch that it is in, empty if it is in none."""
        separator, start, width = self.separator, len(self.prefix), len(self.separator)
        ends = map(bytes.find, self.names, repeat(separator), repeat(start))
        return [
            name[: end + width] if end >= 0 else b""
            for name, end in zip(self.names, ends, strict=True)
        ]


class _Ordered:
    """Names that are sorted once somebody looks beyond the first few."""

    def __init__(self, names: Iterable[bytes]) -> None:
        self._names = names
        self._first: list[bytes] = []
        self._all: list[bytes] | None = None

    @property
    def all(self) -> list[bytes]:
        """All of them, in order."""
        if self._all is None:
            # Other threads get a turn meanwhile: a page is not to hold up a script.
            self._all = interruptible_sort(list(self._names))
        return self._all

    def between(self, start: int, stop: int) -> list[bytes]:
        """Give those from a place up to another."""
        if self._all is None and stop <= _FEW:
            if not self._first:
                self._first = nsmallest(_FEW, self._names)
            return self._first[start:stop]
        return self.all[start:stop]
