"""The front of the engine's debugger that a client of the protocol sees.

The engine calls it on the thread that runs scripts. Where one has stopped it waits there, does
what other threads ask for, and is told by one of them how to go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from redislua_kernel.debugger.call_log import CallLog
from redislua_kernel.debugger.cell_breakpoints import CellBreakpoints
from redislua_kernel.debugger.host import Host
from redislua_kernel.debugger.pause import THREAD, Pause
from redislua_kernel.debugger.placement import Placed, Wish
from redislua_kernel.debugger.sources import Sources
from redislua_kernel.debugger.variables import References
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.engine.debugging.session import on_a_view
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Reason, Resume, Step, Stop
from redislua_kernel.engine.scripting import Running
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["NotStopped", "Panel"]

#: How often a stopped script looks whether it was interrupted, in seconds.
_POLL = 0.05

_REASONS = {
    Reason.STEP: "step",
    Reason.BREAKPOINT: "breakpoint",
    Reason.CALL: "breakpoint",
    Reason.TIMEOUT: "pause",
    Reason.PAUSE: "pause",
    Reason.ERROR: "exception",
}


class NotStopped(Exception):
    """Nothing has stopped."""

    def __init__(self) -> None:
        super().__init__("no script has stopped here")


class Panel:
    """One notebook's debugger, whether a client uses it or not."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.sources = Sources(host.read_cell)
        #: A client has attached, and not disconnected since.
        self.is_attached = False
        #: What the client calls types; see `sessions`.
        self.type_name: Callable[[str, Any], str] = lambda type, value: type
        self.breakpoints = CellBreakpoints(self.sources, self.send)
        #: Stop where an error is raised that nothing catches.
        self.stops_at_errors = False
        self.calls = CallLog()
        #: What a client may look into while nothing has stopped.
        self.idle = References(None)
        self._debugger: Debugger | None = None
        self._source: Source | None = None
        self._wants_pause = False
        self._wants_entry = False
        #: The stop that comes next is one at the first line.
        self._enters = False
        self._guard = threading.Lock()
        self._pause: Pause | None = None
        self._jobs: SimpleQueue[tuple[Callable[[Pause], Any], Future[Any]]] = SimpleQueue()
        #: What is being done for a client while something has stopped.
        self._asked: Future[Any] | None = None

    # For the kernel

    @contextmanager
    def cell(self, text: str) -> Iterator[None]:
        """Bracket the run of a cell, on the thread of the scripts."""
        self._settle()
        self.sources.begin(text)
        self.breakpoints.begin_cell()
        try:
            yield
        finally:
            self._wants_entry = False
            self.sources.end()

    def run_isolated(self, client: Client, words: Sequence[bytes]) -> Reply:
        """Run a command on a copy of the data, which is dropped; others go on with the data.

        For who holds the engine's lock, once.
        """
        former = self._debugger
        try:
            with on_a_view(client) as twin:
                scripting = twin.engine.scripting
                self._debugger = debugger = Debugger(scripting, self)
                with scripting.watchers.attached(debugger):
                    return twin.call(words)
        finally:
            self._debugger = former

    def stop_at_entry(self) -> None:
        """Stop at the first line of the script that this cell runs next."""
        self._wants_entry = True

    def go_on(self) -> None:
        """Let cells run again after the thread of what ran was abandoned; from another one."""
        self.sources.end()
        self._source, self._wants_entry, self._enters = None, False, False
        debugger = self.host.engine.scripting.watchers.debugger
        self._debugger = debugger if isinstance(debugger, Debugger) else None
        with self._guard:
            was_stopped, self._pause = self._pause is not None, None
            asked, self._asked = self._asked, None
        if asked is not None:
            asked.set_exception(NotStopped())
        if was_stopped:
            self.send("continued", threadId=THREAD, allThreadsContinued=True)

    # For requests, on any thread

    @property
    def is_stopped(self) -> bool:
        """Tell whether a script has stopped and waits."""
        return self._pause is not None

    @property
    def running(self) -> Running | None:
        """What runs now; to be looked at by the thread that runs it."""
        debugger = self._debugger
        scripting = self.host.engine.scripting if debugger is None else debugger.scripting
        return scripting.running

    @property
    def database(self) -> Database:
        """The database that what runs sees, or what runs next."""
        running = self.running
        return self.host.database if running is None else running.client.db

    def attach(self) -> None:
        """Begin to watch what runs, or what runs next."""
        self.is_attached = True
        self.host.engine.scripting.errand = self._join
        self.host.run(self._settle)

    def detach(self) -> None:
        """Watch no more, and forget all breakpoints; what has stopped goes on."""
        self.is_attached = self.stops_at_errors = self._wants_pause = False
        self.breakpoints.clear()
        self.host.run(self._settle)

    def ask(self, work: Callable[[Pause], Any]) -> Future[Any]:
        """Do something on the thread of the script that has stopped. Raises NotStopped."""
        future: Future[Any] = Future()
        with self._guard:
            if self._pause is None:
                raise NotStopped
            self._jobs.put((work, future))
        return future

    def pause_soon(self) -> None:
        """Stop what runs at its next line; if nothing does, what runs next at its first."""
        self._wants_pause = True

    def set_breakpoints(self, path: str, wishes: Sequence[Wish]) -> list[Placed]:
        """Set the breakpoints of a path, in place of those it had."""
        placed = self.breakpoints.set(path, wishes)
        running = self._source
        if running is not None and self._debugger is not None:
            self._use_breakpoints(self._debugger, running)
        return placed

    # As the engine's front, on the thread of the scripts

    def begins(self, source: Source) -> bool:
        """Give the engine the breakpoints of what begins to run."""
        if not self.is_attached:
            return False
        self._source = source
        self.calls.clear()
        if self._debugger is not None:
            self._use_breakpoints(self._debugger, source)
        self._enters, self._wants_entry = self._wants_entry, False
        return self._enters or self._wants_pause

    def ended(self) -> None:
        """Take note that nothing runs."""
        self._source = None

    def glance(self) -> Reason | None:
        """Stop if the client wants it."""
        return Reason.PAUSE if self._wants_pause else None

    def wants_errors(self) -> bool:
        """Stop at errors if the client wants it; an interrupt is none."""
        return self.stops_at_errors and not self._must_go_on()

    def stopped(self, stop: Stop) -> Resume:
        """Wait for the client, and do what it asks for."""
        if self._must_go_on():
            return Resume(Step.RUN)
        pause = Pause(stop, References(stop, self.type_name), self._name_of(stop.source))
        event = self._describe(stop)
        self._wants_pause = self._enters = False
        with self._guard:
            self._pause = pause
        try:
            self.send("stopped", **event)
            while pause.resume is None and not self._must_go_on():
                try:
                    work, future = self._jobs.get(timeout=_POLL)
                except Empty:
                    continue
                self._asked = future
                _do(work, pause, future)
                self._asked = None
        finally:
            with self._guard:
                self._pause = None
                while not self._jobs.empty():
                    _, future = self._jobs.get()
                    if future.set_running_or_notify_cancel():
                        future.set_exception(NotStopped())
            self.send("continued", threadId=THREAD, allThreadsContinued=True)
        return pause.resume or Resume(Step.RUN)

    def printed(self, line: int, text: bytes) -> None:
        """Show what redis.debug() was given."""
        self._show(line, text.decode("utf-8", "replace"))

    def logged(self, line: int, text: str) -> None:
        """Show a breakpoint's message."""
        self._show(line, text)

    def called(self, words: Sequence[bytes]) -> None:
        """Keep a call; what a client evaluates is not the script's."""
        if self._pause is None:
            self.calls.begin(words)

    def replied(self, reply: Reply) -> None:
        """Keep its reply."""
        if self._pause is None:
            self.calls.end(reply)

    def complained(self, text: bytes) -> None:
        """Take note of nothing: the script sees to it."""

    def failed(self, text: bytes, from_command: bool) -> None:
        """Keep its error."""
        self.replied(ResponseError(text.decode("utf-8", "replace")))

    # Inside

    def send(self, name: str, **body: Any) -> None:
        """Tell the client of an event."""
        self.host.send_event({"type": "event", "event": name, "body": body})

    def _settle(self) -> None:
        """Attach to the engine's scripting, or detach; it may have another one by now."""
        engine = self.host.engine
        with engine.lock:
            debugger = engine.scripting.watchers.debugger
            if self.is_attached and debugger is None:
                self._debugger = Debugger(engine.scripting, self)
                self._debugger.attach()
            elif self._debugger is not None and self._debugger is debugger and not self.is_attached:
                self._debugger.detach()
                self._debugger = None

    def _join(self) -> None:
        """Attach to the script that runs, on its thread."""
        scripting = self.host.engine.scripting
        if self.is_attached and scripting.watchers.debugger is None:
            self._debugger = Debugger(scripting, self)
            scripting.watchers.attach_to_running(self._debugger)

    def _use_breakpoints(self, debugger: Debugger, source: Source) -> None:
        points = self.breakpoints.of(source)
        if points or debugger.breakpoints(source.code):
            debugger.set_breakpoints(source.code, points)

    def _must_go_on(self) -> bool:
        """Tell whether to wait no longer: interrupted, killed, or the client is gone."""
        running = self.running
        return not self.is_attached or (running is not None and running.is_stopping)

    def _describe(self, stop: Stop) -> dict[str, Any]:
        reason = _REASONS[stop.reason]
        if stop.reason is Reason.STEP and self._enters:
            reason = "entry"
        elif stop.reason is Reason.STEP and self._wants_pause:
            reason = "pause"
        event: dict[str, Any] = {"reason": reason, "threadId": THREAD, "allThreadsStopped": True}
        if stop.reason is Reason.CALL:
            event["description"] = "redis.breakpoint()"
        elif stop.reason is Reason.ERROR:
            event |= {"description": "Paused on an error", "text": stop.text}
        elif stop.reason is Reason.BREAKPOINT:
            event["hitBreakpointIds"] = self.breakpoints.hit(stop)
        return event

    def _name_of(self, source: Source) -> str:
        return source.name.decode("utf-8", "replace") if source.is_function else "script"

    def _show(self, line: int, text: str) -> None:
        self.host.write(f"{text}\n")
        event: dict[str, Any] = {"category": "stdout", "output": f"{text}\n"}
        source = None if self._source is None else self.sources.of_code(self._source.code)
        if source is not None:
            event |= {"line": line + source.offset, "source": {"path": source.path}}
        self.send("output", **event)


def _do(work: Callable[[Pause], Any], pause: Pause, future: Future[Any]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(work(pause))
        except BaseException as error:
            future.set_exception(error)
            if not isinstance(error, Exception):
                raise
