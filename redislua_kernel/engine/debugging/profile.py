"""Where the time of scripts and functions goes: hits and time by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.scripting.lines import lines_of_code
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["LineProfile", "Profile", "SourceProfile"]

#: With fewer samples than that, Lua's own time is shared out by hits.
_ENOUGH_SAMPLES = 50


class LineProfile(NamedTuple):
    """One line of a source, counted from 1; times in nanoseconds."""

    line: int
    #: How often it began to run; None: there is no code on it.
    hits: int | None
    #: How many commands it called, and what they took.
    calls: int
    in_commands: int
    #: What else it took.
    in_lua: int


class SourceProfile:
    """What was seen of one script, or of one library's functions."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.runs = 0
        #: What all runs took, in nanoseconds.
        self.total = 0
        self._has_code = lines_of_code(source.code)
        self._hits: Counter[int] = Counter()
        self._samples: Counter[int] = Counter()
        self.calls: Counter[int] = Counter()
        self.in_commands: Counter[int] = Counter()

    def empty(self) -> dict[int, int]:
        """Give the lines that have code, each with 0."""
        return dict.fromkeys(self._has_code, 0)

    def add(self, hits: dict[int, int], samples: dict[int, int], took: int) -> None:
        """Add what was counted in one run."""
        self.runs += 1
        self.total += took
        self._hits.update(hits)
        self._samples.update(samples)

    @property
    def lines(self) -> list[LineProfile]:
        """The lines, from the first to the last."""
        enough = self._samples.total() >= _ENOUGH_SAMPLES
        weights = self._samples if enough else self._hits
        weight = weights.total() or 1
        own = max(self.total - self.in_commands.total(), 0)
        return [
            LineProfile(
                line=line,
                hits=self._hits[line] if line in self._has_code else None,
                calls=self.calls[line],
                in_commands=self.in_commands[line],
                in_lua=own * weights[line] // weight,
            )
            for line in range(1, len(self.source.lines) + 1)
        ]


class Profile:
    """Takes the profile of what runs meanwhile.

        with Profile(engine.scripting) as profile:
            engine.execute("EVAL", …)
        profile.sources

    Hits are exact. The time in commands is measured; that in Lua is shared out among the lines
    by samples, and it is that of a run under the profiler, which is slower.
    """

    def __init__(self, scripting: Scripting) -> None:
        self.scripting = scripting
        self._by_code: dict[bytes, SourceProfile] = {}
        self._current: SourceProfile | None = None
        self._tables: tuple[Any, Any] = ({}, {})
        self._started = self._called = 0

    @property
    def sources(self) -> list[SourceProfile]:
        """What ran, in the order in which it ran first."""
        return list(self._by_code.values())

    def __enter__(self) -> Profile:
        self.scripting.attach(self)
        return self

    def __exit__(self, *error: object) -> None:
        self.scripting.detach()

    # As a watcher

    def enter(self, runtime: Runtime) -> None:
        """Set the hook that counts."""
        runtime.profiler.attach()

    def leave(self, runtime: Runtime) -> None:
        """Take it out again."""
        runtime.profiler.detach()

    def begin(self, source: Source) -> None:
        """Begin to count."""
        if source.code not in self._by_code:
            self._by_code[source.code] = SourceProfile(source)
        self._current = current = self._by_code[source.code]
        runtime = self.scripting.runtime
        self._tables = runtime.table(current.empty()), runtime.table(current.empty())
        runtime.profiler.begin(source.chunk, *self._tables)
        self._started = perf_counter_ns()

    def end(self) -> None:
        """Keep what was counted."""
        took = perf_counter_ns() - self._started
        current, self._current = self._current, None
        if current is not None:
            hits, samples = (dict(table.items()) for table in self._tables)
            current.add(hits, samples, took)

    def raised(self, scripting: Scripting, text: bytes, frames: Any) -> None:
        """Leave errors to others."""

    def called(self, words: Sequence[bytes]) -> None:
        """Begin to time a command."""
        self._called = perf_counter_ns()

    def replied(self, reply: Reply) -> None:
        """Keep what it took."""
        took = perf_counter_ns() - self._called
        if self._current is not None:
            line = self.scripting.runtime.calling_line
            self._current.calls[line] += 1
            self._current.in_commands[line] += took

    def failed(self, text: bytes, from_command: bool) -> None:
        """Keep what it took."""
        self.replied(None)
