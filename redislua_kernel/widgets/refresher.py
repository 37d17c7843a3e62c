"""Doing something soon, once for all who ask for it meanwhile, and never most of the time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

__all__ = ["Refresher"]

#: After a run it rests for so many times as long as that took.
_REST = 9


class Refresher:
    """Calls a function on a thread of its own, some time after it was asked to."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None
        self._due = 0.0
        self._earliest = 0.0

    def ask(self, delay: float = 0.1) -> None:
        """Run in so many seconds, or later if it has to rest; what was to run sooner stays so."""
        with self._guard:
            due = max(monotonic() + delay, self._earliest)
            if self._timer is not None:
                if self._due <= due:
                    return
                self._timer.cancel()
            self._due = due
            self._timer = threading.Timer(max(due - monotonic(), 0), self._run)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """Forget what was asked for."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _run(self) -> None:
        with self._guard:
            if threading.current_thread() is not self._timer:
                return  # another took its place just now
            self._timer = None
        began = monotonic()
        try:
            self._function()
        finally:
            now = monotonic()
            with self._guard:
                self._earliest = now + _REST * (now - began)
