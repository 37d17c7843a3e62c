"""Long work of a cell, shown while it goes on: a bar in a page, a line that is rewritten elsewhere.

Nothing is shown of what is soon over. The work itself only counts; a thread of its own looks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from uuid import uuid4

from redislua_kernel.engine.progress import Progress
from redislua_kernel.quantities import seconds_text
from redislua_kernel.render.outputs import Display, Output, Text, Update
from redislua_kernel.render.progress import progress_bundle, progress_text, result_bundle
from redislua_kernel.widgets.refresher import Refresher

__all__ = ["Bar", "Line", "ProgressDisplay"]

#: What is over sooner is not shown, and what is shown changes no more often than so, in seconds.
_SOON, _TICK = 0.5, 0.2


class Bar:
    """Shows progress in a page, whose display is updated."""

    def __init__(self, put: Callable[[Output], None]) -> None:
        self._put = put
        self._name = ""

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        bundle = progress_bundle(progress.what, progress.stage, progress.part)
        if self._name:
            self._put(Update(bundle, self._name))
        else:
            self._name = uuid4().hex
            self._put(Display(bundle, self._name))

    def end(self, text: str) -> None:
        """Say what came of it."""
        self._put(Update(result_bundle(text), self._name))
        self._name = ""


class Line:
    """Shows progress on a terminal, where the cursor can go back to the line's beginning."""

    def __init__(self, put: Callable[[Output], None]) -> None:
        self._put = put
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        self._write(progress_text(progress.what, progress.stage, progress.part))

    def end(self, text: str) -> None:
        """Say what came of it."""
        self._write(text)
        self._put(Text("\n"))
        self._width = 0

    def _write(self, text: str) -> None:
        self._put(Text(f"\r{text.ljust(self._width)}"))
        self._width = len(text)


class ProgressDisplay:
    """Follows the long work of one cell."""

    def __init__(self, shown: Bar | Line) -> None:
        self._shown = shown
        self._guard = threading.Lock()
        self._refresher = Refresher(self._tick)
        self._progress: Progress | None = None
        self._began = 0.0
        self._is_shown = False

    def follow(self, progress: Progress) -> None:
        """Show a piece of work that begins, unless it is part of another."""
        with self._guard:
            if self._progress is not None:
                return
            self._progress, self._began, self._is_shown = progress, monotonic(), False
            progress.when_over = self._end
            self._refresher.ask(_SOON)

    def _tick(self) -> None:
        with self._guard:
            if self._progress is not None:
                self._is_shown = True
                self._shown.show(self._progress)
                self._refresher.ask(_TICK)

    def _end(self, progress: Progress) -> None:
        with self._guard:
            self._refresher.stop()
            self._progress = None
            if self._is_shown:
                took = seconds_text(monotonic() - self._began)
                verb = "took" if progress.is_done else "ended after"
                self._shown.end(f"{progress.what} {verb} {took}")
