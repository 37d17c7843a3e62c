"""How far a long piece of work is: who does it takes note now and then, and any thread may read.

Loading and saving files and restoring libraries are announced (`Engine.working`). What they call
takes note for whatever work its thread has announced, and for none if that is so: it need not be
told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

from redislua_kernel.engine.interrupts import in_lots

__all__ = ["Progress", "counted", "note", "working"]

T = TypeVar("T")


class Progress:
    """One piece of work: what is done, and how much of its present stage."""

    def __init__(self, what: str) -> None:
        #: As a gerund with its object: "loading dump.rdb".
        self.what = what
        #: What is done of it now: "reading".
        self.stage = ""
        self.done = 0
        self.total = 0
        #: It has ended, and well.
        self.is_done = False
        #: Called on the work's thread at its end.
        self.when_over: Callable[[Progress], None] = lambda _: None

    @property
    def part(self) -> float:
        """How much of the stage is done, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


class _Announced(threading.local):
    progress: Progress | None = None


_announced = _Announced()


@contextmanager
def working(progress: Progress) -> Iterator[None]:
    """Announce a thread's work meanwhile; what is part of another's counts for that."""
    outer = _announced.progress
    _announced.progress = outer or progress
    try:
        yield
        progress.is_done = True
    finally:
        _announced.progress = outer
        progress.when_over(progress)


def note(stage: str, done: int, total: int) -> None:
    """Take note of how far the calling thread is."""
    progress = _announced.progress
    if progress is not None:
        progress.stage, progress.total, progress.done = stage, total, done


def counted(stage: str, items: Iterable[T], total: int) -> Iterable[T]:
    """Give the same items, as `interruptible` does, and take note of how many there were."""
    return chain.from_iterable(_noted(stage, items, total))


def _noted(stage: str, items: Iterable[T], total: int) -> Iterator[tuple[T, ...]]:
    done = 0
    for lot in in_lots(iter(items)):
        note(stage, done, total)
        yield lot
        done += len(lot)
