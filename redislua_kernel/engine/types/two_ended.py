"""A sequence that is quick at both ends and at any place: two lists, head to head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar

__all__ = ["TwoEnded"]

#: To move so many takes no longer than a call.
_FEW = 256

T = TypeVar("T")


class TwoEnded(Generic[T]):
    """A sequence of many elements; what it shares with `list` means the same there.

    The first elements are in `_front`, the first of all at its end, the others in `_back`. When
    one of the two has run out, it gets half of the other: so a million pops move less than two
    million elements.
    """

    __slots__ = ("_back", "_front")

    def __init__(self, items: Iterable[T]) -> None:
        self._front: list[T] = []
        self._back = [*items]

    def __len__(self) -> int:
        return len(self._front) + len(self._back)

    def __iter__(self) -> Iterator[T]:
        return chain(reversed(self._front), self._back)

    def __reversed__(self) -> Iterator[T]:
        return chain(reversed(self._back), self._front)

    def __getitem__(self, place: int) -> T:
        items, index = self._locate(place)
        return items[index]

    def __setitem__(self, place: int, value: T) -> None:
        items, index = self._locate(place)
        items[index] = value

    def __delitem__(self, place: int) -> None:
        """Take out the element at a place that is not negative, or with -1 the last one."""
        self._make_near(place, place < len(self._front))
        items, index = self._locate(place)
        del items[index]

    def between(self, start: int, stop: int) -> list[T]:
        """Give the elements from `start` up to but not including `stop`, none of them negative."""
        count = len(self._front)
        found = self._front[max(count - stop, 0) : max(count - start, 0)]
        found.reverse()
        return found + self._back[max(start - count, 0) : max(stop - count, 0)]

    def append(self, value: T) -> None:
        """Add an element at the tail."""
        self._back.append(value)

    def insert(self, place: int, value: T) -> None:
        """Add an element before the one at a place that is not negative."""
        if not place:
            self._front.append(value)
            return
        self._make_near(place, place <= len(self._front))
        after = len(self._front) - place
        if after >= 0:
            self._front.insert(after, value)
        else:
            self._back.insert(-after, value)

    def pop(self, place: int = -1) -> T:
        """Take the last element, or with `place` 0 the first. Raises IndexError."""
        if place:
            if not self._back:
                self._back = self._half(self._front)
            return self._back.pop()
        if not self._front:
            self._front = self._half(self._back)
        return self._front.pop()

    def take(self, count: int, left: bool) -> list[T]:
        """Take so many elements, of those that are there, at one end: the outermost first."""
        near, far = (self._front, self._back) if left else (self._back, self._front)
        start = max(len(near) - count, 0)
        taken = near[start:]
        del near[start:]
        taken.reverse()
        rest = count - len(taken)
        taken += far[:rest]
        del far[:rest]
        return taken

    def extend(self, values: Iterable[T]) -> None:
        """Add elements at the tail."""
        self._back.extend(values)

    def extend_front(self, values: Iterable[T]) -> None:
        """Add elements at the head, one after another: the last of them will be the first."""
        self._front.extend(values)

    def clear(self) -> None:
        """Take out all elements."""
        self._front, self._back = [], []

    def copy(self) -> TwoEnded[T]:
        """Give another one with the same elements."""
        return TwoEnded(self)

    def _make_near(self, place: int, is_in_front: bool) -> None:
        """Let the lists be of one length if an edit would move many more elements than then."""
        before, behind = place, len(self) - place
        moved, least = (before, behind) if is_in_front else (behind, before)
        if moved > 4 * least + _FEW:
            items = [*self]
            middle = len(items) // 2
            self._front, self._back = items[:middle][::-1], items[middle:]

    def _locate(self, place: int) -> tuple[list[T], int]:
        """Give the list that has an element, and its index there. Raises IndexError."""
        count = len(self._front)
        if place < 0:
            place += count + len(self._back)
            if place < 0:
                raise IndexError(place)
        return (self._back, place - count) if place >= count else (self._front, count - 1 - place)

    @staticmethod
    def _half(items: list[T]) -> list[T]:
        """Take out the half of one list that belongs into the other one, in its order there."""
        count = (len(items) + 1) // 2
        taken = items[:count]
        del items[:count]
        taken.reverse()
        return taken
