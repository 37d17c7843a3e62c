"""The form below a value: to edit, expire, rename or delete the key."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from redislua_kernel.browsing.browser import Browser
from redislua_kernel.browsing.changes import Changes
from redislua_kernel.browsing.editing import EDITS
from redislua_kernel.browsing.text import cut, read_quoted, writable
from redislua_kernel.widgets.controls import box, button, show, text_html

__all__ = ["Form"]

_UNREADABLE = 'Between double quotes, with escapes: "\\x00\\n".'


class Form:
    """Four buttons, and the fields that the one that was pressed last asks to be filled in."""

    def __init__(self, browser: Browser, changes: Changes, act: Callable[..., None]) -> None:
        self._browser = browser
        self._changes = changes

        def button_of(
            text: str, tooltip: str, function: Callable[[], None], icon: str = "", style: str = ""
        ) -> Any:
            return button(text, tooltip, lambda: act(function), icon, style)

        self._actions = [
            button_of("Edit", "Edit the value", self._edit, "pencil"),
            button_of("Expire", "Set the time to live", self._expire, "clock-o"),
            button_of("Rename", "Give the key another name", self._rename, "tag"),
            button_of(
                "Delete", "Delete the key, once you have confirmed it", self._delete, "trash"
            ),
        ]
        label = {"description_width": "initial"}
        self._name = ipywidgets.Text(layout=ipywidgets.Layout(width="auto"), style=label)
        self._value = ipywidgets.Textarea(
            layout=ipywidgets.Layout(width="auto"), style=label, rows=6
        )
        self._quoted = ipywidgets.Checkbox(
            description="in quotes, with escapes", tooltip=_UNREADABLE, indent=False
        )
        self._confirm = button_of("", "", self._on_confirm, style="primary")
        self._other = button_of("", "", self._on_other)
        self._cancel = button_of("Cancel", "Change nothing", self.close)
        self._question = text_html("question")
        self._said = text_html("said")
        buttons = box("bar", [self._confirm, self._other, self._cancel])
        fields = [self._question, self._name, self._value, self._quoted, buttons]
        self._fields = box("form", fields, vertical=True)
        bar = box("bar", self._actions)
        self.box = box("changes", [bar, self._fields, self._said], vertical=True)
        #: What the buttons of the open form do.
        self._on: tuple[Callable[[], str], Callable[[], str] | None] = (str, None)
        self.close()

    def close(self) -> None:
        """Take the form away."""
        show(self._fields, False)
        self._say("")

    # The four forms

    def _edit(self) -> None:
        details = self._browser.details
        if details is None:
            return
        edit = EDITS[details.type]
        text, is_quoted = "", False
        if details.type == "string":
            value = self._changes.read_string()
            if value is None:
                self._say("It cannot be edited now, or is too long for that.")
                return
            text, is_quoted = writable(value)
        remove = (lambda: self._taken(self._changes.remove)) if edit.remove else None
        self._open("", edit.name, "", edit.value, ("Save", self._save), ("Remove", remove))
        self._value.value, self._quoted.value = text, is_quoted
        show(self._quoted, True)

    def _expire(self) -> None:
        details = self._browser.details
        ttl = details.ttl if details is not None else None
        seconds = "" if ttl is None else str(max(ttl // 1000, 1))
        persist = None if ttl is None else self._changes.persist
        set_time = lambda: self._changes.expire(self._name.value)  # noqa: E731
        self._open("", "seconds", seconds, "", ("Set", set_time), ("Never expire", persist))

    def _rename(self) -> None:
        text, is_quoted = writable(self._browser.chosen or b"")
        rename = lambda: self._taken(self._changes.rename)  # noqa: E731
        self._open("", "new name", text, "", ("Rename", rename))
        self._quoted.value = is_quoted
        show(self._quoted, True)

    def _delete(self) -> None:
        question = f"Delete {cut(self._browser.chosen or b'')}? It cannot be undone."
        self._open(question, "", "", "", ("Delete", self._changes.delete), style="danger")
        self._cancel.focus()

    def _open(
        self,
        question: str,
        name: str,
        named: str,
        value: str,
        confirm: tuple[str, Callable[[], str]],
        other: tuple[str, Callable[[], str] | None] = ("", None),
        style: str = "primary",
    ) -> None:
        """Show a form: the labels of its fields (empty: no such field) and its buttons."""
        self._say("")
        self._question.value = escape(question)
        show(self._question, bool(question))
        for field, label in ((self._name, name), (self._value, value)):
            field.description = label
            show(field, bool(label))
        self._name.value, self._value.value, self._quoted.value = named, "", False
        show(self._quoted, False)
        self._confirm.description, self._confirm.button_style = confirm[0], style
        self._confirm.tooltip = f"{confirm[0]} {cut(self._browser.chosen or b'')}"
        self._other.description = self._other.tooltip = other[0]
        show(self._other, other[1] is not None)
        self._on = confirm[1], other[1]
        show(self._fields, True)
        (self._name if name else self._value).focus()

    # What their buttons do

    def _on_confirm(self) -> None:
        self._finish(self._on[0])

    def _on_other(self) -> None:
        if self._on[1] is not None:
            self._finish(self._on[1])

    def _finish(self, change: Callable[[], str]) -> None:
        said = change()
        if said:
            self._say(said)
        else:
            self.close()

    def _save(self) -> str:
        name, value = self._read(self._name), self._read(self._value)
        return _UNREADABLE if name is None or value is None else self._changes.set(name, value)

    def _taken(self, change: Callable[[bytes], str]) -> str:
        name = self._read(self._name)
        return _UNREADABLE if name is None else change(name)

    def _read(self, field: Any) -> bytes | None:
        """Give what a field holds; None: it is to be in quotes, and is not."""
        text: str = field.value
        if self._quoted.value and text:
            return read_quoted(text)
        return text.encode("utf-8", "replace")

    def _say(self, text: str) -> None:
        self._said.value = f'<span role="alert">{escape(text)}</span>' if text else ""
