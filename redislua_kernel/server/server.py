"""The server: listens, keeps the connections, expires keys, ends in an orderly way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.engine.worker import Worker
from redislua_kernel.server.connection import Connection
from redislua_kernel.server.eviction import Eviction
from redislua_kernel.server.gate import Gate
from redislua_kernel.server.limits import Limits
from redislua_kernel.server.listeners import Listeners
from redislua_kernel.server.postponed import Postponed
from redislua_kernel.server.routes import quick_names
from redislua_kernel.server.sockets import allow_open_files

__all__ = ["Server"]

_log = logging.getLogger(__name__)

_TICK = 0.1
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
        path = Path(unix_socket) if unix_socket else None
        self._listeners = Listeners(engine, lambda: Connection(self), host, port, path)
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
        self._leaving: list[Client] = []
        self._stopping: asyncio.Event
        self._background: threading.Thread | None = None
        self._failure: BaseException | None = None

    @property
    def port(self) -> int:
        """The port on which it listens, or will."""
        return self._listeners.port

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
        await self._listeners.open()
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
        engine, config, listeners = self.engine, self.engine.config, self._listeners
        engine.shutdown_hooks.append(self._shut_down)
        engine.pause.listeners.append(self.postponed.changed)
        config.listeners.append(self._change_limits)
        config.put(b"port", b"%d" % listeners.port)
        config.put(b"bind", listeners.host.encode())
        config.appliers |= {
            b"port": listeners.change_port,
            b"bind": listeners.change_addresses,
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

    async def _close(self) -> None:
        self._listeners.close()
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
