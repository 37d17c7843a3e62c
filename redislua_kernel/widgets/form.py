"""What a button asks before it does anything: a question, fields, and two buttons below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from redislua_kernel.widgets.controls import box, button, show, text_html

__all__ = ["Form"]


class Form:
    """One place for all forms of a widget: it holds the one that was opened last."""

    def __init__(self) -> None:
        self._question = text_html("question")
        self._confirm = button("", "", self._on_confirm)
        self._cancel = button("Cancel", "Change nothing", self.close)
        self._buttons = box("bar", [self._confirm, self._cancel])
        self._do: Callable[[], None] = self.close
        self.box = box("form", [], vertical=True)
        self.close()

    def open(
        self,
        html: str,
        verb: str,
        do: Callable[[], None],
        fields: Sequence[Any] = (),
        *,
        is_dangerous: bool = False,
    ) -> None:
        """Show a question in HTML and fields; `verb` is what the button says that does it."""
        self._question.value = html
        show(self._question, bool(html))
        self._confirm.description = self._confirm.tooltip = verb
        self._confirm.button_style = "danger" if is_dangerous else "primary"
        self._do = do
        self.box.children = [self._question, *fields, self._buttons]
        show(self.box, True)
        (self._cancel if is_dangerous else (*fields, self._confirm)[0]).focus()

    def close(self) -> None:
        """Take the form away."""
        self.box.children = []
        show(self.box, False)

    def _on_confirm(self) -> None:
        self._do()
