"""The server: listens, keeps the connections, expires keys, ends in an orderly way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.log_levels import WARNING
from redislua_kernel.engine.worker import Worker
from redislua_kernel.server.connection import Connection
from redislua_kernel.server.eviction import Eviction
from redislua_kernel.server.gate import Gate
from redislua_kernel.server.limits import Limits
from redislua_kernel.server.postponed import Postponed
from redislua_kernel.server.routes import quick_names
from redislua_kernel.server.sockets import allow_open_files, listen_on, listen_there, remove_stale

__all__ = ["Server"]

_log = logging.getLogger(__name__)

_BACKLOG = 511
_TICK = 0.1
#: CONFIG SET bind takes no more addresses.
_MOST_ADDRESSES = 16
#: How long `stop` waits for the engine, which a script may have, in seconds.
_STOP_WAIT = 1.0
#: Volatile keys to look at per database and tick.
_SWEEP = 200
#: How many steps of tidying up the data go with one look: some milliseconds' work.
_TIDYING = 4


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
        #: The names of commands that never leave the loop's thread.
        self.quick = quick_names(engine.commands)
        self.limits = Limits(engine.config)
        self.gate: Gate
        self.postponed: Postponed
        self.eviction = Eviction(self)
        #: On the port, and on the Unix socket.
        self._listeners: list[asyncio.Server] = []
        #: Sockets of which it is about to take connections.
        self._arriving: list[socket.socket] = []
        self._unix_listener: asyncio.Server | None = None
        #: The family and the address of each socket on the port.
        self._addresses: list[tuple[int, tuple[Any, ...]]] = []
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
        # The caller may hold the engine, so that the loop could not let them go.
        if self._leaving and self.engine.lock.acquire(timeout=_STOP_WAIT):
            try:
                self._let_go()
            finally:
                self.engine.lock.release()

    @property
    def is_running(self) -> bool:
        """Tell whether it serves on the thread that `start` made."""
        return self._background is not None and self._background.is_alive()

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
        self.postponed = Postponed(self.engine, self.loop)
        await self._listen()
        self._attach()
        ticking = self.loop.create_task(self._tick())
        ready()
        try:
            await self._stopping.wait()
        finally:
            self._detach()
            ticking.cancel()
            await self._close()

    def _attach(self) -> None:
        """Let the engine tell of what concerns the server, on whatever thread."""
        engine, config = self.engine, self.engine.config
        engine.shutdown_hooks.append(self._shut_down)
        engine.pause.listeners.append(self.postponed.changed)
        config.listeners.append(self._change_limits)
        config.put(b"port", b"%d" % self.port)
        config.put(b"bind", self.host.encode())
        config.appliers |= {
            b"port": self._change_port,
            b"bind": self._change_addresses,
            b"maxclients": _allow_clients,
        }
        asked = config.integer(b"maxclients")
        allowed = allow_open_files(asked)
        if allowed < asked:
            config.put(b"maxclients", b"%d" % allowed)
            engine.log(WARNING, b"maxclients is %d: the system allows no more" % allowed)

    def _detach(self) -> None:
        engine, config = self.engine, self.engine.config
        for name in (b"port", b"bind", b"maxclients"):
            config.appliers.pop(name, None)
        config.listeners.remove(self._change_limits)
        engine.pause.listeners.remove(self.postponed.changed)
        engine.shutdown_hooks.remove(self._shut_down)

    def _change_limits(self) -> None:
        self.limits.read()
        self.loop.call_soon_threadsafe(self.eviction.look_at_all)

    def request_stop(self) -> None:
        """Let `run` return; call it on the loop's thread."""
        self._stopping.set()

    def forget(self, connection: Connection) -> None:
        """Leave a connection that is lost out of everything."""
        self.connections.discard(connection)
        self.gate.waiting.pop(connection, None)
        self.postponed.remove(connection)
        self.eviction.forget(connection)

    def leave(self, client: Client) -> None:
        """Take a client whose connection is gone out of the engine, as soon as that is free."""
        self._leaving.append(client)
        self._dismiss()

    def _dismiss(self) -> None:
        if self._leaving and self.gate.enter():
            try:
                self._let_go()
            finally:
                self.gate.leave()

    def _let_go(self) -> None:
        while self._leaving:
            self._leaving.pop().close()

    def _shut_down(self) -> None:
        """SHUTDOWN was called, on whatever thread."""
        self.loop.call_soon_threadsafe(self.request_stop)

    async def _listen(self) -> None:
        if self.unix_socket is not None:
            remove_stale(self.unix_socket)
            self._unix_listener = await self.loop.create_unix_server(
                self._connection, str(self.unix_socket), backlog=_BACKLOG
            )
        try:
            listener = await self.loop.create_server(
                self._connection, self.host, self.port, backlog=_BACKLOG
            )
        except BaseException:
            self._close_listeners()
            raise
        self._listeners = [listener]
        self._addresses = [(one.family, one.getsockname()) for one in listener.sockets]
        self.port = self._addresses[0][1][1]

    def _connection(self) -> Connection:
        return Connection(self)

    def _change_port(self, value: bytes) -> None:
        """CONFIG SET port was called, on whatever thread: listen there, or refuse."""
        try:
            if value == b"0":
                raise OSError("the server does not go without a port")
            sockets = [listen_there(*address, int(value), _BACKLOG) for address in self._addresses]
        except OSError as error:
            self.engine.log(WARNING, f"Could not listen: {error}".encode())
            raise CommandError("Unable to listen on this port. Check server logs.") from None
        self.port = int(value)
        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(self._move_to(sockets)))

    def _change_addresses(self, value: bytes) -> None:
        """CONFIG SET bind was called, on whatever thread: listen there, or stay and refuse."""
        words = value.decode("latin-1").split()
        if len(words) > _MOST_ADDRESSES:
            raise CommandError("Too many bind addresses specified.")
        if threading.get_ident() == self.thread:
            self._listen_on(words)
        else:
            asyncio.run_coroutine_threadsafe(self._listen_on_soon(words), self.loop).result()

    async def _listen_on_soon(self, words: list[str]) -> None:
        self._listen_on(words)

    def _listen_on(self, words: list[str]) -> None:
        # An address is free only when nothing listens there any more, under whatever name.
        for listener in self._listeners:
            listener.close()
        for arriving in self._arriving:
            arriving.close()
        self._listeners = []
        sockets: list[socket.socket | None] = []
        try:
            for word in words:
                sockets.append(listen_on(word, self.port, _BACKLOG))
        except (OSError, UnicodeError) as error:
            self.engine.log(WARNING, f"Could not listen: {error}".encode())
            for opened in filter(None, sockets):
                opened.close()
            sockets[:] = [listen_there(*each, self.port, _BACKLOG) for each in self._addresses]
            raise CommandError("Failed to bind to specified addresses.") from None
        finally:
            self._arriving = [one for one in sockets if one is not None]
            self._addresses = [(one.family, one.getsockname()) for one in self._arriving]
            self.loop.create_task(self._move_to(self._arriving))

    async def _move_to(self, sockets: list[socket.socket]) -> None:
        """Take connections from these sockets, and no longer from those before."""
        former = self._listeners
        self._listeners = [
            await self.loop.create_server(self._connection, sock=one, backlog=_BACKLOG)
            for one in sockets
            if one.fileno() >= 0  # not closed by the next change
        ]
        for listener in former:
            listener.close()

    def _close_listeners(self) -> None:
        for listener in (*self._listeners, self._unix_listener):
            if listener is not None:
                listener.close()

    async def _close(self) -> None:
        self._close_listeners()
        if self.unix_socket is not None:
            self.unix_socket.unlink(missing_ok=True)
        for connection in list(self.connections):
            connection.close()
        # One turn of the loop, so that what can be sent is sent.
        await asyncio.sleep(0)
        for connection in list(self.connections):
            connection.hang_up()
        await asyncio.sleep(0)
        self._dismiss()

    async def _tick(self) -> None:
        """Ten times a second: expire and evict keys, end the connections that are to end."""
        while True:
            await asyncio.sleep(_TICK)
            begun = self.loop.time()
            try:
                self._dismiss()
                if self.gate.enter():
                    try:
                        self._tidy_keys()
                        self._sample()
                    finally:
                        self.gate.leave()
                self._look_after_connections()
            except Exception:
                _log.exception("internal error in the server's regular work")
            seconds = self.loop.time() - begun
            self.engine.loop_counts.add(seconds)
            self.engine.loop_counts.regular_seconds += seconds

    def _tidy_keys(self) -> None:
        if self.engine.pause.is_on():
            return
        with self.engine.keyspace.unit():
            began = self.loop.time()
            for database in self.engine.keyspace.databases:
                if database.expires:
                    database.sweep(_SWEEP)
            self.engine.latency.note(b"expire-cycle", self.loop.time() - began)
            self.engine.eviction.make_room()
        for _ in range(_TIDYING):
            if not self.engine.tidy():
                break

    def _sample(self) -> None:
        engine, connections = self.engine, self.engine.connections
        engine.loop_counts.sample(
            self.loop.time(),
            engine.statistics.commands_processed,
            connections.bytes_received,
            connections.bytes_sent,
        )

    def _look_after_connections(self) -> None:
        now = self.loop.time()
        for connection in list(self.connections):
            connection.look_after(now)
        if self.limits.memory:
            self.eviction.look_at_all()


def _allow_clients(value: bytes) -> None:
    """CONFIG SET maxclients was called: the system must allow as many open sockets."""
    allowed = allow_open_files(int(value))
    if allowed < int(value):
        raise CommandError(
            "The operating system is not able to handle the specified number of clients, "
            f"try with {allowed}"
        )
