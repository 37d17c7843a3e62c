"""A record of what scripts call: each command with its reply, its line and its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.debugging.source import Source
    from redislua_kernel.engine.scripting import Scripting

__all__ = ["CallTrace", "TracedCall"]


@dataclass(frozen=True)
class TracedCall:
    """One `redis.call` or `redis.pcall`; times in nanoseconds, from the trace's beginning on."""

    words: Sequence[bytes]
    #: A ResponseError if it failed.
    reply: Reply
    #: The line of the source that called.
    line: int
    source: Source | None
    began: int
    took: int


class CallTrace:
    """Takes note of the calls of all scripts and functions meanwhile.

        with CallTrace(engine.scripting) as trace:
            engine.execute("EVAL", …)
        trace.calls

    Of very many calls, the first `most` are kept, and the others counted.
    """

    def __init__(self, scripting: Scripting, most: int = 10_000) -> None:
        self._scripting = scripting
        self._most = most
        self.calls: list[TracedCall] = []
        #: How many more there were.
        self.left_out = 0
        #: What the commands of all calls took together.
        self.total = 0
        self._start = self._began = perf_counter_ns()
        self._words: Sequence[bytes] = ()

    def __enter__(self) -> CallTrace:
        self._scripting.watch_calls(self)
        return self

    def __exit__(self, *error: object) -> None:
        self._scripting.unwatch_calls(self)

    def called(self, words: Sequence[bytes]) -> None:
        """Take note that a call begins."""
        self._words = words
        self._began = perf_counter_ns()

    def replied(self, reply: Reply) -> None:
        """Take note of its reply."""
        took = perf_counter_ns() - self._began
        self.total += took
        if len(self.calls) == self._most:
            self.left_out += 1
            return
        scripting = self._scripting
        line: int = scripting.runtime.lua_side.calling_line()
        began = self._began - self._start
        source = scripting.running_source
        self.calls.append(TracedCall(self._words, reply, line, source, began, took))

    def failed(self, text: bytes, from_command: bool) -> None:
        """Take note of its error."""
        self.replied(ResponseError.from_payload(text))
