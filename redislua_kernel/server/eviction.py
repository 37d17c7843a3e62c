"""maxmemory-clients: if all clients together take too much, those that take most must go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislua_kernel.engine.memory.clients import client_memory

if TYPE_CHECKING:
    from redislua_kernel.server.connection import Connection
    from redislua_kernel.server.server import Server

__all__ = ["Eviction"]


class Eviction:
    """What each connection takes, as far as it is known; kept only while there is a limit."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._taken: dict[Connection, int] = {}
        self._total = 0

    def look_at(self, connection: Connection) -> None:
        """Take note of what a connection takes now, and end the largest if all take too much."""
        self._note(connection)
        self._evict()

    def look_at_all(self) -> None:
        """Do so for all connections: something has changed without them."""
        if not self._server.limits.memory:
            self._taken.clear()
            self._total = 0
            return
        for connection in self._server.connections:
            self._note(connection)
        self._evict()

    def forget(self, connection: Connection) -> None:
        """Leave a connection out: it is ending."""
        self._total -= self._taken.pop(connection, 0)

    def _note(self, connection: Connection) -> None:
        taken = client_memory(connection.client, connection.traffic())
        self._total += taken - self._taken.get(connection, 0)
        self._taken[connection] = taken

    def _evict(self) -> None:
        while self._total >= self._server.limits.memory:
            victims = [each for each in self._taken if not each.client.no_evict]
            if not victims:
                return
            largest = max(victims, key=self._taken.__getitem__)
            self.forget(largest)
            self._server.engine.connections.evicted += 1
            largest.hang_up()
