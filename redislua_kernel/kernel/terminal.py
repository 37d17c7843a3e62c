"""Telling and asking the user while a cell runs: Jupyter's stdin channel, from the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from redislua_kernel.kernel.outbox import Outbox
from redislua_kernel.render.outputs import Text

__all__ = ["CellTerminal", "Stdin"]

_POLL = 50  # milliseconds
_END_OF_FILE = "\x04"


class Stdin(NamedTuple):
    """The stdin channel to who asked for a cell.

    `send` sends a message there; `receive` waits so many milliseconds for one and gives it, or
    None.
    """

    send: Callable[[str, dict[str, Any]], None]
    receive: Callable[[int], dict[str, Any] | None]


class CellTerminal:
    """The user of one cell: see `debugger.terminal.Terminal`. Without `stdin` nobody answers."""

    def __init__(
        self, outbox: Outbox, is_stopping: Callable[[], bool], stdin: Stdin | None
    ) -> None:
        self._outbox = outbox
        self._is_stopping = is_stopping
        self._stdin = stdin

    @property
    def answers(self) -> bool:
        """Tell whether there is somebody to ask."""
        return self._stdin is not None

    def write(self, text: str) -> None:
        """Show text, now."""
        self._outbox.put(Text(text))

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        """Give what the user answers; None: nothing, and nothing more will come."""
        if self._stdin is None:
            return None
        send, receive = self._stdin
        self._outbox.drain()  # what is asked is often about what was just shown
        while receive(0) is not None:
            pass  # an answer to a question of an earlier cell
        send("input_request", {"prompt": prompt, "password": hidden})
        while not self._is_stopping():
            reply = receive(_POLL)
            if reply is not None:
                value = reply.get("content", {}).get("value", "")
                return None if value == _END_OF_FILE else str(value)
        return None
