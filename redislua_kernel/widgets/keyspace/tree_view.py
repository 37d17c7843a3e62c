"""The left side: a page of the tree, a button for each line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from redislua_kernel.browsing.browser import Browser
from redislua_kernel.browsing.details import KeyDetails
from redislua_kernel.browsing.text import cut
from redislua_kernel.browsing.tree import Row
from redislua_kernel.quantities import count_of, duration
from redislua_kernel.render.keyspace import details_html
from redislua_kernel.widgets.controls import box
from redislua_kernel.widgets.keyspace.pager import Pager

__all__ = ["TreeView"]

_DEEPEST = 8


class TreeView:
    """Shows a browser's lines, and calls back with the one that was clicked."""

    def __init__(
        self, browser: Browser, click: Callable[[Row], None], turn: Callable[[int], None]
    ) -> None:
        self._browser = browser
        shared = ipywidgets.Layout(), ipywidgets.ButtonStyle(), ipywidgets.Layout()
        self._lines = [_Line(shared, click) for _ in range(browser.page)]
        self._pager = Pager("keys", turn)
        rows = box("rows", [line.box for line in self._lines], vertical=True)
        self.box = box("keys", [rows, self._pager.box], vertical=True)

    def show(self) -> None:
        """Show the browser's lines as they are now."""
        browser = self._browser
        for place, line in enumerate(self._lines):
            if place < len(browser.rows):
                row, details = browser.rows[place]
                line.show(row, details, not row.keys and row.name == browser.chosen)
            else:
                line.hide()
        length = len(browser.tree)
        last = browser.first + len(browser.rows)
        where = f"lines {browser.first + 1:,} to {last:,} of {length:,}" if length else ""
        self._pager.show(where, browser.first, browser.page, length)


class _Line:
    """One line: the name is a button, what there is to tell of it stands beside it."""

    def __init__(self, shared: tuple[Any, Any, Any], click: Callable[[Row], None]) -> None:
        layout, style, facts_layout = shared
        self._row: Row | None = None
        self._name = ipywidgets.Button(layout=layout, style=style)
        self._name.on_click(lambda _: self._row and click(self._row))
        self._facts = ipywidgets.HTML(layout=facts_layout)
        self._facts.add_class("redislua-facts-of-row")
        self.box = box("row", [self._name, self._facts])
        self.hide()

    def hide(self) -> None:
        """Show nothing."""
        self._row = None
        self.box._dom_classes = ("redislua-row", "redislua-unused")

    def show(self, row: Row, details: KeyDetails | None, is_chosen: bool) -> None:
        """Show a line of the tree."""
        self._row = row
        with self._name.hold_sync():
            self._name.description = cut(row.label or row.name)
            self._name.icon = ("caret-down" if row.is_open else "caret-right") if row.keys else " "
            self._name.tooltip = _told(row, details)
        self._facts.value = details_html(row, details)
        kinds = ["redislua-row", f"redislua-depth-{min(row.depth, _DEEPEST)}"]
        self.box._dom_classes = (*kinds, "redislua-chosen") if is_chosen else tuple(kinds)


def _told(row: Row, details: KeyDetails | None) -> str:
    """Give a line's tooltip, which screen readers read."""
    name = cut(row.name)
    if row.keys:
        return f"{'Close' if row.is_open else 'Open'} {name}, {count_of(row.keys, 'key')}"
    if details is None:
        return name
    ttl = "" if details.ttl is None else f", expires in {duration(details.ttl)}"
    return f"{name}, {details.type}, {count_of(details.size, details.unit)}{ttl}"
