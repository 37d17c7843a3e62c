"""The server: listens, keeps the connections, expires keys, ends in an orderly way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.worker import Worker
from redislua_kernel.server.connection import Connection
from redislua_kernel.server.gate import Gate

__all__ = ["Server"]

_log = logging.getLogger(__name__)

_BACKLOG = 511
_TICK = 0.1
#: Volatile keys to look at per database and tick.
_SWEEP = 200


class Server:
    """An engine behind a RESP socket.

    `run` serves on the current thread until `request_stop`; `start` and `stop` do so on a
    thread of its own, beside a notebook that shares the engine. Port 0 takes a free port;
    `port` then tells which. Raises OSError if an address cannot be taken.
    """

    def __init__(
        self,
        engine: Engine,
        host: str = "127.0.0.1",
        port: int = 6379,
        *,
        unix_socket: str | Path | None = None,
        worker: Worker | None = None,
    ) -> None:
        self.engine = engine
        #: Runs the scripts; a notebook may share its own.
        self.worker = worker or Worker(engine)
        self.host = host
        self.port = port
        self.unix_socket = Path(unix_socket) if unix_socket else None
        self.connections: set[Connection] = set()
        #: The identity of the thread the loop runs on.
        self.thread = 0
        self.loop: asyncio.AbstractEventLoop
        self.gate: Gate
        self._leaving: list[Client] = []
        self._stopping: asyncio.Event
        self._background: threading.Thread | None = None
        self._failure: BaseException | None = None

    # On a thread of its own

    def start(self) -> None:
        """Serve on a new thread; returns once connections are accepted."""
        ready = threading.Event()
        self._failure = None
        self._background = threading.Thread(
            target=self._run_in_background, args=(ready,), name="RESP server", daemon=True
        )
        self._background.start()
        ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop the thread that `start` made: connections end, the engine stays."""
        thread, self._background = self._background, None
        if thread is not None and thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self.loop.call_soon_threadsafe(self.request_stop)
            thread.join()

    def _run_in_background(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self.run(ready.set))
        except BaseException as error:
            self._failure = error
        finally:
            ready.set()

    # On the loop

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until `request_stop`; calls `ready` once connections are accepted."""
        self.loop = asyncio.get_running_loop()
        self.thread = threading.get_ident()
        self._stopping = asyncio.Event()
        self.gate = Gate(self.engine, self.loop, self.worker)
        listeners = await self._listen()
        self.engine.shutdown_hooks.append(self._shut_down)
        ticking = self.loop.create_task(self._tick())
        ready()
        try:
            await self._stopping.wait()
        finally:
            self.engine.shutdown_hooks.remove(self._shut_down)
            ticking.cancel()
            await self._close(listeners)

    def request_stop(self) -> None:
        """Let `run` return; call it on the loop's thread."""
        self._stopping.set()

    def leave(self, client: Client) -> None:
        """Take a client whose connection is gone out of the engine, as soon as that is free."""
        self._leaving.append(client)
        self._dismiss()

    def _dismiss(self) -> None:
        if self._leaving and self.gate.enter():
            try:
                while self._leaving:
                    self._leaving.pop().close()
            finally:
                self.gate.leave()

    def _shut_down(self) -> None:
        """SHUTDOWN was called, on whatever thread."""
        self.loop.call_soon_threadsafe(self.request_stop)

    async def _listen(self) -> list[asyncio.Server]:
        def connection() -> Connection:
            return Connection(self)

        listeners = []
        try:
            if self.unix_socket is not None:
                _remove_stale(self.unix_socket)
                listeners.append(
                    await self.loop.create_unix_server(
                        connection, str(self.unix_socket), backlog=_BACKLOG
                    )
                )
            listeners.append(
                await self.loop.create_server(connection, self.host, self.port, backlog=_BACKLOG)
            )
        except BaseException:
            for listener in listeners:
                listener.close()
            raise
        self.port = _port_of(listeners[-1].sockets[0])
        self.engine.config.put(b"port", b"%d" % self.port)
        return listeners

    async def _close(self, listeners: list[asyncio.Server]) -> None:
        for listener in listeners:
            listener.close()
        if self.unix_socket is not None:
            self.unix_socket.unlink(missing_ok=True)
        for connection in list(self.connections):
            connection.hang_up()
        # One turn of the loop, so that what can be sent is sent.
        await asyncio.sleep(0)
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)
        self._dismiss()

    async def _tick(self) -> None:
        """Ten times a second: expire keys, end the connections that are to end."""
        while True:
            await asyncio.sleep(_TICK)
            try:
                self._dismiss()
                self._expire_keys()
                self._end_connections()
            except Exception:
                _log.exception("internal error in the server's regular work")

    def _expire_keys(self) -> None:
        if not self.gate.enter():
            return
        try:
            with self.engine.keyspace.unit():
                for database in self.engine.keyspace.databases:
                    if database.expires:
                        database.sweep(_SWEEP)
        finally:
            self.gate.leave()

    def _end_connections(self) -> None:
        """End the connections that CLIENT KILL named, and those idle for too long."""
        timeout = self.engine.config.integer(b"timeout")
        now = self.loop.time()
        for connection in list(self.connections):
            if connection.client.closing or (timeout and connection.idle_since(now) > timeout):
                connection.hang_up()


def _remove_stale(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()


def _port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port
