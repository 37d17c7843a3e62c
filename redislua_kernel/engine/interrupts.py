"""Interrupts: one thread asks another to stop, which obeys where it looks next.

A script looks in its hook. A command does not, as long as it is short; what may be millions of
steps goes through `interruptible`, and what would be one long call in C is done in pieces
(`interruptible_sort`, `pieces`) with a look between two of them. Those are also the places
where other threads get a turn. A look stands only where all that was done can be undone.

`Stopped` passes through Lua as Ctrl-C does, and is caught where a unit is undone. Who asks under
a proviso asks a script only: it ends with an error, and nothing is undone. The proviso is looked
at when the thread would obey, on that thread: no other run, and no later state, is hit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from math import isqrt
from threading import get_ident
from typing import Any, NamedTuple, TypeVar

__all__ = [
    "BYTES_AT_ONCE",
    "STEPS",
    "Proviso",
    "Stopped",
    "ask",
    "asked",
    "forget",
    "in_lots",
    "interruptible",
    "interruptible_sort",
    "is_asked",
    "look",
    "look_before",
    "pieces",
    "watch_room",
]

#: How many steps there are from one look to the next.
STEPS = 1024
#: So few steps need no look. Many a script repeats what takes a few more: it ends there.
_FEW = 128

#: What is sorted, and how many bytes are gone through, in one call in C at most.
_SORTED_AT_ONCE = 1 << 14
BYTES_AT_ONCE = 1 << 17

#: Tells whether what was asked still holds.
Proviso = Callable[[], bool]


class _Wish(NamedTuple):
    """What a thread was asked: to stop."""

    #: Why, if it was not the user's wish.
    reason: str
    proviso: Proviso | None


#: The threads that were asked to stop, until that is taken back.
asked: dict[int, _Wish] = {}

T = TypeVar("T")


class Stopped(BaseException):
    """The thread was asked to stop."""


def ask(thread: int, reason: str = "", proviso: Proviso | None = None) -> None:
    """Ask a thread to stop, for a reason that the error then tells; or a script, on a proviso."""
    if proviso is None or not is_asked(thread):  # to stop altogether is more
        asked[thread] = _Wish(reason, proviso)


def forget(thread: int | None = None) -> str:
    """Take back what a thread, or the calling one, was asked; give the reason."""
    wish = asked.pop(get_ident() if thread is None else thread, None)
    return "" if wish is None else wish.reason


def is_asked(thread: int | None = None) -> bool:
    """Tell whether a thread, or the calling one, was asked to stop, and still is to."""
    wish = asked.get(get_ident() if thread is None else thread) if asked else None
    return wish is not None and (wish.proviso is None or wish.proviso())


def look() -> None:
    """Raise Stopped if the calling thread was asked to stop."""
    if asked and is_asked():
        raise Stopped


#: Told before much memory is taken; each may ask the calling thread to stop.
_room_watchers: list[Callable[[int], None]] = []


def watch_room(watcher: Callable[[int], None]) -> None:
    """Tell somebody how many bytes are taken at once, before that, if they are many."""
    _room_watchers.append(watcher)


def look_before(size: int) -> None:
    """Look before so many bytes are taken at once; Stopped, too, if there is no room for them."""
    for watcher in _room_watchers:
        watcher(size)
    look()


def interruptible(items: Iterable[T]) -> Iterable[T]:
    """Give the same items, with a look before every few of them; nothing is done if they are few.

    A step may end outside of Python: the items are taken in lots, and chained in C.
    """
    try:
        if len(items) <= _FEW:  # type: ignore[arg-type]
            return items
    except (TypeError, OverflowError):  # an iterator, or too many to count
        pass
    return chain.from_iterable(in_lots(iter(items)))


def in_lots(items: Iterator[T]) -> Iterator[tuple[T, ...]]:
    """Give the items some at a time, with a look before each lot."""
    while True:
        look()
        lot = tuple(islice(items, STEPS))
        if not lot:
            return
        yield lot


def pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Divide a range of bytes into short ones, with a look before each of them."""
    while stop - start > BYTES_AT_ONCE:
        look()
        yield start, start + BYTES_AT_ONCE
        start += BYTES_AT_ONCE
    yield start, stop


def interruptible_sort(
    items: list[T], key: Callable[[T], Any] | None = None, *, reverse: bool = False
) -> list[T]:
    """Sort a list as `sorted` does.

    Long ones by regular sampling: runs are sorted, and all cut at the same values; what lies
    between two of these, of all runs, is merged.
    """
    count = len(items)
    if count <= _SORTED_AT_ONCE:
        return sorted(items, key=key, reverse=reverse)  # type: ignore[type-var,arg-type]
    if reverse:  # equal items keep their order
        return interruptible_sort(items[::-1], key)[::-1]
    at_once = max(_SORTED_AT_ONCE, 16 * isqrt(count))
    runs = []
    for start in range(0, count, at_once):
        look()
        runs.append(sorted(items[start : start + at_once], key=key))  # type: ignore[type-var,arg-type]
    samples = [item for run in runs for item in run[:: at_once // len(runs)]]
    samples.sort(key=key)
    merged: list[T] = []
    starts = [0] * len(runs)
    for cut in samples[len(runs) :: len(runs)]:
        value: Any = cut if key is None else key(cut)
        places = zip(runs, starts, strict=True)
        ends = [bisect_left(run, value, start, key=key) for run, start in places]
        merged += _merge(runs, starts, ends, key)
        starts = ends
    merged += _merge(runs, starts, list(map(len, runs)), key)
    return merged


def _merge(
    runs: list[list[T]], starts: list[int], ends: list[int], key: Callable[[T], Any] | None
) -> list[T]:
    """Give in order what lies between these places of the runs."""
    look()
    found: list[T] = []
    for run, start, end in zip(runs, starts, ends, strict=True):
        found += run[start:end]
    found.sort(key=key)
    return found
