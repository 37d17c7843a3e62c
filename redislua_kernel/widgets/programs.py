"""What the widgets of functions and of scripts have in common: what runs now, and its Kill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from redislua_kernel.browsing.caller import Caller
from redislua_kernel.browsing.programs import fingerprint, read_running
from redislua_kernel.errors import RedisError
from redislua_kernel.language.pieces import pieces
from redislua_kernel.render.code import code_html
from redislua_kernel.render.programs import running_text
from redislua_kernel.widgets.controls import box, button, show, text_html
from redislua_kernel.widgets.form import Form
from redislua_kernel.widgets.refresher import Refresher
from redislua_kernel.widgets.style import SHEET

__all__ = ["ProgramsView", "offer"]

#: How often a widget that is seen looks whether there is anything new, in seconds.
_TICK = 0.5


class ProgramsView:
    """Shows what runs and ran, and looks again while a page shows it.

    Its callbacks come on any thread, one at a time. They never wait for a script.
    """

    def __init__(self, caller: Caller, kind: str, rows: int) -> None:
        self.caller = caller
        self.engine = caller.engine
        self.rows = rows
        self._guard = threading.RLock()
        self._refresher = Refresher(self._tick)
        self._is_seen = False
        self._shown: object = None
        self._running = text_html("running")
        self._kill = self._button("Kill", "Stop what is running", self._kill_it, "stop", "danger")
        self._table = text_html("contents")
        self._code = text_html("code")
        self._said = text_html("said")
        self._form = Form()
        running = box("bar", [self._running, self._kill])
        below = [self._code, self._form.box, self._said]
        parts = [ipywidgets.HTML(SHEET), running, self._table, *self._controls(), *below]
        self.box = box("browser", parts, vertical=True)
        self.box.add_class(f"redislua-{kind}")
        self.refresh()
        # The page counts how often it shows this box: what nobody sees does not look again.
        self.box._view_count = 0
        self.box.observe(lambda change: self._see(bool(change["new"])), "_view_count")

    def refresh(self) -> None:
        """Look again."""
        with self._guard:
            self._shown = fingerprint(self.engine)
            self._show_running()
            self._show()

    def _controls(self) -> list[Any]:
        """Give the controls below the table."""
        raise NotImplementedError

    def _show(self) -> None:
        """Show what there is now."""
        raise NotImplementedError

    def _button(
        self, text: str, tooltip: str, do: Callable[[], None], icon: str = "", style: str = ""
    ) -> Any:
        return button(text, tooltip, lambda: self._act(do), icon, style)

    def _act(self, do: Callable[[], None]) -> None:
        """Do what a control is for; what it has to say takes the place of what was said."""
        with self._guard:
            self._say("")
            try:
                do()
            except RedisError as error:
                self._fail(error)

    def _say(self, text: str, *, is_error: bool = True) -> None:
        role, style = ("alert", "") if is_error else ("status", "color:inherit")
        said = f'<span role="{role}" style="{style}">{escape(text)}</span>'
        self._said.value = said if text else ""

    def _fail(self, error: RedisError) -> None:
        # In a page, there may be no half of a character.
        self._say(str(error).encode("utf-8", "surrogateescape").decode("utf-8", "replace"))

    def _kill_it(self) -> None:
        said = self.caller.kill()
        self._say(said)
        self._show_running()

    def _show_running(self) -> None:
        running = read_running(self.engine)
        text = "running: nothing" if running is None else running_text(running)
        self._running.value = f'<span class="redislua-status">{escape(text)}</span>'
        self._kill.disabled = running is None

    def _tick(self) -> None:
        with self._guard:
            if self._shown == fingerprint(self.engine):
                self._show_running()
            else:
                self.refresh()
            if self._is_seen:
                self._refresher.ask(_TICK)

    def _see(self, is_seen: bool) -> None:
        with self._guard:
            self._is_seen = is_seen
            if is_seen:
                self._refresher.ask(0)
            else:
                self._refresher.stop()

    def _show_code(self, code: bytes | None, name: str) -> None:
        self._code.value = "" if code is None else code_html(pieces(code), name)
        show(self._code, code is not None)


def offer(chooser: Any, options: list[tuple[str, Any]]) -> None:
    """Let a person choose among these; what was chosen stays so if it is still there."""
    made = tuple(options) or (("", None),)
    if chooser.options != made:
        chosen, values = chooser.value, [value for _, value in made]
        chooser.options = made
        chooser.value = chosen if chosen in values else values[0]
