"""Where a server takes connections: on a port of some addresses, and on a Unix socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.server.sockets import listen_on, listen_there, remove_stale

__all__ = ["Listeners"]

_BACKLOG = 511
#: CONFIG SET bind takes no more addresses.
_MOST_ADDRESSES = 16


class Listeners:
    """The sockets of one server that listen; CONFIG SET moves those on the port.

    `connect` makes the protocol object of a new connection. Port 0 takes a free port; `port` then
    tells which.
    """

    def __init__(
        self,
        engine: Engine,
        connect: Callable[[], asyncio.Protocol],
        host: str,
        port: int,
        unix_socket: Path | None,
    ) -> None:
        self.host = host
        self.port = port
        self._engine = engine
        self._connect = connect
        self._unix_socket = unix_socket
        self._loop: asyncio.AbstractEventLoop
        #: The identity of the thread the loop runs on.
        self._thread = 0
        self._on_port: list[asyncio.Server] = []
        self._on_unix_socket: asyncio.Server | None = None
        #: Sockets of which connections are about to be taken.
        self._arriving: list[socket.socket] = []
        #: The family and the address of each socket on the port.
        self._addresses: list[tuple[int, tuple[Any, ...]]] = []

    async def open(self) -> None:
        """Take connections from now on. Raises OSError if an address cannot be had."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        if self._unix_socket is not None:
            remove_stale(self._unix_socket)
            self._on_unix_socket = await self._loop.create_unix_server(
                self._connect, str(self._unix_socket), backlog=_BACKLOG
            )
        try:
            listener = await self._loop.create_server(
                self._connect, self.host, self.port, backlog=_BACKLOG
            )
        except BaseException:
            self._stop()
            raise
        self._on_port = [listener]
        self._addresses = [(one.family, one.getsockname()) for one in listener.sockets]
        self.port = self._addresses[0][1][1]

    def close(self) -> None:
        """Take no more connections."""
        self._stop()
        if self._unix_socket is not None:
            self._unix_socket.unlink(missing_ok=True)

    def change_port(self, value: bytes) -> None:
        """CONFIG SET port was called, on whatever thread: listen there, or refuse."""
        try:
            if value == b"0":
                raise OSError("the server does not go without a port")
            sockets = [listen_there(*address, int(value), _BACKLOG) for address in self._addresses]
        except OSError as error:
            self._complain(error)
            raise CommandError("Unable to listen on this port. Check server logs.") from None
        self.port = int(value)
        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._move_to(sockets)))

    def change_addresses(self, value: bytes) -> None:
        """CONFIG SET bind was called, on whatever thread: listen there, or stay and refuse."""
        words = value.decode("latin-1").split()
        if len(words) > _MOST_ADDRESSES:
            raise CommandError("Too many bind addresses specified.")
        if threading.get_ident() == self._thread:
            self._listen_on(words)
        else:
            asyncio.run_coroutine_threadsafe(self._listen_on_soon(words), self._loop).result()

    async def _listen_on_soon(self, words: list[str]) -> None:
        self._listen_on(words)

    def _listen_on(self, words: list[str]) -> None:
        # An address is free only when nothing listens there any more, under whatever name.
        for listener in self._on_port:
            listener.close()
        for arriving in self._arriving:
            arriving.close()
        self._on_port = []
        sockets: list[socket.socket | None] = []
        try:
            for word in words:
                sockets.append(listen_on(word, self.port, _BACKLOG))
        except (OSError, UnicodeError) as error:
            self._complain(error)
            for opened in filter(None, sockets):
                opened.close()
            sockets[:] = [listen_there(*each, self.port, _BACKLOG) for each in self._addresses]
            raise CommandError("Failed to bind to specified addresses.") from None
        finally:
            self._arriving = [one for one in sockets if one is not None]
            self._addresses = [(one.family, one.getsockname()) for one in self._arriving]
            self._loop.create_task(self._move_to(self._arriving))

    async def _move_to(self, sockets: list[socket.socket]) -> None:
        """Take connections from these sockets, and no longer from those before."""
        former = self._on_port
        self._on_port = [
            await self._loop.create_server(self._connect, sock=one, backlog=_BACKLOG)
            for one in sockets
            if one.fileno() >= 0  # not closed by the next change
        ]
        for listener in former:
            listener.close()

    def _stop(self) -> None:
        for listener in (*self._on_port, self._on_unix_socket):
            if listener is not None:
                listener.close()

    def _complain(self, error: Exception) -> None:
        self._engine.log(WARNING, f"Could not listen: {error}".encode())
