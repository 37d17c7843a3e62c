"""A thread that looks now and then how much memory there is, while scripts and cells run.

What scripts hold in Lua is seen there (see `scripting.lua_memory`). This one sees what the process
takes with all else, and interrupts whatever runs when that is more than it may. Before that, and
after it, the system gets back what is free: else who comes next would be stopped for memory that
nobody uses.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.memory.limits import MemoryLimits
from redislua_kernel.engine.memory.machine import (
    address_space,
    address_space_limit,
    give_back_free_memory,
    resident_memory,
)

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.worker import Worker

__all__ = ["GUARD", "MemoryGuard"]

#: How long it waits before it looks again, in seconds: while something runs, and otherwise.
_SOON, _SELDOM = 0.02, 0.25

#: A job that adds less than this share of the limit is not the one to be stopped: it may well be
#: the one that makes room.
_SHARE = 128


class MemoryGuard:
    """Looks after the engines and the workers of this process."""

    def __init__(self) -> None:
        self._engines: WeakSet[Engine] = WeakSet()
        self._workers: WeakSet[Worker] = WeakSet()
        #: How large the process was when this one saw a job for the first time, and when it began.
        self._sizes: WeakKeyDictionary[object, tuple[float, int]] = WeakKeyDictionary()
        #: Somebody was stopped, who has left memory that is to be given back.
        self._has_stopped = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, engine: Engine) -> None:
        """Look after an engine from now on, which must be whole."""
        with self._lock:
            self._engines.add(engine)
            if self._thread is None:
                interrupts.watch_room(self.look_before)
                work = self._work
                self._thread = threading.Thread(target=work, name="redislua-memory", daemon=True)
                self._thread.start()

    def watch_worker(self, worker: Worker) -> None:
        """Look after what a worker does from now on."""
        with self._lock:
            self._workers.add(worker)

    def _work(self) -> None:
        while True:
            time.sleep(_SOON if self.look() else _SELDOM)

    def look_before(self, size: int) -> None:
        """Ask the calling thread to stop if what it runs may not take so many bytes more."""
        thread = threading.get_ident()
        with self._lock:
            engines, workers = [*self._engines], [*self._workers]
        for worker in workers:
            if worker.ident == thread and worker.job is not None:
                if self._is_too_much(size, worker.engine.limits):
                    worker.interrupt(worker.engine.limits.process_text)
                return
        for engine in engines:
            running = engine.scripting.running
            if running is not None and running.thread == thread:
                if self._is_too_much(size, engine.limits):
                    interrupts.ask(thread, engine.limits.process_text)
                return

    def look(self) -> bool:
        """Do what is to be done; tell whether anything runs."""
        with self._lock:
            engines, workers = [*self._engines], [*self._workers]
        size = resident_memory()
        threads = set()
        for worker in workers:
            job = worker.job
            if job is not None:
                threads.add(worker.ident)
                if self._is_too_large(size, worker.engine.limits, job):
                    worker.interrupt(worker.engine.limits.process_text)
        for engine in engines:
            running = engine.scripting.running
            if running is None:
                continue
            limits, began = engine.limits, running.client.started
            if running.thread not in threads and self._is_too_large(size, limits, running, began):
                interrupts.ask(running.thread, limits.process_text)
            threads.add(running.thread)
        if self._has_stopped and not threads:
            self._has_stopped = False
            give_back_free_memory()
        return bool(threads)

    def _is_too_large(
        self, size: int, limits: MemoryLimits, job: object, began: float = 0.0
    ) -> bool:
        """Tell whether a job is to be stopped because of it; that is done once."""
        known, before = self._sizes.get(job, (-1.0, 0))
        if known != began:
            self._sizes[job] = began, size
            return False
        least = before + limits.process_memory // _SHARE
        if not self._is_too_much(0, limits, least):
            return False
        self._sizes[job] = began, sys.maxsize
        return True

    def _is_too_much(self, size: int, limits: MemoryLimits, least: int = 0) -> bool:
        """Tell whether a process that has given back what is free may not take so much more."""
        if not _is_over(resident_memory() + size, least, limits):
            return False
        give_back_free_memory()
        if not _is_over(resident_memory() + size, least, limits):
            return False
        self._has_stopped = True
        return True


def _is_over(size: int, least: int, limits: MemoryLimits) -> bool:
    """Tell whether a process takes too much, or has nearly all of the address space it may."""
    if size < least:
        return False
    most_space = address_space_limit()
    is_wide = most_space is not None and address_space() > most_space // 8 * 7
    return is_wide or size > limits.process_memory


#: That of this process.
GUARD = MemoryGuard()
