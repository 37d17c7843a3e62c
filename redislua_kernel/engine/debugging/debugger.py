"""The debugger of one engine: decides where scripts and functions stop, and asks a front there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.debugging.breakpoints import BadHitCondition, Breakpoint
from redislua_kernel.engine.debugging.front import Front
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import EvaluationError, Frame, Reason, Stop
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.runtime import Runtime
    from redislua_kernel.engine.scripting.watching import Watchers

__all__ = ["Debugger"]

#: So much of a value that is no string is logged at least.
_LOGGED = 10_000
_BRACES = re.compile(r"\{([^{}]*)\}")


class Debugger:
    """Watches what an engine's scripting runs for a front, as long as it is attached.

    Breakpoints belong to a body: that of a script, or of a library. They may be set from any
    thread, also while it runs.
    """

    def __init__(self, scripting: Scripting, front: Front) -> None:
        self.scripting = scripting
        self.front = front
        self.source: Source | None = None
        self._breakpoints: dict[bytes, dict[int, Breakpoint]] = {}
        #: Breakpoints have changed since Lua was told of them.
        self._changed = False

    def attach(self) -> None:
        """Begin to watch."""
        self.scripting.watchers.attach(self)

    def detach(self) -> None:
        """Watch no more. On the thread of the scripts, or while none runs."""
        self.scripting.watchers.detach()

    def set_breakpoints(self, code: bytes, breakpoints: Iterable[Breakpoint]) -> None:
        """Set the breakpoints of a body, in place of those it had."""
        self._breakpoints[code] = {each.line: each for each in breakpoints}
        self._changed = True

    def breakpoints(self, code: bytes) -> list[Breakpoint]:
        """Give the breakpoints of a body, in the order in which they were set."""
        return list(self._breakpoints.get(code, {}).values())

    # Called by `Watchers`: see `LineWatcher`

    def listen(self, watchers: Watchers) -> None:
        """Be told of calls and replies."""
        watchers.watch_calls(self)

    def hush(self, watchers: Watchers) -> None:
        """Be told no more."""
        watchers.unwatch_calls(self)

    def enter(self, runtime: Runtime) -> None:
        """Set the hook in a Lua state."""
        runtime.debug_host = self
        runtime.sides.debugger.attach()

    def leave(self, runtime: Runtime) -> None:
        """Take it out again."""
        runtime.sides.debugger.detach()

    def begin(self, source: Source) -> None:
        """Prepare for what runs next."""
        self.source = source
        enters = self.front.begins(source)
        self.scripting.runtime.sides.debugger.begin(source.chunk, enters)
        self._tell_lines()

    def stand_in(self, enter: Any) -> Any:
        """Let it run as it is."""
        return enter

    def end(self) -> None:
        """Take note that what ran has ended."""
        self.source = None
        # Else a library that is loaded next would pass for what ran.
        self.scripting.runtime.sides.debugger.begin(b"", False)
        self.front.ended()

    # Called by Lua: see `LuaHost`

    def glance(self) -> bytes | None:
        """Tell now and then why to stop here, or None."""
        if self._changed:
            self._tell_lines()
        reason = self.front.glance()
        return reason and reason.value.encode()

    def visit(self, line: int, frames: Any) -> bool:
        """Tell whether to stop at a breakpoint with conditions, and log its message."""
        assert self.source is not None
        breakpoint = self._breakpoints.get(self.source.code, {}).get(line)
        if breakpoint is None:
            return False
        stop = self._stop(Reason.BREAKPOINT, line, frames)
        frame = stop.frames[0]
        try:
            if breakpoint.condition:
                value = stop.evaluate(breakpoint.condition.encode(), frame)
                if value is None or value is False:
                    return False
            if not breakpoint.counts():
                return False
        except (EvaluationError, BadHitCondition) as error:
            self.front.logged(line, f"breakpoint on line {line}: {error}")
            return False
        if breakpoint.message:
            self.front.logged(line, _fill(breakpoint.message, stop, frame))
            return False
        return True

    def stopped(self, reason: bytes, line: int, frames: Any) -> Any:
        """Ask the front how to go on."""
        resume = self.front.stopped(self._stop(Reason(reason.decode()), line, frames))
        self._tell_lines()
        return resume.step.value.encode(), resume.error

    def raised(self, scripting: Scripting, text: bytes, frames: Any) -> None:
        """Stop where an error was raised that nothing catches."""
        if self.source is not None and self.front.wants_errors():
            side = scripting.runtime.sides.debugger
            said = text.decode("utf-8", "replace")
            self.front.stopped(Stop.at_error(side, self.source, frames, said))

    def printed(self, line: int, text: bytes) -> None:
        """Hand on what redis.debug() was given."""
        self.front.printed(line, text)

    def complained(self, text: bytes) -> None:
        """Hand on why a function of the API has failed."""
        if self.source is not None:
            self.front.complained(text)

    # As a tracer

    def called(self, words: Sequence[bytes]) -> None:
        """Hand on a call."""
        self.front.called(words)

    def replied(self, reply: Reply) -> None:
        """Hand on a reply."""
        self.front.replied(reply)

    def failed(self, text: bytes, from_command: bool) -> None:
        """Hand on an error."""
        self.front.failed(text, from_command)

    def _stop(self, reason: Reason, line: int, frames: Any, text: str = "") -> Stop:
        assert self.source is not None
        side = self.scripting.runtime.sides.debugger
        return Stop(side, self.source, reason, line, frames, text)

    def _tell_lines(self) -> None:
        if self.source is None:
            return
        self._changed = False
        wishes = {
            line: True if each.is_plain else b"ask"
            for line, each in self._breakpoints.get(self.source.code, {}).items()
        }
        runtime = self.scripting.runtime
        runtime.sides.debugger.set_lines(runtime.table(wishes))


def _fill(message: str, stop: Stop, frame: Frame) -> str:
    """Evaluate what stands in braces in a message."""

    def value(found: re.Match[str]) -> str:
        try:
            result = stop.evaluate(found[1].encode(), frame)
        except EvaluationError as error:
            return f"<{error}>"
        text = result if isinstance(result, bytes) else stop.text_of(result, _LOGGED)
        return text.decode("utf-8", "replace")

    return _BRACES.sub(value, message)
