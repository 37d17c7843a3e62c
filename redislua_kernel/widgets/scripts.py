"""The script cache as a widget: a table, the chosen script's code, and a way to run it."""

from __future__ import annotations

from typing import Any

import ipywidgets

from redislua_kernel.browsing.caller import Caller, Outcome
from redislua_kernel.browsing.programs import ScriptFacts, read_scripts
from redislua_kernel.browsing.text import cut
from redislua_kernel.engine.words import split_words
from redislua_kernel.errors import RedisError
from redislua_kernel.language.pieces import pieces
from redislua_kernel.quantities import count_of
from redislua_kernel.render.code import code_html
from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.programs import scripts_bundle, scripts_html
from redislua_kernel.render.replies import reply_html
from redislua_kernel.widgets.controls import box, text_html
from redislua_kernel.widgets.programs import ProgramsView, offer

__all__ = ["ScriptsView"]

_LABEL = {"description_width": "initial"}
_UNREADABLE = "The quotes of the keys or arguments do not close."


class ScriptsView(ProgramsView):
    """The cached scripts whose digests begin in one way."""

    def __init__(self, caller: Caller, prefix: bytes = b"", *, rows: int = 100) -> None:
        self.prefix = prefix
        self._scripts: list[ScriptFacts] = []
        self._chooser = ipywidgets.Dropdown(description="Script", options=[("", None)])
        self._keys = ipywidgets.Text(
            description="Keys",
            placeholder='k1 "k 2"',
            style=_LABEL,
            tooltip="Quoted as in redis-cli",
        )
        self._args = ipywidgets.Text(
            description="Arguments", style=_LABEL, tooltip="Quoted as in redis-cli"
        )
        self._reply = text_html("contents")
        super().__init__(caller, "scripts", rows)
        self._chooser.observe(lambda _: self._act(self._choose), "value")

    def mime_bundle(self) -> Bundle:
        """Give the widget's bundle, with the snapshot beside it for where no kernel runs."""
        widget: dict[str, Any] = self.box._repr_mimebundle_()
        scripts = self._scripts
        code = (
            code_html(pieces(scripts[0].body), f"script {scripts[0].sha}")
            if len(scripts) == 1
            else ""
        )
        return {**widget, **scripts_bundle(scripts, self._evicted, code, rows=self.rows)}

    def _controls(self) -> list[Any]:
        self._run_button = self._button(
            "Run", "Run the script with these keys and arguments", self._run, "play"
        )
        choice = [
            self._chooser,
            self._button(
                "Flush", "Forget all scripts, once you have confirmed it", self._flush, "trash"
            ),
            self._button("Refresh", "Look again", self.refresh, "refresh"),
        ]
        return [
            box("bar", choice),
            box("bar", [self._keys, self._args, self._run_button]),
            self._reply,
        ]

    @property
    def _evicted(self) -> int:
        return self.engine.scripting.scripts.evicted

    def _show(self) -> None:
        self._scripts = scripts = read_scripts(self.engine, self.prefix)
        self._table.value = page(scripts_html(scripts, self._evicted, rows=self.rows))
        # By digest: a list that is sorted by time would move under the pointer.
        options = [(_label(each), each.sha) for each in sorted(scripts, key=lambda each: each.sha)]
        offer(self._chooser, options)
        self._choose()

    def _choose(self) -> None:
        script = self._chosen
        self._run_button.disabled = script is None
        if script is None:
            self._show_code(None, "")
        else:
            self._show_code(script.body, f"script {script.sha}")

    @property
    def _chosen(self) -> ScriptFacts | None:
        sha = self._chooser.value
        return next((each for each in self._scripts if each.sha == sha), None)

    def _run(self) -> None:
        script = self._chosen
        keys, args = (
            split_words(each.value.encode("utf-8", "replace")) for each in (self._keys, self._args)
        )
        if script is None:
            return
        if keys is None or args is None:
            self._say(_UNREADABLE)
            return
        self._reply.value = ""
        self.caller.apart(
            lambda execute: execute("EVALSHA", script.sha, len(keys), *keys, *args), self._ran
        )

    def _ran(self, result: Outcome) -> None:
        """Show what a run gave, maybe on the thread for scripts."""
        with self._guard:
            self.refresh()
            if isinstance(result, RedisError):
                self._fail(result)
            else:
                self._reply.value = reply_html(result, rows=self.rows)

    def _flush(self) -> None:
        question = f"Forget {count_of(len(self.engine.scripting.scripts.scripts), 'script')}?"
        flush = lambda: self._act(self._flush_it)  # noqa: E731
        self._form.open(page(question), "Flush", flush, is_dangerous=True)

    def _flush_it(self) -> None:
        self.caller.execute("SCRIPT", "FLUSH")
        self._form.close()
        self.refresh()
        self._say("The script cache is empty.", is_error=False)


def _label(script: ScriptFacts) -> str:
    return f"{script.sha[:8]}  {cut(script.title, 60)}"
