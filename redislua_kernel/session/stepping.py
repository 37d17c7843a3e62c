"""Which commands of a cell go to a debugger: to a console in the cell, or to the panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redislua_kernel.debugger.cell_console import Stepping
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.terminal import Terminal, TerminalChannel
from redislua_kernel.engine.client import Client
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.remote.remote import Remote
    from redislua_kernel.session.session import Session

__all__ = ["Stepper"]

_PANEL_STAYS = (
    "The debugger's panel is of the embedded engine; at a server, %%debug and %break step.\n"
)


class Stepper:
    """Runs the commands of a session, and lets the user step through those that are to be."""

    def __init__(self, session: Session) -> None:
        self._session = session
        #: How the scripts of the cell that runs are stepped through, if they are.
        self._asked: Stepping | None = None

    @contextmanager
    def through(self, stepping: Stepping) -> Iterator[None]:
        """Let the user step through what runs meanwhile."""
        self._asked = stepping
        try:
            yield
        finally:
            self._asked = None

    def give_up(self) -> None:
        """Forget what was asked for by a cell whose thread was abandoned."""
        self._asked = None

    def steps_remotely(self, script: bytes) -> bool:
        """Tell whether a script is to be stepped through at a server."""
        remote = self._session.remote
        agreed = remote is not None and remote.debug_mode != "no"
        return agreed or self._asked is not None or bool(self._lines_of(script))

    def run(self, client: Client, words: list[bytes], terminal: Terminal) -> Reply:
        """Run a command here, with the console in the cell for what is to be stepped through."""
        stepping = self._asked or _agreed(client.debug_mode)
        console = self._session.console
        if not (stepping or console.breakpoints) or client.transaction is not None:
            return client.call(words)
        source = self._session.engine.scripting.source_of(words)
        if source is None:
            return client.call(words)
        if stepping is None:
            if not self._lines_of(source.code):
                return client.call(words)
            stepping = Stepping(enters=False)
        offset = self._session.bodies.offset_of(source.code)
        return console.run(client, words, source, stepping, terminal, offset)

    def run_in_panel(self, client: Client, words: list[bytes], panel: Panel) -> Reply:
        """Run a command here; an isolated script that is to be stepped through is the panel's."""
        stepping = self._asked or _agreed(client.debug_mode)
        if stepping is None or not stepping.isolated or client.transaction is not None:
            return client.call(words)
        is_code = self._session.engine.scripting.source_of(words) is not None
        return panel.run_isolated(client, words) if is_code else client.call(words)

    def run_remotely(self, remote: Remote, words: list[bytes], terminal: Terminal) -> Reply:
        """Run a command at a server, with its own debugger for what is to be stepped through."""
        panel = self._session.panel
        if panel is not None and panel.is_attached and not remote.is_told_of_panel:
            remote.is_told_of_panel = True
            terminal.write(_PANEL_STAYS)
        stepping = self._asked or _agreed(remote.debug_mode)
        stepped = self._with_code(words)
        script = stepped[1] if len(stepped) > 1 else b""
        lines = self._lines_of(script)
        if stepping is None and lines:
            stepping = Stepping(enters=False)
        if stepping is None:
            return remote.execute(*words)
        return remote.step(
            stepped,
            TerminalChannel(terminal, stepping.commands),
            isolated=stepping.isolated,
            enters=stepping.enters,
            breakpoints=lines,
            offset=self._session.bodies.offset_of(script),
        )

    def _with_code(self, words: list[bytes]) -> list[bytes]:
        """Give EVAL in place of EVALSHA, which no server debugs, for a script that has a name."""
        name = words[0].upper()
        if name not in (b"EVALSHA", b"EVALSHA_RO") or len(words) < 2:
            return words
        source = self._session.scripts.with_digest(words[1].lower())
        return words if source is None else [name.replace(b"SHA", b""), source.code, *words[2:]]

    def _lines_of(self, script: bytes) -> Sequence[int]:
        """Give the lines of a script that have a breakpoint."""
        return self._session.console.breakpoints.get(script, [])


def _agreed(debug_mode: str) -> Stepping | None:
    """Give what SCRIPT DEBUG has set."""
    return None if debug_mode == "no" else Stepping(isolated=debug_mode == "yes")
