"""The right side: what there is to tell of the chosen key, what is in it, and the form below."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from redislua_kernel.browsing.browser import Browser
from redislua_kernel.browsing.changes import Changes
from redislua_kernel.render.contents import contents_html, range_of
from redislua_kernel.render.keyspace import heading_html
from redislua_kernel.widgets.controls import box, show, text_html
from redislua_kernel.widgets.keyspace.form import Form
from redislua_kernel.widgets.keyspace.pager import Pager

__all__ = ["ValueView"]

_HINT = '<span class="redislua-hint">Choose a key to see what is in it.</span>'


class ValueView:
    """Shows the browser's chosen key. `act` runs what a control does, and then shows all anew."""

    def __init__(self, browser: Browser, changes: Changes, act: Callable[..., None]) -> None:
        self._browser = browser
        self._shown: bytes | None = None
        self.form = Form(browser, changes, act)
        self._heading = text_html("heading")
        self._other = ipywidgets.Checkbox(indent=False)
        self._other.observe(lambda _: self._switch(act), "value")
        self._contents = text_html("contents")
        self._pager = Pager("the value", lambda pages: act(browser.turn_contents, pages))
        self._parts = [self._other, self._contents, self._pager.box, self.form.box]
        self.box = box("value", [self._heading, *self._parts], vertical=True)

    def show(self) -> None:
        """Show the key as it is now."""
        browser = self._browser
        key, details, contents = browser.chosen, browser.details, browser.contents
        if key != self._shown:
            self._shown = key
            self.form.close()
        for part in self._parts:
            show(part, details is not None)
        self._heading.value = _HINT if key is None else heading_html(key, details)
        if details is None or contents is None:
            self._contents.value = ""
            return
        show(self._other, bool(contents.other))
        self._other.description = contents.other
        self._other.value = browser.alternative
        self._contents.value = f'<div class="redislua">{contents_html(contents)}</div>'
        self._pager.show(range_of(contents), browser.element, contents.most, contents.total)

    def _switch(self, act: Callable[..., None]) -> None:
        # The switch changes too when another key is shown.
        if self._other.value is not self._browser.alternative:
            act(self._browser.show_other, self._other.value)
