"""A debugging session: one script or function of a connection, under the debugger's console.

With SCRIPT DEBUG YES it runs on a view of the engine and a thread of its own: others go on, and
in the end its changes are dropped. With SYNC it runs where scripts run, and others wait. As long
as it runs, what the connection receives goes to the console; then the connection ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.session import can_begin, run_debugged
from redislua_kernel.engine.worker import Worker
from redislua_kernel.reply import Reply, ResponseError
from redislua_kernel.server.debug_channel import DebugChannel

if TYPE_CHECKING:
    from redislua_kernel.server.connection import Connection

__all__ = ["DebugSession"]


class DebugSession:
    """Runs one command of a connection, which hears its end from `Connection.debugged`."""

    def __init__(self, connection: Connection, words: list[bytes]) -> None:
        self._connection = connection
        self._client = connection.client
        self._words = words
        self._gate = connection.server.gate
        self.channel = DebugChannel(connection.send_from_script)
        self._console = Console(self.channel)
        #: Whether the script's time has come: what ends before it ends no connection.
        self.has_begun = False
        #: Runs the script on a view.
        self._worker: Worker | None = None
        self._is_left = False

    def start(self) -> None:
        """Begin, once the engine is free."""
        if self._client.debug_mode == "sync":
            self._gate.start(self._run_here, self._connection.debugged)
        else:
            self._gate.start(self._make_twin, self._run_there)

    def leave(self) -> None:
        """The client has gone: a script on the engine runs on, one on a view need not."""
        self._is_left = True
        self.channel.close()
        if self._worker is not None:
            self._worker.interrupt()

    def _run_here(self) -> Reply:
        if not can_begin(self._client, self._words):
            return self._client.call(self._words)
        self.has_begun = True
        return run_debugged(self._client, self._words, self._console)

    def _make_twin(self) -> Client | Reply:
        if not can_begin(self._client, self._words):
            return self._client.call(self._words)
        return self._client.twin(self._client.engine.view())

    def _run_there(self, twin: Client | Reply) -> None:
        if not isinstance(twin, Client):
            self._connection.debugged(twin)
            return
        self.has_begun = True
        self._worker = Worker(twin.engine)
        run = partial(run_debugged, twin, self._words, self._console)
        self._gate.follow(self._worker.submit(run), partial(self._ended_there, twin))
        if self._is_left:
            self.leave()

    def _ended_there(self, twin: Client, reply: Reply | ResponseError) -> None:
        assert self._worker is not None
        self._worker.submit(twin.engine.close)
        self._worker.close()
        self._connection.debugged(reply)
