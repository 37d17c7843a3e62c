"""Where the time of scripts and functions goes: hits and time by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.scripting.bytecode.counting import (
    CannotCount,
    Counted,
    FunctionRuns,
    count_runs,
    lines_that_run,
)
from redislua_kernel.engine.scripting.bytecode.dump import Function
from redislua_kernel.engine.scripting.lines import NotLua, functions_of_code
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.runtime import Runtime
    from redislua_kernel.engine.scripting.watching import Watchers

__all__ = ["LineProfile", "Profile", "SourceProfile"]

#: If samples stand for fewer instructions, the time of what counts nothing itself goes by hits.
_ENOUGH = 50_000
#: The way to a command and back takes about as long as so many instructions.
_WAY = 200


class LineProfile(NamedTuple):
    """One line of a source, counted from 1; times in nanoseconds."""

    line: int
    #: How often it ran; None: there is no code on it.
    hits: int | None
    #: How many commands it called, and what they took, with the way there and back.
    calls: int
    in_commands: int
    #: What else it took.
    in_lua: int


class SourceProfile:
    """What was seen of one script, or of one library's functions."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.runs = 0
        #: What all runs took, in nanoseconds, without what was done for their first calls.
        self.total = 0
        self.calls: Counter[int] = Counter()
        self.in_commands: Counter[int] = Counter()
        #: Something ran whose lines a hook has counted, not counters in it.
        self.is_by_lines = False
        #: What it takes to be told of a call.
        self.cost_of_call = 0
        self._samples: Counter[int] = Counter()
        self._hits: Counter[int] = Counter()
        self._counted: dict[int, list[FunctionRuns]] = {}

    def empty(self) -> dict[int, int]:
        """Give the lines that have code, each with 0."""
        return dict.fromkeys(self._has_code, 0)

    def add(self, hits: dict[int, int], samples: dict[int, int], took: int) -> None:
        """Add what was counted by line in one run."""
        self.runs += 1
        self.total += took
        self._hits.update(hits)
        self._samples.update(samples)

    def count(self, known_as: int, runs: list[FunctionRuns]) -> None:
        """Take what the counters of one function have come to."""
        self._counted[known_as] = runs

    @property
    def lines(self) -> list[LineProfile]:
        """The lines, from the first to the last.

        A line ran as often as what on it ran most often, the functions in it apart.
        """
        hits = self._hits.copy()
        for each in self._functions():
            hits.update(_hits(each))
        weights = self._weights(hits)
        weight = weights.total() + self.calls.total() * _WAY or 1
        told = self.calls.total() * self.cost_of_call
        own = max(self.total - self.in_commands.total() - told, 0)
        return [
            LineProfile(
                line=line,
                hits=hits[line] if line in self._has_code else None,
                calls=self.calls[line],
                in_commands=self.in_commands[line] + own * self.calls[line] * _WAY // weight,
                in_lua=own * weights[line] // weight,
            )
            for line in range(1, len(self.source.lines) + 1)
        ]

    def counts_in(self, layout: bytes) -> dict[int, int] | None:
        """Tell how often what stands on a line ran, for the same code in other lines.

        That of a line is the count of what comes first on it. None: it cannot be told.
        """
        try:
            own, other = functions_of_code(self.source.code), functions_of_code(layout)
        except NotLua:
            return None
        if self.is_by_lines or list(map(_shape, own)) != list(map(_shape, other)):
            return None
        places: dict[object, int] = {}
        for place, function in enumerate(own):
            places.setdefault(_identity(function), place)
        counts: dict[tuple[int, int], int] = Counter()
        for each in self._functions():
            place = places[_identity(each.function)]
            for at, count in enumerate(each.counts):
                counts[place, at] += count or 0
        found: dict[int, int] = {}
        # What a library runs while it is loaded was not counted.
        for place, function in list(enumerate(other))[self.source.is_function :]:
            for at, line in enumerate(function.debug.lines):
                found.setdefault(line, counts[place, at])
        return found

    @cached_property
    def _has_code(self) -> set[int]:
        try:
            functions = functions_of_code(self.source.code)[self.source.is_function :]
        except NotLua:  # but it runs: only with other brackets around its long strings
            functions = [each.function for each in self._functions()]
        return set().union(*map(lines_that_run, functions))

    def _functions(self) -> Iterator[FunctionRuns]:
        for runs in self._counted.values():
            yield from runs

    def _weights(self, hits: Counter[int]) -> Counter[int]:
        """Give the lines' shares in Lua's time: by instructions."""
        weights = self._samples.copy()
        for each in self._functions():
            for line, count in each.by_line():
                weights[line] += count
        is_enough = self._samples.total() >= _ENOUGH or not self.is_by_lines
        return weights if is_enough else hits


class Profile:
    """Takes the profile of what runs meanwhile.

        with Profile(engine.scripting) as profile:
            engine.execute("EVAL", …)
        profile.sources

    Hits are exact. The time in commands is measured; the rest is shared out among the lines by
    the instructions they ran, and among commands for the way there and back. It is the time of a
    run under the profiler, which is slower, but what it takes to be told of calls is left out.
    """

    def __init__(self, scripting: Scripting) -> None:
        self.scripting = scripting
        self._by_code: dict[bytes, SourceProfile] = {}
        self._current: SourceProfile | None = None
        self._counted: list[tuple[SourceProfile, Counted]] = []
        self._tables: tuple[Any, Any] = ({}, {})
        self._started = self._resolved = 0

    @property
    def sources(self) -> list[SourceProfile]:
        """What ran, in the order in which it ran first."""
        return list(self._by_code.values())

    def __enter__(self) -> Profile:
        self.scripting.watchers.attach(self)
        return self

    def __exit__(self, *error: object) -> None:
        self.scripting.watchers.detach()

    # As a watcher

    def listen(self, watchers: Watchers) -> None:
        """Be told of calls."""
        watchers.record_calls(self._record)

    def hush(self, watchers: Watchers) -> None:
        """Be told no more."""
        watchers.stop_recording(self._record)

    def enter(self, runtime: Runtime) -> None:
        """Set the hook that takes samples."""
        runtime.sides.profiler.attach()

    def leave(self, runtime: Runtime) -> None:
        """Take it out again."""
        runtime.sides.profiler.detach()

    def begin(self, source: Source) -> None:
        """Note what runs next."""
        if source.code not in self._by_code:
            self._by_code[source.code] = SourceProfile(source)
        self._current = self._by_code[source.code]

    def stand_in(self, enter: Any) -> Any:
        """Give the entry of what counts, and runs instead; or let a hook count."""
        current, runtime = self._current, self.scripting.runtime
        assert current is not None
        chunk = current.source.chunk
        copy = runtime.sides.profiler.stand_in(chunk, enter, self._put_counters)
        samples = runtime.table(current.empty())
        if copy is None:
            current.is_by_lines = True
        hits = runtime.table(current.empty()) if copy is None else None
        self._tables = hits, samples
        runtime.sides.profiler.begin(chunk, *self._tables)
        self._resolved = runtime.resolved
        self._started = perf_counter_ns()
        return enter if copy is None else copy

    def end(self) -> None:
        """Keep what was counted."""
        took = perf_counter_ns() - self._started
        current, self._current = self._current, None
        if current is None:
            return
        hits, samples = ({} if table is None else dict(table.items()) for table in self._tables)
        runtime = self.scripting.runtime
        if current.calls:
            current.cost_of_call = runtime.sides.cost_of_telling
        current.add(hits, samples, took - (runtime.resolved - self._resolved))
        numbers = iter(runtime.sides.profiler.read().values())
        for known_as in numbers:
            source, counted = self._counted[known_as]
            source.count(known_as, counted.runs(list(islice(numbers, len(counted.places)))))

    def raised(self, scripting: Scripting, text: bytes, frames: Any) -> None:
        """Leave errors to others."""

    def _record(self, words: Sequence[Any], reply: Reply, line: int, began: int, took: int) -> None:
        if self._current is not None:
            self._current.calls[line] += 1
            self._current.in_commands[line] += took

    def _put_counters(self, dump: bytes) -> tuple[Any, ...]:
        """Called by Lua: give a function's dump with counters, its number, and how many there are.

        Nothing if it must run as it is.
        """
        try:
            counted = count_runs(dump)
        except CannotCount:
            return (None,)
        except Exception as error:  # must not cross into a script
            self.scripting.engine.report_bug(error)
            return (None,)
        if counted.shares_variables or self._current is None:
            return (None,)
        self._counted.append((self._current, counted))
        number = len(self._counted) - 1
        return counted.code, number, counted.cells, len(counted.places) - counted.cells


def _hits(runs: FunctionRuns) -> dict[int, int]:
    found: dict[int, int] = {}
    for line, count in runs.by_line():
        found[line] = max(found.get(line, 0), count)
    return found


def _shape(function: Function) -> tuple[object, ...]:
    return function.code, function.constants, len(function.inner)


def _identity(function: Function) -> tuple[object, ...]:
    """Tell a function from the others of a code: by all but the name of its chunk."""
    return function.code, tuple(function.constants), function.debug.lines
