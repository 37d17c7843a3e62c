"""Sorted sets: members with scores, ordered by score, then by bytes.

The scores are a dict. The order is kept beside it (see `score_order`) from the first time it
is asked for, so that filling a sorted set costs no more than filling a hash. Every range,
whatever it is bounded by, is a span of ranks: a half-open pair (start, stop).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from random import Random
from typing import NamedTuple

from redislua_kernel.engine.draws import sample
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.packed import MOST_ELEMENTS, Packed
from redislua_kernel.engine.types.score_order import FEW, FewInOrder, Order, Pair, in_order
from redislua_kernel.engine.types.value import Value
from redislua_kernel.reply import MemberColumns

__all__ = [
    "HIGHEST",
    "LISTPACK",
    "LOWEST",
    "SKIPLIST",
    "LexBound",
    "ScoreBound",
    "SortedSet",
    "Span",
]

LISTPACK, SKIPLIST = b"listpack", b"skiplist"


#: Ranks from the first to before the last.
Span = tuple[int, int]


#: One end of a range of scores: a score, and whether it is left out itself.
ScoreBound = tuple[float, bool]
#: From the very first on, and to the very last.
LOWEST, HIGHEST = (-inf, False), (inf, False)


class LexBound(NamedTuple):
    """One end of a range of members; `side` is -1 or 1 for the ends below and above all."""

    member: bytes
    is_open: bool = False
    side: int = 0


class SortedSet(Value):
    """The members and scores of one sorted set."""

    __slots__ = ("_order", "form", "scores")

    type_name = b"zset"

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.form = LISTPACK
        self.scores: dict[bytes, float] = {}
        self._order: Order | None = None

    @classmethod
    def of(cls, journal: Journal, scores: Mapping[bytes, float]) -> SortedSet:
        """Give a new sorted set in the smallest form that fits."""
        self = cls(journal)
        self.scores = dict(scores)
        most, longest = journal.limits.sorted_set_entries, journal.limits.sorted_set_value
        if len(scores) > most or max(map(len, scores), default=0) > longest:
            self.form = SKIPLIST
        elif 0.0 in self.scores.values():
            self.scores = {member: score or 0.0 for member, score in scores.items()}
        return self

    @classmethod
    def of_one(cls, journal: Journal, member: bytes, score: float) -> SortedSet:
        """Give a new sorted set with one member."""
        self = cls(journal)
        limits = journal.limits
        if len(member) > limits.sorted_set_value or not limits.sorted_set_entries:
            self.form = SKIPLIST
        elif not score:
            score = 0.0
        self.scores[member] = score
        return self

    @classmethod
    def begun(cls, journal: Journal, pairs: Sequence[Pair]) -> SortedSet | None:
        """Give a new sorted set of some pairs that are added at once; None: better one by one."""
        scores = {member: score or 0.0 for score, member in pairs}
        if not len(pairs) == len(scores) <= min(MOST_ELEMENTS, journal.limits.sorted_set_entries):
            return None
        if max(map(len, scores)) > journal.limits.sorted_set_value:
            return None
        self = cls(journal)
        self.scores = scores
        return self

    # Reading

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def order(self) -> Order:
        """The (score, member) pairs from the lowest on; must not be changed."""
        order = self._order
        if order is None:
            scores = self.scores
            # Assigned when it is complete: a view may be reading the same value.
            self._order = order = in_order(list(zip(scores.values(), scores, strict=True)))
        return order

    def members(self, span: Span, reverse: bool | None = False) -> list[bytes]:
        """Give the members of a span, from the highest on with `reverse`."""
        start, stop = span
        order = self._order
        found = (self.order if order is None else order).members_in(start, stop)
        if reverse:
            found.reverse()
        return found

    def columns(self, span: Span, reverse: bool | None = False) -> MemberColumns:
        """Give the members of a span and their scores, from the highest on with `reverse`."""
        start, stop = span
        order = self._order
        members, scores = (self.order if order is None else order).columns_in(start, stop)
        if reverse:
            members.reverse()
            scores.reverse()
        return members, scores

    def pairs(self, span: Span) -> list[Pair]:
        """Give the (score, member) pairs of a span."""
        return self.order.pairs_in(*span)

    def rank(self, member: bytes) -> int | None:
        """Give a member's place from the lowest on; None if it is no member."""
        score = self.scores.get(member)
        return None if score is None else self.order.place_of(score, member)

    def rank_span(self, first: int, last: int, reverse: bool = False) -> Span:
        """Give the span from one rank to another, both included; negative ones count from the end.

        With `reverse`, ranks are counted from the highest score on.
        """
        count = len(self.scores)
        if first < 0:
            first = max(first + count, 0)
        if last < 0:
            last += count
        stop = last + 1 if last < count else count
        if first >= stop:
            return 0, 0
        return (count - stop, count - first) if reverse else (first, stop)

    def score_span(self, low: ScoreBound, high: ScoreBound, _reverse: bool = False) -> Span:
        """Give the span of the members whose scores are within bounds."""
        order = self._order
        if order is None:
            order = self.order
        score, is_open = low
        start = 0 if low is LOWEST else order.up_to(score) if is_open else order.below(score)
        score, is_open = high
        if high is HIGHEST:
            stop = len(self.scores)
        else:
            stop = order.below(score) if is_open else order.up_to(score)
        return (start, stop) if start < stop else (start, start)

    def span_of_scores(self, low: float, high: float) -> Span:
        """Give the span of the scores from one to before another, which is not lower."""
        order = self.order
        return order.below(low), order.below(high)

    def columns_of_scores(self, spans: Iterable[tuple[float, float]]) -> MemberColumns:
        """Give the members in some spans of scores, one after the other: see `span_of_scores`."""
        return self.order.columns_between(spans)

    def lex_span(self, low: LexBound, high: LexBound, reverse: bool = False) -> Span:
        """Give the span of the members that lie within bounds, all scores being equal.

        Where they are not, the order is none; then it matters from which end one looks, or how
        one finds the ends among many.
        """
        order = self.order
        if not order:
            return 0, 0
        if order[0][0] != order[-1][0] and self.form is LISTPACK:
            return self._walk_lex_span(low, high, reverse)
        start = self._lex_place(low, low.is_open)
        stop = self._lex_place(high, not high.is_open)
        return start, max(start, stop)

    def sample(self, count: int, rng: Random) -> list[Pair]:
        """Give `count` different random pairs, or all from the highest on if there are fewer."""
        order = self.order
        if count >= len(order):
            return list(reversed(order))
        places = interruptible_sort(sample(range(len(order)), count, rng))
        return [order[place] for place in interruptible(places)]

    # Writing

    def expect(self, count: int, first: bytes) -> None:
        """Take the form that suits `count` members to be added, `first` of them first."""
        limits = self.journal.limits
        too_long = not self.scores and len(first) > limits.sorted_set_value
        if self.form is LISTPACK and (count > limits.sorted_set_entries or too_long):
            self.convert()

    def put(self, member: bytes, score: float) -> float | None:
        """Set a member's score; give the score it had, None for a new member."""
        scores = self.scores
        old = scores.get(member)
        if old is None:
            if self.form is LISTPACK:
                limits = self.journal.limits
                if (
                    len(scores) >= limits.sorted_set_entries
                    or len(member) > limits.sorted_set_value
                ):
                    self.convert()
        elif old == score:
            return old
        if not score and self.form is LISTPACK:
            score = 0.0  # a listpack holds whole numbers as integers: there is no -0
        self.journal.undo.append((self._restore, member, old))
        scores[member] = score
        order = self._order
        if order is not None:
            if old is not None:
                order.move(old, score, member)
            else:
                self._order = order.put(score, member)
        return old

    def remove(self, member: bytes) -> bool:
        """Remove a member; tell whether it was one."""
        score = self.scores.pop(member, None)
        if score is None:
            return False
        self.journal.undo.append((self._restore, member, score))
        if self._order is not None:
            self._order.take_out(score, member)
        return True

    def pop(self, place: int) -> tuple[bytes, float]:
        """Remove the member at a place, which may count from the end; give it and its score."""
        order = self.order
        score, member = order.pop(place)
        del self.scores[member]
        self.journal.undo.append((self._restore, member, score))
        return member, score

    def remove_span(self, span: Span) -> list[Pair]:
        """Remove the members of a span; give their pairs."""
        scores, removed = self.scores, self.pairs(span)
        for _, member in removed:
            del scores[member]
        self.order.take_span(*span)
        self.journal.undo.append((self._restore_pairs, removed))
        return removed

    # Representation

    def convert(self) -> None:
        """Become a skip list."""
        self.journal.undo.append((setattr, self, "form", self.form))
        self.form = SKIPLIST

    def copy(self, journal: Journal) -> SortedSet:
        twin = SortedSet(journal)
        twin.form, twin.scores = self.form, self.scores.copy()
        return twin

    def encoding(self) -> bytes:
        return self.form

    def memory(self, samples: int) -> int:
        count = len(self.scores)
        total = looked_at = 0
        for member in interruptible(self.scores):
            total += len(member)
            looked_at += 1
            if looked_at == samples:
                break
        average = total // looked_at if looked_at else 0
        return 8 + count * (average + (4 if self.form is LISTPACK else 76))

    def pack(self) -> Packed | None:
        if self.form is SKIPLIST or len(self.scores) > MOST_ELEMENTS:
            return None
        scores = repr([*self.scores.values()])[1:-1].replace(".0,", ",")
        return PackedSortedSet.joining((*self.scores, scores.encode()))

    def _lex_place(self, bound: LexBound, is_above: bool) -> int:
        """Give the rank of the first member from a bound on, or above it."""
        if bound.side:
            return 0 if bound.side < 0 else len(self.scores)
        order = self.order
        member = _least(bound, is_above)
        if order[0][0] != order[-1][0]:
            return order.place_by_member(member)
        return order.place_of(order[0][0], member)

    def _walk_lex_span(self, low: LexBound, high: LexBound, reverse: bool) -> Span:
        """Do as the reference does in a listpack whose scores differ: walk while in bounds."""
        count = len(self.scores)
        members = self.order.members_in(0, count)
        least, end = _least(low, low.is_open), _least(high, not high.is_open)
        if low.side > 0 or high.side < 0 or members[-1] < least:
            return 0, 0
        if high.side:
            end = max(members) + b"\0"
        if members[0] >= end:
            return 0, 0
        if reverse:
            stop = next(i for i in range(count, 0, -1) if members[i - 1] < end)
            start = next((i for i in range(stop, 0, -1) if members[i - 1] < least), 0)
        else:
            start = next(i for i, member in enumerate(members) if member >= least)
            stop = next((i for i in range(start, count) if members[i] >= end), count)
        return start, stop

    def _restore(self, member: bytes, score: float | None) -> None:
        now = self.scores.pop(member, None)
        if now is not None and self._order is not None:
            self._order.take_out(now, member)
        if score is not None:
            self.scores[member] = score
            if self._order is not None:
                self._order = self._order.put(score, member)

    def _restore_pairs(self, pairs: list[Pair]) -> None:
        self.scores.update((member, score) for score, member in pairs)
        if self._order is not None:
            self._order = self._order.put_all(pairs)

    def _check(self) -> None:
        """Raise AssertionError unless the parts agree."""
        if self.form is LISTPACK:
            assert len(self.scores) <= self.journal.limits.sorted_set_entries
            longest = self.journal.limits.sorted_set_value
            assert all(len(member) <= longest for member in self.scores)
        if self._order is not None:
            pairs: Iterator[Pair] = zip(self.scores.values(), self.scores, strict=True)
            assert list(self._order) == sorted(pairs)
            assert not isinstance(self._order, FewInOrder) or len(self._order) <= FEW


class PackedSortedSet(Packed):
    """The members of a listpack, then their scores as one text."""

    __slots__ = ()

    kind = SortedSet

    def unpack(self, journal: Journal) -> SortedSet:
        value = SortedSet(journal)
        members = self.elements()
        scores = members.pop().split(b",")
        value.scores = dict(zip(members, map(float, scores), strict=True))
        return value


def _least(bound: LexBound, is_above: bool) -> bytes:
    """Give the least member from a bound on, or above it: the same bytes with a zero more."""
    return bound.member + b"\0" if is_above else bound.member
