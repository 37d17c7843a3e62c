"""Asking the user while a cell runs: Jupyter's stdin channel, from the worker thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redislua_kernel.kernel.outbox import Outbox
from redislua_kernel.render.outputs import Text

__all__ = ["StdinTerminal"]

_POLL = 50  # milliseconds
_END_OF_FILE = "\x04"


class StdinTerminal:
    """The user of one cell: see `session.Terminal`.

    `send` sends a message on the stdin channel to who asked for the cell, `receive` waits so
    many milliseconds for one and gives it, or None.
    """

    def __init__(
        self,
        send: Callable[[str, dict[str, Any]], None],
        receive: Callable[[int], dict[str, Any] | None],
        outbox: Outbox,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._send = send
        self._receive = receive
        self._outbox = outbox
        self._is_stopping = is_stopping

    def write(self, text: str) -> None:
        """Show text, now."""
        self._outbox.put(Text(text))

    def ask(self, prompt: str) -> str | None:
        """Give what the user answers; None: nothing, and nothing more will come."""
        self._outbox.drain()  # what is asked is often about what was just shown
        while self._receive(0) is not None:
            pass  # an answer to a question of an earlier cell
        self._send("input_request", {"prompt": prompt, "password": False})
        while not self._is_stopping():
            reply = self._receive(_POLL)
            if reply is not None:
                value = reply.get("content", {}).get("value", "")
                return None if value == _END_OF_FILE else str(value)
        return None
