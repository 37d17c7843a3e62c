"""A thread for scripts that its owner can abandon.

The notebook's kernel and the RESP server run scripts here, so that their own threads stay
free. Whatever looks for interrupts (see `interrupts`) is stopped by them. A script that is stuck
inside a single C call (a pathological pattern) cannot be: its thread is left behind, its writes
are undone, and a new thread with a new Lua state goes on with the same keyspace, libraries and
script cache.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.alarm import ALARM
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.memory.guard import GUARD
from redislua_kernel.engine.scripting.abandoning import runtime_inside

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["Worker"]

#: Recursion inside Lua's C library is limited to less than the usual 8 MB have; not all systems
#: give a thread as much.
STACK_SIZE = 16 * 1024 * 1024

#: How long a script may take to obey an interrupt before its thread is abandoned, in seconds.
GRACE = 0.5

#: The time between two steps of tidying up, in seconds.
_PAUSE = 0.004


class _Job:
    """One function to run, and the future of its result."""

    __slots__ = ("__weakref__", "function", "future")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.future: Future[Any] = Future()


#: What is yet to do; None: nothing more.
Jobs: TypeAlias = "SimpleQueue[_Job | None]"


class Worker:
    """Runs functions one after another on a thread of its own."""

    def __init__(self, engine: Engine, grace: float = GRACE) -> None:
        self.engine = engine
        self.grace = grace
        #: Called after a thread was abandoned, before its job's future tells of it.
        self.abandoned: list[Callable[[], None]] = []
        self._guard = threading.Lock()
        ALARM.prepare()
        self._use(*self._new_thread())
        GUARD.watch_worker(self)

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        """Run a function on the worker's thread; give the future of its result."""
        job = _Job(function)
        with self._guard:
            self._jobs.put(job)
        return job.future

    @property
    def job(self) -> object | None:
        """What runs now, as something to tell it from others."""
        return self._current

    def interrupt(self, reason: str = "") -> None:
        """Stop what runs and undo its unit's writes; from any thread, at once.

        Its future then raises `Interrupted`. A script that does not obey within the grace is
        abandoned together with its thread.
        """
        with self._guard:
            job = self._current
            if job is not None:
                interrupts.ask(self.ident, reason)
                self._watch(job)

    def insist(self) -> None:
        """Give a script that was told to stop the grace to do so, then abandon it."""
        job = self._current
        if job is not None:
            self._watch(job)

    def close(self) -> None:
        """End the thread once it has done what was submitted."""
        with self._guard:
            self._jobs.put(None)

    def _use(self, thread: threading.Thread, jobs: Jobs) -> None:
        """Go on with a thread that waits for jobs."""
        self._thread, self._jobs = thread, jobs
        self._current: _Job | None = None

    def _new_thread(self) -> tuple[threading.Thread, Jobs]:
        """Give a thread that waits for jobs. Raises MemoryError if there is no room for one."""
        jobs: Jobs = SimpleQueue()
        usual = threading.stack_size()
        for size in (STACK_SIZE, usual):
            thread = threading.Thread(
                target=self._work, args=(jobs,), name="redislua-scripts", daemon=True
            )
            threading.stack_size(size)
            try:
                thread.start()
            except RuntimeError:  # so much of the address space is not left
                continue
            finally:
                threading.stack_size(usual)
            return thread, jobs
        raise MemoryError("there is no room for another thread")

    @property
    def ident(self) -> int:
        """The thread's number."""
        return self._thread.ident or 0

    def _work(self, jobs: Jobs) -> None:
        while (job := self._next(jobs)) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            self._current = job
            try:
                result = job.function()
            except BaseException as error:
                self._finish()
                job.future.set_exception(error)
            else:
                self._finish()
                job.future.set_result(result)
            del job

    def _next(self, jobs: Jobs) -> _Job | None:
        """Wait for what is to do next; tidy up meanwhile, and leave others most of the time."""
        while self.engine.tidy():
            with suppress(Empty):
                return jobs.get(timeout=_PAUSE)
        return jobs.get()

    def _finish(self) -> None:
        with self._guard:  # an interrupt of this job is none of the next
            self._current = None
            interrupts.forget()

    def _watch(self, job: _Job) -> None:
        ALARM.call_later(self.grace, partial(self._abandon_if_stuck, job))

    def _abandon_if_stuck(self, job: _Job) -> None:
        with self._guard:
            if self._current is not job or job.future.done():
                return
            thread, waiting = self._thread, self._jobs
            stuck = runtime_inside(self.ident)
            if stuck is None:  # in a command of ours, or between two: it will look
                self._watch(job)
                return
            try:
                fresh, jobs = self._new_thread()
            except MemoryError:  # later there may be room
                self._watch(job)
                return
            if not stuck.abandon(self.ident):
                jobs.put(None)
                self._watch(job)
                return
            reason = interrupts.forget(self.ident)
            undone = self.engine.abandon(stuck)
            self._use(fresh, jobs)
            for told in self.abandoned:
                told()
            while not waiting.empty():
                self._jobs.put(waiting.get())
        _demote(thread)
        job.future.set_exception(Interrupted(undone, reason=reason, was_abandoned=True))


def _demote(thread: threading.Thread) -> None:
    """Leave a thread only the processor time that nobody else wants, where the system can."""
    if sys.platform == "linux" and thread.native_id is not None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread.native_id, 19)
