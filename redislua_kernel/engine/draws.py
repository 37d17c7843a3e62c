"""Random elements: of a sequence, and of a dict, which has no places to draw from.

Listing a dict costs as much as it holds. So the lists of those drawn from last are kept, and
made anew only after a share of as many changes: among thousands the newest few may be missed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from redislua_kernel.engine.interrupts import STEPS, interruptible

__all__ = ["Pools", "draw", "sample"]

_POOLS_KEPT = 16

T = TypeVar("T")


def draw(elements: Sequence[T], count: int, rng: Random) -> list[T]:
    """Give `count` elements, which may repeat."""
    if count <= STEPS:
        return rng.choices(elements, k=count)
    total, random = len(elements), rng.random
    return [elements[int(random() * total)] for _ in interruptible(range(count))]


def sample(elements: Sequence[T], count: int, rng: Random) -> list[T]:
    """Give `count` different ones; there are as many."""
    if count <= STEPS:
        return rng.sample(elements, count)
    # A shuffle that ends once `count` elements have their places.
    shuffled, total, random = list(elements), len(elements), rng.random
    for place in interruptible(range(count)):
        other = place + int(random() * (total - place))
        shuffled[place], shuffled[other] = shuffled[other], shuffled[place]
    return shuffled[:count]


class _Pool:
    """The elements of one dict, as they were listed when `dirty` was counted."""

    __slots__ = ("container", "dirty", "elements")

    def __init__(self, container: dict[bytes, Any], dirty: int) -> None:
        self.container = container
        self.list(dirty)

    def list(self, dirty: int) -> None:
        self.elements = [*self.container]
        self.dirty = dirty


class Pools:
    """What random elements of dicts are drawn from."""

    __slots__ = ("_pools",)

    def __init__(self) -> None:
        #: By the dict's id; the dict is held so that its id stays its own.
        self._pools: OrderedDict[int, _Pool] = OrderedDict()

    def pick(
        self,
        container: dict[bytes, Any],
        rng: Random,
        dirty: int,
        is_there: Callable[[bytes], bool],
    ) -> bytes | None:
        """Give a random key of a dict, one that is there; None if none is.

        `dirty` counts changes, of whatever dict.
        """
        pool = self._pool(container, dirty)
        slack = len(pool.elements) // 1024
        if dirty - pool.dirty > slack or len(container) - len(pool.elements) > slack:
            pool.list(dirty)
        while container:
            elements = pool.elements
            if not elements:
                pool.list(dirty)
                continue
            place = rng.randrange(len(elements))
            element = elements[place]
            if is_there(element):
                return element
            elements[place] = elements[-1]
            elements.pop()
        return None

    def _pool(self, container: dict[bytes, Any], dirty: int) -> _Pool:
        pool = self._pools.get(id(container))
        if pool is None:
            pool = self._pools[id(container)] = _Pool(container, dirty)
            if len(self._pools) > _POOLS_KEPT:
                self._pools.popitem(last=False)
        else:
            self._pools.move_to_end(id(container))
        return pool
