"""The way into the engine: one command or script at a time, and nobody blocks the loop.

The engine serves one at a time (`engine.lock`). A connection enters if the lock is free; if
a script holds it, on our worker or in the notebook that shares the engine, the connection
waits in a queue, or answers BUSY once the script is overdue, as the reference does.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle

    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.worker import Worker
    from redislua_kernel.server.connection import Connection

__all__ = ["Gate"]

#: Takes the replies of a job, or the error that stopped it.
Done = Callable[[bytes | ResponseError], None]

#: How often to look whether the engine is free again or its script overdue, in seconds.
_POLL = 0.005


class Gate:
    """Lets commands of many connections into one engine, in the order in which they came."""

    def __init__(self, engine: Engine, loop: AbstractEventLoop, worker: Worker) -> None:
        self.engine = engine
        self.loop = loop
        self.worker = worker
        #: Connections whose next command waits, the first come first.
        self.waiting: dict[Connection, None] = {}
        #: Whether our worker has a job: it must find the lock free.
        self._working = False
        self._timer: TimerHandle | None = None

    def enter(self) -> bool:
        """Take the engine for the loop's thread if nobody has it; then `leave` gives it back."""
        return not self._working and self.engine.lock.acquire(blocking=False)

    def leave(self) -> None:
        """Give the engine back."""
        self.engine.lock.release()

    def overdue(self) -> bool:
        """Tell whether a script has run longer than busy-reply-threshold, and still may."""
        return self.engine.scripting.is_overdue

    def see_to_it(self) -> None:
        """See to it that a script that was killed ends, even if it does not listen."""
        running = self.engine.scripting.running
        if running is not None and running.is_stopping:
            self.worker.insist()

    def wait(self, connection: Connection) -> None:
        """Let a connection work on when the engine is free, or its script overdue."""
        self.waiting[connection] = None
        self._watch()

    def start(
        self, function: Callable[[], bytes], done: Callable[[bytes | ResponseError], None]
    ) -> None:
        """Run commands on the worker; `done` gets their replies, or what stopped them."""
        self._working = True
        future = self.worker.submit(function)
        future.add_done_callback(lambda ended: self._call_loop(self._ended, ended, done))

    def _ended(self, future: Future[bytes], done: Done) -> None:
        self._working = False
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, ResponseError):
            done(error)
        else:
            bug = error if isinstance(error, Exception) else RuntimeError(repr(error))
            done(self.engine.report_bug(bug))
        self._wake()

    def _call_loop(self, function: Callable[..., None], *args: object) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(function, *args)

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(_POLL, self._poll)

    def _poll(self) -> None:
        self._timer = None
        self._wake()

    def _wake(self) -> None:
        """Let those who wait work, in their order, until one of them takes the worker."""
        overdue = self.overdue()
        for _ in range(len(self.waiting)):
            if not self.waiting or (self._working and not overdue):
                break
            connection = next(iter(self.waiting))
            del self.waiting[connection]
            connection.work()
        if self.waiting:
            self._watch()
