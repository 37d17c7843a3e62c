"""Pairs of a score and a member, from the lowest on.

Few are in a plain list: to find a place in it and to move what follows is done in C. More are in a
`SortedList`, which moves fewer of them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import TypeAlias

from sortedcontainers import SortedList

from redislua_kernel.engine.interrupts import interruptible_sort

__all__ = ["FEW", "Order", "Pair", "add", "add_all", "in_order", "place_of", "take_out"]

#: So many pairs are in a plain list: to move them all takes no longer than to find the place.
FEW = 1024

Pair = tuple[float, bytes]
Order: TypeAlias = "list[Pair] | SortedList[Pair]"


def in_order(pairs: list[Pair]) -> Order:
    """Put some pairs in order; nobody else has this list."""
    if len(pairs) <= FEW:
        pairs.sort()
        return pairs
    return SortedList(interruptible_sort(pairs))


def place_of(order: Order, pair: Pair | tuple[float]) -> int:
    """Give how many pairs are lower than this one, or than all of this score."""
    if order.__class__ is list:
        return bisect_left(order, pair)
    place: int = order.bisect_left(pair)  # type: ignore[union-attr]
    return place


def add(order: Order, pair: Pair) -> Order:
    """Give the order with one pair more; it may be the same one."""
    if order.__class__ is not list:
        order.add(pair)  # type: ignore[union-attr]
        return order
    insort(order, pair)
    return order if len(order) <= FEW else SortedList(order)


def add_all(order: Order, pairs: Iterable[Pair]) -> Order:
    """Give the order with some pairs more; it may be the same one."""
    if order.__class__ is list:
        return in_order([*order, *pairs])
    order.update(pairs)  # type: ignore[union-attr]
    return order


def take_out(order: Order, pair: Pair) -> None:
    """Remove a pair that is there."""
    if order.__class__ is list:
        del order[bisect_left(order, pair)]
    else:
        order.remove(pair)
