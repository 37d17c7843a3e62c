"""A thread that calls functions at their times: there before none can be started any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic

__all__ = ["ALARM", "Alarm"]


class Alarm:
    """Calls functions later, one after another."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def prepare(self) -> None:
        """Have the thread from now on. Raises RuntimeError if there can be none."""
        with self._changed:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="redislua-alarm", daemon=True)
                thread.start()
                self._thread = thread

    def call_later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call a function after some seconds; it must not take long, and raises nothing."""
        with self._changed:
            heappush(self._due, (monotonic() + seconds, next(self._numbers), function))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Callable[[], None]:
        """Wait for what is to be called next."""
        with self._changed:
            while True:
                wait = self._due[0][0] - monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heappop(self._due)[2]
                self._changed.wait(wait)


#: That of this process.
ALARM = Alarm()
