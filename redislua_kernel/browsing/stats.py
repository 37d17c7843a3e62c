"""How an engine fares over time: commands, memory, keys and scripts, sample by sample.

Reading takes no lock and changes nothing, so it works while a script runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from time import monotonic
from typing import NamedTuple

from redislua_kernel.browsing.programs import RunningFacts, read_running
from redislua_kernel.engine import Engine
from redislua_kernel.engine.memory.machine import resident_memory

__all__ = ["History", "Moment", "Sample", "read_sample"]


class Sample(NamedTuple):
    """What the engine had done up to a moment, and what it held then."""

    #: Seconds, by a clock that only goes forward.
    at: float
    #: The calls of all commands, those by scripts with them.
    commands: int
    #: The runs of scripts and functions, how many of them failed, and the seconds they took.
    runs: int
    failed: int
    script_seconds: float
    keys: int
    #: What the process takes, in bytes; 0 where the system does not tell.
    memory: int


class Moment(NamedTuple):
    """What went on between two samples, in seconds since the first of all."""

    began: float
    ended: float
    commands_per_second: float
    #: The share of the time in which a script or a function ran, from 0 to 1.
    in_scripts: float
    keys: int
    memory: int


def read_sample(engine: Engine, clock: Callable[[], float] = monotonic) -> Sample:
    """Look at an engine as it is now."""
    scripting = engine.scripting
    counts = list(engine.statistics.values())
    libraries = scripting.functions.libraries.values()
    runs = [each.runs for library in libraries for each in library.functions.values()]
    runs += [each.runs for each in list(scripting.scripts.scripts.values())]
    running = scripting.running
    now = 0.0 if running is None else running.milliseconds() / 1000
    return Sample(
        at=clock(),
        commands=sum(each.all_calls + len(each.durations) for each in counts),
        runs=sum(each.calls for each in runs),
        failed=sum(each.failed for each in runs),
        script_seconds=sum(each.seconds for each in runs) + now,
        keys=sum(len(database.entries) for database in engine.keyspace.databases),
        memory=resident_memory(),
    )


class History:
    """The samples of the last while; or, if it `keeps_all`, of all time, the farther the rarer."""

    def __init__(self, engine: Engine, most: int = 240, *, keeps_all: bool = False) -> None:
        self.engine = engine
        self._most = most
        self._keeps_all = keeps_all
        self._samples: deque[Sample] = deque([read_sample(engine)])
        #: Of so many samples one is kept.
        self._step = 1
        self._left_out = 0

    def look(self) -> None:
        """Take a sample."""
        sample, samples = read_sample(self.engine), self._samples
        self._left_out += 1
        if self._left_out < self._step and len(samples) > 1:
            samples[-1] = sample  # the last one is always there
            return
        self._left_out = 0
        samples.append(sample)
        if len(samples) > self._most:
            if self._keeps_all:
                self._samples = deque(list(samples)[::2])
                self._step *= 2
            else:
                samples.popleft()

    @property
    def last(self) -> Sample:
        """The newest sample."""
        return self._samples[-1]

    @property
    def running(self) -> RunningFacts | None:
        """What runs now."""
        return read_running(self.engine)

    @property
    def moments(self) -> list[Moment]:
        """What went on, from sample to sample."""
        samples = list(self._samples)
        return [_between(samples[0].at, before, after) for before, after in pairwise(samples)]


def _between(start: float, before: Sample, after: Sample) -> Moment:
    # Counts begin anew after CONFIG RESETSTAT, and without the scripts that are forgotten.
    seconds = max(after.at - before.at, 1e-9)
    commands = max(after.commands - before.commands, 0)
    busy = max(after.script_seconds - before.script_seconds, 0.0)
    share = min(busy / seconds, 1.0)
    began, ended = before.at - start, after.at - start
    return Moment(began, ended, commands / seconds, share, after.keys, after.memory)
