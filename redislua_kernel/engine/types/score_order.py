"""Pairs of a score and a member, from the lowest on.

Few are in two lists, of scores and of members: to find a place in them and to move what follows is
done in C, and a range of members is there as it is asked for. More are in a `SortedList` of
pairs, which moves fewer of them. Both have the same methods; the one becomes the other by `put`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from math import inf, nextafter
from operator import itemgetter
from typing import TypeAlias

from sortedcontainers import SortedList

from redislua_kernel.engine.interrupts import interruptible_sort

__all__ = ["FEW", "FewInOrder", "ManyInOrder", "Order", "Pair", "in_order"]

#: So many pairs are in two lists: to move them all takes no longer than to find the place.
FEW = 1024

Pair = tuple[float, bytes]
Order: TypeAlias = "FewInOrder | ManyInOrder"

_SCORE, _MEMBER = itemgetter(0), itemgetter(1)


def in_order(pairs: list[Pair]) -> Order:
    """Put some pairs in order; nobody else has this list."""
    if len(pairs) <= FEW:
        pairs.sort()
        return FewInOrder(pairs)
    return ManyInOrder(interruptible_sort(pairs))


class FewInOrder:
    """Few pairs, as two lists of the same length."""

    __slots__ = ("members", "scores")

    def __init__(self, pairs: list[Pair]) -> None:
        """Take pairs that are in order."""
        self.scores = [score for score, _ in pairs]
        self.members = [member for _, member in pairs]

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Pair]:
        return zip(self.scores, self.members, strict=True)

    def __reversed__(self) -> Iterator[Pair]:
        return zip(reversed(self.scores), reversed(self.members), strict=True)

    def __getitem__(self, place: int) -> Pair:
        return self.scores[place], self.members[place]

    def below(self, score: float) -> int:
        """Give how many pairs have a lower score."""
        return bisect_left(self.scores, score)

    def up_to(self, score: float) -> int:
        """Give how many pairs have this score or a lower one."""
        return bisect_right(self.scores, score)

    def place_of(self, score: float, member: bytes) -> int:
        """Give how many pairs are lower than this one."""
        scores = self.scores
        start = bisect_left(scores, score)
        if start == len(scores) or scores[start] != score:
            return start
        return bisect_left(self.members, member, start, bisect_right(scores, score, start))

    def place_by_member(self, member: bytes) -> int:
        """Give where a search by halves for a member ends, as if they were in order themselves."""
        return bisect_left(self.members, member)

    def members_in(self, start: int, stop: int) -> list[bytes]:
        """Give the members of a span of places."""
        return self.members[start:stop]

    def columns_in(self, start: int, stop: int) -> tuple[list[bytes], list[float]]:
        """Give the members of a span of places, and their scores."""
        return self.members[start:stop], self.scores[start:stop]

    def pairs_in(self, start: int, stop: int) -> list[Pair]:
        """Give the pairs of a span of places."""
        return [*zip(self.scores[start:stop], self.members[start:stop], strict=True)]

    def columns_between(
        self, spans: Iterable[tuple[float, float]]
    ) -> tuple[list[bytes], list[float]]:
        """Give the members, and the scores, from one score to before another, span by span."""
        all_members, all_scores = self.members, self.scores
        members: list[bytes] = []
        scores: list[float] = []
        for low, high in spans:
            start = bisect_left(all_scores, low)
            stop = bisect_left(all_scores, high, start)
            if start < stop:
                members += all_members[start:stop]
                scores += all_scores[start:stop]
        return members, scores

    def put(self, score: float, member: bytes) -> Order:
        """Add a pair; give the order that has it, which may be another one."""
        place = self.place_of(score, member)
        self.scores.insert(place, score)
        self.members.insert(place, member)
        return self if len(self.scores) <= FEW else ManyInOrder(self)

    def put_all(self, pairs: Iterable[Pair]) -> Order:
        """Add some pairs; give the order that has them, which may be another one."""
        return in_order([*self, *pairs])

    def move(self, old: float, score: float, member: bytes) -> None:
        """Give a member that is there another score."""
        scores, members = self.scores, self.members
        place = bisect_left(scores, old)
        if members[place] != member:
            place = self.place_of(old, member)
        above = place + 1
        # Most go a little way, and pass nobody.
        if (not place or scores[place - 1] < score) and (
            above == len(scores) or score < scores[above]
        ):
            scores[place] = score
            return
        del scores[place], members[place]
        place = self.place_of(score, member)
        scores.insert(place, score)
        members.insert(place, member)

    def take_out(self, score: float, member: bytes) -> None:
        """Remove a pair that is there."""
        place = self._find(score, member)
        del self.scores[place], self.members[place]

    def pop(self, place: int) -> Pair:
        """Remove a pair by its place, which may count from the end; give it."""
        return self.scores.pop(place), self.members.pop(place)

    def take_span(self, start: int, stop: int) -> None:
        """Remove the pairs of a span of places."""
        del self.scores[start:stop], self.members[start:stop]

    def _find(self, score: float, member: bytes) -> int:
        """Give the place of a pair that is there; few have the same score."""
        place = bisect_left(self.scores, score)
        return place if self.members[place] == member else self.place_of(score, member)


class ManyInOrder(SortedList):  # type: ignore[misc]  # it has no types
    """Many pairs, which are its elements."""

    __slots__ = ()

    def below(self, score: float) -> int:
        """Give how many pairs have a lower score."""
        place: int = self.bisect_left((score,))
        return place

    def up_to(self, score: float) -> int:
        """Give how many pairs have this score or a lower one."""
        return len(self) if score == inf else self.below(nextafter(score, inf))

    def place_of(self, score: float, member: bytes) -> int:
        """Give how many pairs are lower than this one."""
        place: int = self.bisect_left((score, member))
        return place

    def place_by_member(self, member: bytes) -> int:
        """Give where a search by halves for a member ends, as if they were in order themselves."""
        return bisect_left(self, member, key=_MEMBER)

    def members_in(self, start: int, stop: int) -> list[bytes]:
        """Give the members of a span of places."""
        return [*map(_MEMBER, self[start:stop])]

    def columns_in(self, start: int, stop: int) -> tuple[list[bytes], list[float]]:
        """Give the members of a span of places, and their scores."""
        pairs = self[start:stop]
        return [*map(_MEMBER, pairs)], [*map(_SCORE, pairs)]

    def pairs_in(self, start: int, stop: int) -> list[Pair]:
        """Give the pairs of a span of places."""
        pairs: list[Pair] = self[start:stop]
        return pairs

    def columns_between(
        self, spans: Iterable[tuple[float, float]]
    ) -> tuple[list[bytes], list[float]]:
        """Give the members, and the scores, from one score to before another, span by span."""
        pairs: list[Pair] = []
        for low, high in spans:
            pairs += self[self.below(low) : self.below(high)]
        return [*map(_MEMBER, pairs)], [*map(_SCORE, pairs)]

    def put(self, score: float, member: bytes) -> Order:
        """Add a pair; give the order that has it: this one."""
        self.add((score, member))
        return self

    def put_all(self, pairs: Iterable[Pair]) -> Order:
        """Add some pairs; give the order that has them: this one."""
        self.update(pairs)
        return self

    def move(self, old: float, score: float, member: bytes) -> None:
        """Give a member that is there another score."""
        self.remove((old, member))
        self.add((score, member))

    def take_out(self, score: float, member: bytes) -> None:
        """Remove a pair that is there."""
        self.remove((score, member))

    def take_span(self, start: int, stop: int) -> None:
        """Remove the pairs of a span of places."""
        del self[start:stop]
