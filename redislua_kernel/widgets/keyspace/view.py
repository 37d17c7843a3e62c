"""The whole widget, and who makes it look again: its controls, changes of the data, time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from redislua_kernel.browsing.browser import Browser
from redislua_kernel.browsing.changes import Changes
from redislua_kernel.browsing.tree import Row
from redislua_kernel.engine import Engine
from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page as html_page
from redislua_kernel.render.keyspace import keyspace_bundle
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.widgets.controls import box, icon_button, text_html
from redislua_kernel.widgets.keyspace.tree_view import TreeView
from redislua_kernel.widgets.keyspace.value_view import ValueView
from redislua_kernel.widgets.refresher import Refresher
from redislua_kernel.widgets.style import SHEET

__all__ = ["KeyspaceView"]

#: How soon after a key was pressed a search begins, in seconds.
_TYPING = 0.2
#: How often it looks whether a script has ended, in seconds.
_PATIENCE = 0.5
#: No more often than so it looks for expired keys, in seconds.
_TICK = 0.25

_UNSEEN = "A script is running: the keys are shown when it has ended."
_LATE = "A script is running: this is how it was before."


class KeyspaceView:
    """Browses one database. Its callbacks come on any thread, one at a time."""

    def __init__(
        self, engine: Engine, database: int, pattern: bytes = b"*", *, page: int = 20
    ) -> None:
        self.browser = browser = Browser(engine, database, pattern, page=page)
        self._guard = threading.RLock()
        self._refresher = Refresher(self.refresh)
        self._follows = False
        browser.look()
        self._search = ipywidgets.Text(
            description="Search",
            placeholder="part of a name, or a pattern: user:?:*",
            tooltip="Search in the names of the keys",
            style={"description_width": "initial"},
        )
        self._search.add_class("redislua-search")
        self._separator = ipywidgets.Text(
            value=browser.separator,
            description="Separator",
            tooltip="What makes branches of names; empty: a plain list",
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="120px"),
        )
        refresh = icon_button("Refresh", "refresh", lambda: self._act(browser.look))
        self._status = text_html("status")
        self._tree = TreeView(browser, self._click, lambda pages: self._act(browser.turn, pages))
        self._value = ValueView(browser, Changes(browser), self._act)
        bar = box("bar", [self._search, self._separator, refresh, self._status])
        panes = box("panes", [self._tree.box, self._value.box])
        self.box = box("browser", [ipywidgets.HTML(SHEET), bar, panes], vertical=True)
        self._show()
        # A search waits for the next key to be pressed.
        self._search.observe(lambda _: self._refresher.ask(_TYPING), "value")
        self._separator.observe(lambda _: self._refresher.ask(_TYPING), "value")
        # The page counts how often it shows this box: nobody's widget need not follow the data.
        self.box._view_count = 0
        self.box.observe(lambda change: self._follow(bool(change["new"])), "_view_count")

    def mime_bundle(self, most: int) -> Bundle:
        """Give the widget's bundle, with up to `most` lines for where no kernel runs beside it."""
        widget: dict[str, Any] = self.box._repr_mimebundle_()
        lines, count = self.browser.picture(most)
        browser = self.browser
        listed = keyspace_bundle(lines, count, browser.database, browser.pattern)
        if browser.is_late and not lines:
            listed = {"text/plain": _UNSEEN, "text/html": html_page(_UNSEEN)}
        return {**widget, **listed}

    def refresh(self) -> None:
        """Look again, for a search, for changed data, or as time has passed."""
        self._act(self._look)

    def _look(self) -> None:
        browser = self.browser
        if browser.separator != self._separator.value:
            browser.separator = self._separator.value
        if browser.search != self._search.value:
            browser.search = self._search.value
        else:
            browser.look()

    def _click(self, row: Row) -> None:
        self._act(self.browser.toggle if row.keys else self.browser.choose, row.name)

    def _act(self, function: Callable[..., None], *arguments: object) -> None:
        """Do what a control is for, and show what came of it."""
        with self._guard:
            function(*arguments)
            self._show()

    def _show(self) -> None:
        browser = self.browser
        self._tree.show()
        self._value.show()
        found = count_of(browser.count, "key")
        of = "" if browser.count == browser.total else f" of {browser.total:,}"
        fits = "" if browser.pattern == b"*" else f" · {browser.pattern.decode('utf-8', 'replace')}"
        status = f"database {browser.database}{fits} · {found}{of}"
        late = f" · {_LATE}" if browser.is_late else ""
        self._status.value = f'<span role="status">{escape(status + late)}</span>'
        self._look_later()

    def _look_later(self) -> None:
        """See to it that a page that is seen is up to date when a script ends or a key expires."""
        if not self._follows:
            return
        if self.browser.is_late:
            self._refresher.ask(_PATIENCE)
        elif self.browser.soonest is not None:
            self._refresher.ask(max(self.browser.soonest / 1000 + 0.01, _TICK))

    def _follow(self, is_seen: bool) -> None:
        """Look again after each change from now on, or no longer."""
        listeners = self.browser.engine.keyspace.unit_listeners
        with self._guard:
            if is_seen is self._follows:
                return
            self._follows = is_seen
            if is_seen:
                listeners.append(self._refresher.ask)
                self._refresher.ask(0)
            else:
                listeners.remove(self._refresher.ask)
                self._refresher.stop()
