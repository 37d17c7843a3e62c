"""The way into the engine: one command or script at a time, and nobody blocks the loop.

The engine serves one at a time (`engine.lock`). A connection enters if the lock is free; if
a script holds it, on our worker or in the notebook that shares the engine, the connection
waits in a queue, or answers BUSY once the script is overdue, as the reference does.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle

    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.worker import Worker
    from redislua_kernel.server.connection import Connection

__all__ = ["Gate"]

#: What a job gives.
T = TypeVar("T")

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
        #: The job that was ended last because it was stuck.
        self._ended: object | None = None

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

    def _end_stuck_load(self) -> None:
        """End the loading of a library that is stuck: nobody else could."""
        job = self.worker.job
        if job is not self._ended and self.engine.scripting.is_stuck_in_load:
            self._ended = job
            self.worker.interrupt("ERR FUNCTION LOAD timeout")

    def wait(self, connection: Connection) -> None:
        """Let a connection work on when the engine is free, or its script overdue."""
        self.waiting[connection] = None
        self._watch()

    def start(self, function: Callable[[], T], done: Callable[[T | ResponseError], None]) -> None:
        """Run a job on the worker; `done` gets what it gives, or what stopped it."""

        def ended(outcome: T | ResponseError) -> None:
            self._working = False
            done(outcome)
            self._wake()

        self._working = True
        self.follow(self.worker.submit(function), ended)

    def follow(self, future: Future[T], done: Callable[[T | ResponseError], None]) -> None:
        """Give to `done`, on the loop's thread, what a job has given, or what stopped it."""
        future.add_done_callback(lambda ended: self._call_loop(done, self._outcome(ended)))

    def _outcome(self, future: Future[Any]) -> Any:
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, ResponseError):
            return error
        bug = error if isinstance(error, Exception) else RuntimeError(repr(error))
        return self.engine.report_bug(bug)

    def _call_loop(self, function: Callable[..., None], *args: object) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(function, *args)

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(_POLL, self._poll)

    def _poll(self) -> None:
        self._timer = None
        self._end_stuck_load()
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
