"""The libraries as a widget: their functions in a table, the chosen one's code, and changes."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import ipywidgets

from redislua_kernel.browsing.caller import Caller, Outcome
from redislua_kernel.browsing.drafts import Draft, read_draft
from redislua_kernel.browsing.library_files import dump_to, restore_from
from redislua_kernel.browsing.programs import LibraryFacts, read_libraries, read_running
from redislua_kernel.browsing.text import name_of
from redislua_kernel.errors import RedisError
from redislua_kernel.language.pieces import pieces
from redislua_kernel.quantities import count_of
from redislua_kernel.render.code import code_html, diff_html, diff_lines
from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.programs import functions_bundle, functions_html
from redislua_kernel.widgets.controls import box
from redislua_kernel.widgets.programs import ProgramsView, offer

__all__ = ["FunctionsView"]

_TEMPLATE = "#!lua name=mylib\nredis.register_function('myfunction', function(keys, args)\n\nend)\n"
_POLICIES = ("append", "replace", "flush")
_LABEL = {"description_width": "initial"}
_WIDE = ipywidgets.Layout(width="auto")


class FunctionsView(ProgramsView):
    """The libraries whose names fit a pattern."""

    def __init__(self, caller: Caller, pattern: bytes = b"*", *, rows: int = 100) -> None:
        self.pattern = pattern
        self._libraries: list[LibraryFacts] = []
        self._chooser = ipywidgets.Dropdown(description="Library", options=[("", None)])
        self._editor = ipywidgets.Textarea(
            description="Code", rows=14, layout=_WIDE, style=_LABEL, tooltip="The library's code"
        )
        self._editor.add_class("redislua-editor")
        self._file = ipywidgets.Text(description="File", value="libraries.fn", style=_LABEL)
        self._policy = ipywidgets.Dropdown(
            description="Policy",
            options=_POLICIES,
            style=_LABEL,
            tooltip="What becomes of the libraries that are there",
        )
        super().__init__(caller, "functions", rows)
        self._chooser.observe(lambda _: self._act(self._choose), "value")

    def mime_bundle(self) -> Bundle:
        """Give the widget's bundle, with the snapshot beside it for where no kernel runs."""
        widget: dict[str, Any] = self.box._repr_mimebundle_()
        libraries = self._libraries
        code = "".join(
            code_html(pieces(each.code), f"code of library {name_of(each.name)}")
            for each in libraries
            if len(libraries) == 1
        )
        running = read_running(self.engine)
        return {**widget, **functions_bundle(libraries, running, code, rows=self.rows)}

    def _controls(self) -> list[Any]:
        self._for_one = [
            self._button("Edit", "Edit the library's code, and replace it", self._edit, "pencil"),
            self._button(
                "Delete", "Delete the library, once you have confirmed it", self._delete, "trash"
            ),
        ]
        bar = [
            self._chooser,
            *self._for_one,
            self._button("Load", "Write a new library", self._load_new, "plus"),
            self._button("Dump", "Write all libraries to a file", self._dump, "download"),
            self._button("Restore", "Load the libraries of a file", self._restore, "upload"),
            self._button("Refresh", "Look again", self.refresh, "refresh"),
        ]
        return [box("bar", bar)]

    def _show(self) -> None:
        self._libraries = libraries = read_libraries(self.engine, self.pattern)
        self._table.value = page(functions_html(libraries, rows=self.rows))
        options = [(name_of(each.name), each.name) for each in libraries]
        offer(self._chooser, options)
        self._choose()

    def _choose(self) -> None:
        library = self._chosen
        for each in self._for_one:
            each.disabled = library is None
        if library is None:
            self._show_code(None, "")
        else:
            self._show_code(library.code, f"code of library {name_of(library.name)}")

    @property
    def _chosen(self) -> LibraryFacts | None:
        name = self._chooser.value
        return next((each for each in self._libraries if each.name == name), None)

    # Loading and replacing

    def _load_new(self) -> None:
        self._write(_TEMPLATE)

    def _edit(self) -> None:
        library = self._chosen
        if library is None:
            return
        try:
            self._write(library.code.decode())
        except UnicodeDecodeError:
            self._say("Its code holds bytes that are no text: it cannot be edited here.")

    def _write(self, code: str) -> None:
        self._editor.value = code
        self._form.open("", "Load", lambda: self._act(self._review), [self._editor])

    def _review(self) -> None:
        """Load a new library; before one is replaced, show what that would change."""
        draft = read_draft(self.engine, self._editor.value.encode("utf-8", "replace"))
        if draft.before is None:
            self._load(draft)
            return
        before, after = (code.decode("utf-8", "replace") for code in (draft.before, draft.code))
        lines = diff_lines(before, after)
        name = name_of(draft.name)
        if not lines:
            self._say(f"Nothing differs from library {name} as it is.", is_error=False)
            return
        question = f"<div>Replace library <samp>{escape(name)}</samp>?</div>"
        shown = diff_html(lines, f"what differs in library {name}")
        replace = partial(self._load, draft)
        self._form.open(page(question + shown), "Replace", lambda: self._act(replace))

    def _load(self, draft: Draft) -> None:
        words = ["FUNCTION", "LOAD", *(["REPLACE"] if draft.before is not None else []), draft.code]
        self.caller.apart(lambda execute: execute(*words), partial(self._loaded, draft))

    def _loaded(self, draft: Draft, result: Outcome) -> None:
        verb = "loaded" if draft.before is None else "replaced"
        if isinstance(result, RedisError):  # what was written is not lost
            with self._guard:
                self._form.open("", "Load", lambda: self._act(self._review), [self._editor])
        self._conclude(result, f"Library {name_of(draft.name)} is {verb}.", draft.name)

    # Other changes

    def _delete(self) -> None:
        library = self._chosen
        if library is None:
            return
        count = count_of(len(library.functions), "function")
        question = f"Delete library <samp>{escape(name_of(library.name))}</samp> with {count}?"
        delete = partial(self._delete_it, library.name)
        self._form.open(page(question), "Delete", lambda: self._act(delete), is_dangerous=True)

    def _delete_it(self, name: bytes) -> None:
        self.caller.execute("FUNCTION", "DELETE", name)
        self._conclude(None, f"Library {name_of(name)} is deleted.")

    def _dump(self) -> None:
        self._form.open("", "Dump", lambda: self._act(self._dump_it), [self._file])

    def _dump_it(self) -> None:
        self._conclude(
            None, dump_to(self.caller.execute, self._file.value.encode("utf-8", "replace"))
        )

    def _restore(self) -> None:
        fields = [self._file, self._policy]
        self._form.open("", "Restore", lambda: self._act(self._restore_it), fields)

    def _restore_it(self) -> None:
        file, policy = self._file.value.encode("utf-8", "replace"), self._policy.value
        self.caller.apart(
            lambda execute: restore_from(execute, file, policy),
            lambda result: self._conclude(result, "The libraries are restored."),
        )

    def _conclude(self, result: Outcome, text: str, choose: bytes | None = None) -> None:
        """Tell what came of a change, maybe on the thread for scripts."""
        with self._guard:
            if isinstance(result, RedisError):
                self._fail(result)
                return
            self._form.close()
            self.refresh()
            if choose is not None and choose in [each.name for each in self._libraries]:
                self._chooser.value = choose
            self._say(text, is_error=False)
