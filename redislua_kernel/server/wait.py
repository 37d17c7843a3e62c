"""A connection whose command waits for something: until when, and how that ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from redislua_kernel.engine.blocking import Blocked
from redislua_kernel.engine.client import Client

if TYPE_CHECKING:
    from redislua_kernel.server.server import Server

__all__ = ["Wait"]

#: A wait that ends while a script runs ends that much later, in seconds, or after the script.
_BUSY_DELAY = 0.005


class Wait:
    """What one connection's command waits for: nothing else runs until the reply is there."""

    def __init__(self, server: Server, client: Client) -> None:
        self._server = server
        self._client = client
        self._blocked: Blocked | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        """Tell whether the command still waits."""
        return self._blocked is not None

    def begin(self, blocked: Blocked) -> None:
        """Wait from now on; any thread may call this."""
        self._blocked = blocked

    def limit(self) -> None:
        """See to it that the wait ends in time."""
        blocked = self._blocked
        if blocked is not None and blocked.until and self._timer is None:
            left = blocked.until / 1000 - self._server.engine.keyspace.clock() / 1_000_000
            self._set_timer(max(left, 0))

    def end(self) -> None:
        """Wait no more: the reply is there."""
        self._blocked = None
        self.forget()

    def forget(self) -> None:
        """Let time pass: nobody is there any more to be told that it is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, seconds: float) -> None:
        self._timer = self._server.loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        gate = self._server.gate
        if not gate.enter():  # a script has the engine: as late as it ends
            self._set_timer(_BUSY_DELAY)
            return
        try:
            self._server.engine.blocked.time_out(self._client)
        finally:
            gate.leave()
