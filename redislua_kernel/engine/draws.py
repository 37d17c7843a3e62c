"""Random elements of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from redislua_kernel.engine.interrupts import STEPS, interruptible

__all__ = ["draw", "sample"]

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
