"""Who watches what scripts do: their lines, their calls, their errors, and what results lose.

The Lua state knows who they are. It may be followed by another, and a dialect's scripting by that
of another dialect: the watchers stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from redislua_kernel.engine.debugging.losses import LossWatcher
from redislua_kernel.engine.scripting.calls.guards import Recorder, Tracer
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.debugging.line_watcher import LineWatcher
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.program import Program

__all__ = ["Watchers"]

#: Called with the scripting, an error's text, and the frames of the stack it was raised on.
ErrorWatcher = Callable[["Scripting", bytes, Any], None]


class _State(NamedTuple):
    """Who watches lines, calls and errors."""

    debugger: LineWatcher | None
    tracers: list[Tracer]
    of_errors: list[ErrorWatcher]


class Watchers:
    """Those who watch what one `Scripting` runs."""

    def __init__(self, scripting: Scripting) -> None:
        self._scripting = scripting
        #: Whether somebody watches line by line, or is told what results lose.
        self.watch_runs = False
        self._debugger: LineWatcher | None = None
        #: That one watches but for a time; and who watches again afterwards.
        self._has_guest = False
        self._host: LineWatcher | None = None
        #: Who is told of each call of a command.
        self._tracers: list[Tracer] = []
        self._recorders: list[Recorder] = []
        self._of_errors: list[ErrorWatcher] = []
        self._of_losses: LossWatcher | None = None

    # Lines

    @property
    def debugger(self) -> LineWatcher | None:
        """Who watches what runs, line by line: a debugger, or a profile."""
        return self._debugger

    @debugger.setter
    def debugger(self, debugger: LineWatcher | None) -> None:
        self._debugger = debugger
        self.watch_runs = debugger is not None or self._of_losses is not None

    def attach(self, debugger: LineWatcher) -> None:
        """Let a debugger, or a profile, watch what runs from now on."""
        self.debugger = debugger
        debugger.listen(self)
        self.watch_errors(debugger.raised)

    def detach(self) -> None:
        """Let no debugger watch any more."""
        debugger = self.debugger
        if debugger is not None:
            self.debugger = None
            debugger.leave(self._scripting.runtime)
            self._of_errors.remove(debugger.raised)
            debugger.hush(self)

    @contextmanager
    def attached(self, guest: LineWatcher) -> Iterator[None]:
        """Let somebody watch meanwhile, in the place of who watches otherwise."""
        self._host, self._has_guest = self.debugger, True
        self.detach()
        self.attach(guest)
        try:
            yield
        finally:
            self.dismiss_guest()

    def dismiss_guest(self) -> None:
        """Let who watched before the one for a time, if there is one, watch again."""
        if self._has_guest:
            host, self._host, self._has_guest = self._host, None, False
            self.detach()
            if host is not None:
                self.attach(host)

    def attach_to_running(self, debugger: LineWatcher) -> None:
        """Attach, on the thread of a script, and in its midst."""
        running = self._scripting.running
        self.attach(debugger)
        if running is not None:
            self._begin_debugging(debugger, running.program)

    # Runs

    def stand_in(self, program: Program) -> Any:
        """Let those who watch begin; give what is put in the place of a program's entry."""
        if self._of_losses is not None:
            self._scripting.runtime.watch_results()
        debugger = self._debugger
        if debugger is None:
            return program.enter
        self._begin_debugging(debugger, program)
        return debugger.stand_in(program.enter)

    def _begin_debugging(self, debugger: LineWatcher, program: Program) -> None:
        self._scripting.runtime.is_unusual = True
        debugger.begin(self._scripting.code_of(program))

    def end(self) -> None:
        """Take note that what was debugged has ended."""
        if self._debugger is not None:
            self._debugger.end()

    # Calls, errors and losses

    def watch_calls(self, tracer: Tracer) -> None:
        """Tell somebody of each call of a script, and of its reply, from now on."""
        self._tracers.append(tracer)
        self.tell_state()

    def unwatch_calls(self, tracer: Tracer) -> None:
        """Tell this one nothing more."""
        self._tracers.remove(tracer)
        self.tell_state()

    def record_calls(self, recorder: Recorder) -> None:
        """Tell somebody of each call afterwards, from now on: that costs less."""
        self._recorders.append(recorder)
        self.tell_state()

    def stop_recording(self, recorder: Recorder) -> None:
        """Tell this one nothing more."""
        self._recorders.remove(recorder)
        self.tell_state()

    def watch_errors(self, watcher: ErrorWatcher) -> None:
        """Show somebody each error that nothing catches, with the stack it was raised on."""
        self._of_errors.append(watcher)
        self.tell_state()

    def note_raised(self, text: bytes, frames: Any) -> None:
        """Show an error to those who watch; called where it was raised."""
        for watcher in list(self._of_errors):
            watcher(self._scripting, text, frames)

    def watch_losses(self, watcher: LossWatcher | None) -> None:
        """Tell somebody what each result loses when it becomes a reply; None: nobody any more."""
        self._of_losses = self._scripting.runtime.loss_watcher = watcher
        self.watch_runs = watcher is not None or self._debugger is not None

    # All of them

    def state(self) -> _State:
        """Give who watches lines, calls and errors, to be brought back later."""
        return _State(self.debugger, self._tracers.copy(), self._of_errors.copy())

    def restore(self, state: _State) -> None:
        """Let those watch who did."""
        if state == self.state():
            return
        if self.debugger is not None and self.debugger is not state.debugger:
            self.debugger.leave(self._scripting.runtime)
        self.debugger, self._tracers = state.debugger, state.tracers.copy()
        self._of_errors = state.of_errors.copy()
        self.tell_state()

    def take(self, other: Watchers) -> None:
        """Be those who watch another scripting, in whose place this one steps."""
        self._of_losses = other._of_losses
        self.debugger = other.debugger
        self._tracers, self._recorders = other._tracers, other._recorders
        self._of_errors = other._of_errors
        if self.debugger is not None:
            self.debugger.scripting = self._scripting
        self.tell_state()

    def tell_state(self) -> None:
        """Tell the Lua state who watches."""
        runtime = self._scripting.runtime
        runtime.tracers, runtime.record = self._tracers, _to_all(self._recorders)
        runtime.loss_watcher = self._of_losses
        is_traced, is_recorded = bool(self._tracers), bool(self._recorders)
        conditions = self._scripting.engine.conditions
        conditions.be_traced(is_traced, afterwards=is_recorded and not is_traced)
        if not (is_traced or is_recorded or self._of_errors or runtime.sides.has_debugger):
            return
        runtime.sides.debugger.watch_errors(bool(self._of_errors))
        if self.debugger is not None:
            self.debugger.enter(runtime)


def _to_all(recorders: Sequence[Recorder]) -> Recorder | None:
    """Give what tells all of some recorders; None: there is none."""
    if len(recorders) < 2:
        return recorders[0] if recorders else None

    def record(words: Sequence[Any], reply: Reply, line: int, began: int, took: int) -> None:
        for each in recorders:
            each(words, reply, line, began, took)

    return record
