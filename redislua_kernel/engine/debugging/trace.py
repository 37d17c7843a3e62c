"""A record of what scripts call: each command with its reply, its line and its time."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from redislua_kernel.engine.scripting.calls.guards import texts_of
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.debugging.source import Source
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.program import Program

__all__ = ["CallTrace", "TracedCall"]

#: The types of words that are no objects of Lua's.
_PLAIN = {bytes, int, float}


class TracedCall(NamedTuple):
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
        #: What becomes `TracedCall`s once somebody asks: their making takes longer than a call.
        self._noted: list[tuple[Sequence[Any], Reply, int, Source | None, int, int]] = []
        #: How many more there were.
        self.left_out = 0
        #: What the commands of all calls took together.
        self.total = 0
        self._start = perf_counter_ns()
        #: What runs, and its code.
        self._program: Program | None = None
        self._source: Source | None = None

    @property
    def calls(self) -> list[TracedCall]:
        """The calls, in their order."""
        start = self._start
        return [
            TracedCall(texts_of(words), reply, line, source, began - start, took)
            for words, reply, line, source, began, took in self._noted
        ]

    def __enter__(self) -> CallTrace:
        self._scripting.watchers.record_calls(self._record)
        return self

    def __exit__(self, *error: object) -> None:
        self._scripting.watchers.stop_recording(self._record)

    def _record(self, words: Sequence[Any], reply: Reply, line: int, began: int, took: int) -> None:
        self.total += took
        if self.left_out or len(self._noted) == self._most:
            self.left_out += 1
            return
        scripting = self._scripting
        running = scripting.running
        if running is None:
            self._program = self._source = None
        elif running.program is not self._program:
            self._program, self._source = running.program, scripting.running_source
        if not _PLAIN.issuperset(map(type, words)):
            # What is Lua's must not outlive the coroutine that has called: freed later, it crashes.
            words = texts_of(words)
        self._noted.append((words, reply, line, self._source, began, took))
