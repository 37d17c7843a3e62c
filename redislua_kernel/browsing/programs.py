"""Scripts and functions as people look at them: what there is, how often it ran, what runs now.

Reading takes no lock and changes nothing, so it works while a script runs: the engine puts new
tables in the place of old ones, and counts only grow.
"""

from __future__ import annotations

from dataclasses import dataclass

from redislua_kernel.engine import Engine
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.scripting.runs import Runs
from redislua_kernel.engine.scripting.scripts import Script

__all__ = [
    "FunctionFacts",
    "LibraryFacts",
    "RunFacts",
    "RunningFacts",
    "ScriptFacts",
    "fingerprint",
    "read_libraries",
    "read_running",
    "read_scripts",
]


@dataclass(frozen=True)
class RunFacts:
    """What came of all runs; times in seconds, `last` since the epoch, None if there was none."""

    calls: int
    failed: int
    seconds: float
    mean: float
    p99: float
    last: float | None


@dataclass(frozen=True)
class FunctionFacts:
    """One function of a library."""

    name: bytes
    flags: tuple[str, ...]
    description: bytes | None
    #: None: nobody counts them.
    runs: RunFacts | None


@dataclass(frozen=True)
class LibraryFacts:
    """One library, its functions in the order of their registration."""

    name: bytes
    code: bytes
    functions: tuple[FunctionFacts, ...]


@dataclass(frozen=True)
class ScriptFacts:
    """One cached script."""

    sha: str
    body: bytes
    #: Whether the cache may drop it; None: that is not known.
    is_evictable: bool | None
    #: None: nobody counts them.
    runs: RunFacts | None

    @property
    def title(self) -> bytes:
        """The first line that says something; that of a shebang does not."""
        lines = [line.strip() for line in self.body.split(b"\n")]
        spoken = [line for line in lines if line and not line.startswith(b"#!")]
        return spoken[0] if spoken else self.body


@dataclass(frozen=True)
class RunningFacts:
    """The script or function that runs now, and for how many seconds it has."""

    name: bytes
    is_function: bool
    seconds: float
    #: It was told to stop, and has not yet.
    is_stopping: bool


def read_libraries(engine: Engine, pattern: bytes = b"*") -> list[LibraryFacts]:
    """Give the libraries whose names fit a glob pattern, in any case, as FUNCTION LIST does."""
    return [
        LibraryFacts(
            library.name,
            library.code,
            tuple(
                FunctionFacts(
                    each.name, tuple(each.sorted_flags), each.description, _facts(each.runs)
                )
                for each in library.functions.values()
            ),
        )
        for library in engine.scripting.functions.libraries.values()
        if glob_match(pattern, library.name, ignore_case=True)
    ]


def read_scripts(engine: Engine, prefix: bytes = b"") -> list[ScriptFacts]:
    """Give the cached scripts whose digests begin so; who took most time comes first."""
    scripts: list[Script] = list(engine.scripting.scripts.scripts.values())
    facts = [
        ScriptFacts(each.sha.decode(), each.body, each.is_evictable, _facts(each.runs))
        for each in scripts
        if each.sha.startswith(prefix.lower())
    ]
    return sorted(facts, key=lambda each: each.runs.seconds if each.runs else 0, reverse=True)


def fingerprint(engine: Engine) -> tuple[int, ...]:
    """Give numbers that differ once there is anything new to read; quicker than reading it."""
    scripting = engine.scripting
    libraries, scripts = scripting.functions.libraries, scripting.scripts
    functions = [each.runs for lib in libraries.values() for each in lib.functions.values()]
    cached = [each.runs for each in list(scripts.scripts.values())]
    calls = sum(runs.calls for runs in functions + cached)
    return id(libraries), len(cached), scripts.evicted, calls


def read_running(engine: Engine) -> RunningFacts | None:
    """Give what runs now; None: nothing does."""
    running = engine.scripting.running
    if running is None:
        return None
    seconds = running.milliseconds() / 1000
    return RunningFacts(running.name, running.is_function, seconds, running.is_stopping)


def _facts(runs: Runs) -> RunFacts:
    # Percentiles come in steps: of few runs that is seen to be more than all of them took.
    p99 = min(runs.percentile(99), runs.seconds)
    return RunFacts(runs.calls, runs.failed, runs.seconds, runs.mean, p99, runs.last)
