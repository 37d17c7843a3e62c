"""Interrupts: one thread asks another to stop, which obeys where it looks next.

A script looks in its hook. A command does not, as long as it is short; what may be millions of
steps goes through `interruptible`, and what would be one long call in C is done in pieces
(`interruptible_sort`, `pieces`) with a look between two of them. Those are also the places
where other threads get a turn. A look stands only where all that was done can be undone.

`Stopped` passes through Lua as Ctrl-C does, and is caught where a unit is undone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import chain, islice
from math import isqrt
from threading import get_ident
from typing import Any, TypeVar

__all__ = [
    "STEPS",
    "Stopped",
    "ask",
    "forget",
    "interruptible",
    "interruptible_sort",
    "is_asked",
    "look",
    "pieces",
]

#: How many steps there are from one look to the next.
STEPS = 1024

#: What is sorted, and how many bytes are gone through, in one call in C at most.
_SORTED_AT_ONCE = 1 << 14
_BYTES_AT_ONCE = 1 << 20

#: The threads that were asked to stop and did not yet.
_asked: set[int] = set()

T = TypeVar("T")
Bytes = TypeVar("Bytes", bytes, bytearray)


class Stopped(BaseException):
    """The thread was asked to stop."""


def ask(thread: int) -> None:
    """Ask a thread to stop."""
    _asked.add(thread)


def forget(thread: int | None = None) -> None:
    """Take back what a thread, or the calling one, was asked."""
    _asked.discard(get_ident() if thread is None else thread)


def is_asked(thread: int | None = None) -> bool:
    """Tell whether a thread, or the calling one, was asked to stop."""
    return bool(_asked) and (get_ident() if thread is None else thread) in _asked


def look() -> None:
    """Raise Stopped if the calling thread was asked to stop."""
    if _asked and get_ident() in _asked:
        raise Stopped


def interruptible(items: Iterable[T]) -> Iterable[T]:
    """Give the same items, with a look before every few of them; costs nothing if they are few."""
    if isinstance(items, Sized) and len(items) <= STEPS:
        return items
    return chain.from_iterable(_in_lots(iter(items)))


def _in_lots(items: Iterator[T]) -> Iterator[tuple[T, ...]]:
    while True:
        look()
        lot = tuple(islice(items, STEPS))
        if not lot:
            return
        yield lot


def pieces(data: Bytes) -> Iterator[Bytes]:
    """Give bytes piece by piece, with a look before each; all at once if they are few."""
    if len(data) <= _BYTES_AT_ONCE:
        yield data
        return
    for start in range(0, len(data), _BYTES_AT_ONCE):
        look()
        yield data[start : start + _BYTES_AT_ONCE]


def interruptible_sort(items: list[T], key: Callable[[T], Any] | None = None) -> list[T]:
    """Sort a list as `sorted` does.

    Long ones by regular sampling: runs are sorted, and cut at the same values all; what lies
    between two of these, of all runs, is merged.
    """
    count = len(items)
    if count <= _SORTED_AT_ONCE:
        return sorted(items, key=key)  # type: ignore[type-var,arg-type]
    at_once = max(_SORTED_AT_ONCE, 16 * isqrt(count))
    runs = []
    for start in range(0, count, at_once):
        look()
        runs.append(sorted(items[start : start + at_once], key=key))  # type: ignore[type-var,arg-type]
    samples = [item for run in runs for item in run[:: at_once // len(runs)]]
    samples.sort(key=key)  # type: ignore[call-overload]
    cuts = samples[len(runs) :: len(runs)]
    merged: list[T] = []
    starts = [0] * len(runs)
    for cut in cuts:
        look()
        value: Any = cut if key is None else key(cut)
        ends = [
            bisect_left(run, value, start, key=key) for run, start in zip(runs, starts, strict=True)
        ]
        merged += _merge(runs, starts, ends, key)
        starts = ends
    look()
    merged += _merge(runs, starts, [len(run) for run in runs], key)
    return merged


def _merge(
    runs: list[list[T]], starts: list[int], ends: list[int], key: Callable[[T], Any] | None
) -> list[T]:
    """Give in order what lies between these places of the runs."""
    found = [
        item for run, start, end in zip(runs, starts, ends, strict=True) for item in run[start:end]
    ]
    found.sort(key=key)  # type: ignore[call-overload]
    return found
