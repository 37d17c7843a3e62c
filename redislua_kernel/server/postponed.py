"""Connections whose next command waits for the end of CLIENT PAUSE."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle

    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.server.connection import Connection

__all__ = ["Postponed"]


class Postponed:
    """Lets connections wait, and go on in their order."""

    def __init__(self, engine: Engine, loop: AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self._waiting: dict[Connection, None] = {}
        self._timer: TimerHandle | None = None

    def add(self, connection: Connection) -> None:
        """Let a connection wait."""
        connection.client.is_postponed = True
        self._waiting[connection] = None
        self._watch()

    def remove(self, connection: Connection) -> None:
        """Let a connection wait no more: it has gone."""
        self._waiting.pop(connection, None)

    def changed(self) -> None:
        """A pause has begun or ended, on whatever thread."""
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """Let all try again; whose command still has to wait comes back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for connection in waiting:
            connection.client.is_postponed = False
            connection.work()

    def _watch(self) -> None:
        if self._timer is None:
            left = self._engine.pause.until / 1000 - self._engine.keyspace.clock() / 1_000_000
            self._timer = self._loop.call_later(max(left, 0), self._wake)
