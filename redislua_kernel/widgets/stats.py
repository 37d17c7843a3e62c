"""The engine's figures as a widget: it samples a few times a second while a page shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets

from redislua_kernel.browsing.stats import History
from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.stats import stats_bundle, stats_html
from redislua_kernel.widgets.controls import box, text_html
from redislua_kernel.widgets.refresher import Refresher
from redislua_kernel.widgets.style import SHEET

__all__ = ["StatsView"]

#: From sample to sample, in seconds.
_TICK = 0.25
#: When a run of so many samples ends, the snapshot is made anew: it is worth keeping.
_LONG = 4


class StatsView:
    """Shows a history and goes on with it, as long as it is seen or somebody records it.

    `keep` is given a new snapshot of the widget after each long run.
    """

    def __init__(self, history: History, keep: Callable[[Bundle], None] = lambda _: None) -> None:
        self.history = history
        self._keep = keep
        self._guard = threading.RLock()
        self._refresher = Refresher(self._tick)
        self._is_seen = self._is_recording = False
        #: For how many samples the script that runs has been seen.
        self._seen_running = 0
        self._figures = text_html("contents")
        self.box = box("browser", [ipywidgets.HTML(SHEET), self._figures], vertical=True)
        self.box.add_class("redislua-stats")
        self._show()
        # The page counts how often it shows this box: what nobody sees does not look.
        self.box._view_count = 0
        self.box.observe(lambda change: self._see(bool(change["new"])), "_view_count")

    def mime_bundle(self) -> Bundle:
        """Give the widget's bundle, with the snapshot beside it for where no kernel runs."""
        widget: dict[str, Any] = self.box._repr_mimebundle_()
        with self._guard:
            return {**widget, **stats_bundle(self.history)}

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Sample meanwhile, whether or not a page shows it."""
        self._is_recording = True
        self._refresher.ask(_TICK)
        try:
            yield
        finally:
            self._is_recording = False
            with self._guard:
                self._refresher.stop()
                self.history.look()
                self._show()
                self._go_on()

    def _see(self, is_seen: bool) -> None:
        with self._guard:
            self._is_seen = is_seen
            self._go_on()

    @property
    def _is_wanted(self) -> bool:
        return self._is_seen or self._is_recording

    def _go_on(self) -> None:
        if self._is_wanted:
            self._refresher.ask(_TICK)
        else:
            self._refresher.stop()

    def _tick(self) -> None:
        with self._guard:
            if not self._is_wanted:  # any more: it was on its way
                return
            self.history.look()
            self._show()
            running = self.history.running is not None
            ended = self._seen_running if not running else 0
            self._seen_running = self._seen_running + 1 if running else 0
            self._go_on()
        if ended >= _LONG and not self._is_recording:
            self._keep(self.mime_bundle())

    def _show(self) -> None:
        self._figures.value = page(stats_html(self.history))
