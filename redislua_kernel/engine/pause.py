"""CLIENT PAUSE: for a time the commands of connections wait, all of them or those that may write.

The engine's own clients (a notebook, a program) are never held up. While a pause holds, keys
whose time is over are hidden but not deleted, as that would be a write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.admission import Need, needs_of
from redislua_kernel.engine.registry import check_call
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["Pause"]


class Pause:
    """Until when commands wait, and which."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: When it ends, in milliseconds since the epoch; 0: there is none.
        self.until = 0
        self.all_commands = False
        #: Called when a pause begins and when it ends; by any thread.
        self.listeners: list[Callable[[], None]] = []

    def begin(self, until: int, *, all_commands: bool) -> None:
        """Pause; where there is a pause already, the later end and the stricter kind count."""
        self.all_commands = all_commands or (self.is_on() and self.all_commands)
        self._change(max(until, self.until))

    def end(self) -> None:
        """Let all commands go on."""
        self._change(0)

    def is_on(self) -> bool:
        """Tell whether a pause holds; one whose time is over ends here."""
        if self.until and self._engine.keyspace.clock() // 1000 >= self.until:
            self.end()
        return self.until > 0

    def postpones(self, client: Client, words: Sequence[bytes]) -> bool:
        """Tell whether a connection's command has to wait now; one that cannot run need not."""
        if not self.is_on() or client.must_log_in:
            return False
        try:
            command = self._engine.commands.find(words)
            check_call(command, words)
        except ResponseError:
            return False
        if self.all_commands:
            return True
        needs = needs_of(self._engine, command, words)
        if command.name == "EXEC" and client.transaction is not None:
            needs |= client.transaction.needs
        return bool(needs & (Need.WRITES | Need.REPLICATION))

    def _change(self, until: int) -> None:
        self.until = until
        self._engine.keyspace.keeps_expired = False
        self._engine.conditions.be_paused(until > 0)
        for listener in list(self.listeners):
            listener()
