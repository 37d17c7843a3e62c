"""A row of controls to go through pages."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from redislua_kernel.widgets.controls import box, icon_button, show, text_html

__all__ = ["Pager"]


class Pager:
    """Buttons to the first, the previous, the next and the last page, and where one is."""

    def __init__(self, things: str, turn: Callable[[int], None]) -> None:
        def to(icon: str, which: str, pages: int) -> Any:
            return icon_button(f"{which} page of {things}", icon, lambda: turn(pages))

        far = 1 << 40
        self._back = [to("angle-double-left", "First", -far), to("angle-left", "Previous", -1)]
        self._on = [to("angle-right", "Next", 1), to("angle-double-right", "Last", far)]
        self._where = text_html("status")
        self.box = box("bar", [*self._back, *self._on, self._where])

    def show(self, where: str, first: int, most: int, total: int) -> None:
        """Show where one is: `first` of `total`, `most` on a page."""
        for each in self._back:
            each.disabled = first <= 0
            show(each, total > most)
        for each in self._on:
            each.disabled = first + most >= total
            show(each, total > most)
        self._where.value = f'<span role="status">{escape(where)}</span>'
