"""What INFO counts: the calls of each command, the time they took, and the errors they gave.

A command is *rejected* when it does not even begin (unknown, wrong arity, no memory left); it
has *failed* when it ran and gave an error. An error is counted where it arises: a script that
hands on the error of one of its commands has failed too, but the error counts once.

Calls inside scripts are the hot path. Each compiled call (see `scripting.calls.dispatch`) counts
itself in a variable of its own, and only the first few of a command are timed: the time of the
others is estimated from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from types import CellType
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.errors import CountedError
from redislua_kernel.engine.latency.histogram import BATCH, Latencies
from redislua_kernel.engine.registry import Command, check_call
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.reply import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["CommandCounts", "ErrorCounts", "Statistics"]

#: So many kinds of errors are told apart; one more, and INFO stops to list them.
MAX_ERROR_KINDS = 128

#: So many calls of a command inside scripts are timed.
TIMED_CALLS = 16

_TOO_MANY_KINDS = (
    b"Errorstats stopped adding new errors because the number of errors reached the limit, may "
    b"be misuse of lua error_reply, please check INFO ERRORSTATS, this can be re-enabled via "
    b"CONFIG RESETSTAT."
)


class CommandCounts:
    """How often one command was called, and what came of it."""

    __slots__ = (
        "_calls_in_scripts",
        "calls",
        "durations",
        "failed",
        "latencies",
        "rejected",
        "seconds",
        "timed",
    )

    def __init__(self) -> None:
        #: The variables in which compiled calls count themselves.
        self._calls_in_scripts: list[CellType] = []
        #: How long each of the first calls inside scripts took, in seconds.
        self.timed: list[float] = []
        #: The seconds of the clients' last calls, not counted yet: many at once cost less.
        self.durations: list[float] = []
        self.reset()

    def reset(self) -> None:
        """Begin again; how long calls inside scripts take is known already."""
        self.durations.clear()
        self.calls = self.failed = self.rejected = 0
        self.seconds = 0.0
        #: How long the clients' own calls took, with latency-tracking.
        self.latencies = Latencies()
        for counter in self._calls_in_scripts:
            counter.cell_contents = 0

    def count_durations(self, *, tracks_latency: bool) -> None:
        """Count the clients' last calls."""
        self.calls += len(self.durations)
        self.seconds += sum(self.durations)
        if tracks_latency:
            self.latencies.add(self.durations)
        self.durations.clear()

    def follow(self, counter: CellType) -> None:
        """Take the calls that a compiled call counts in its own variable into account."""
        self._calls_in_scripts.append(counter)

    def time(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Give a compiled call that is timed too."""

        def timed_call(*words: Any) -> Any:
            started = perf_counter()
            result = call(*words)
            if len(self.timed) < TIMED_CALLS:
                self.timed.append(perf_counter() - started)
            return result

        return timed_call

    @property
    def is_timed(self) -> bool:
        """Tell whether enough calls inside scripts were timed."""
        return len(self.timed) == TIMED_CALLS

    @property
    def calls_in_scripts(self) -> int:
        """Count the calls by scripts and functions."""
        return sum(counter.cell_contents for counter in self._calls_in_scripts)

    @property
    def all_calls(self) -> int:
        """Count all calls."""
        return self.calls + self.calls_in_scripts

    @property
    def microseconds(self) -> int:
        """Give the time that all calls took; those inside scripts by estimate."""
        each = sum(self.timed) / len(self.timed) if self.timed else 0.0
        return round((self.seconds + each * self.calls_in_scripts) * 1e6)


class ErrorCounts:
    """How often each kind of error (ERR, WRONGTYPE, …) was given."""

    def __init__(self, log: Callable[[int, bytes], None]) -> None:
        self._log = log
        self.reset()

    def reset(self) -> None:
        """Begin again, and list kinds again if there were too many."""
        self.total = 0
        self.kinds: dict[bytes, int] = {}
        self._is_full = False

    def add(self, text: bytes) -> None:
        """Count an error by the first word of its text."""
        self.total += 1
        if self._is_full:
            return
        code, space, _ = text[:31].partition(b" ")
        kind = code if space else b"ERR"
        if kind not in self.kinds and len(self.kinds) >= MAX_ERROR_KINDS:
            self._stop_listing()
        else:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def _stop_listing(self) -> None:
        self._log(WARNING, _TOO_MANY_KINDS)
        self._log(WARNING, b"Current errors code list: " + b", ".join(sorted(self.kinds)))
        self.kinds = {b"ERRORSTATS_DISABLED": 1}
        self._is_full = True


class Statistics(dict[Command, CommandCounts]):
    """The counts of every command that was called, and of all errors."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.errors = ErrorCounts(engine.log)
        self.tracks_latency = True
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        self.count_durations()
        self.tracks_latency = self.engine.config.is_on(b"latency-tracking")

    def __missing__(self, command: Command) -> CommandCounts:
        counts = self[command] = CommandCounts()
        return counts

    def reset(self) -> None:
        """Begin again, as CONFIG RESETSTAT does."""
        self.errors.reset()
        for counts in self.values():
            counts.reset()

    def count_durations(self) -> None:
        """Count the last calls of all commands: whoever reads the counts does so first."""
        for counts in self.values():
            if counts.durations:
                counts.count_durations(tracks_latency=self.tracks_latency)

    def count_batch(self) -> None:
        """Count the last calls, and the last runs of scripts and functions: there are many."""
        self.count_durations()
        self.engine.scripting.count_runs()

    def called(self) -> Iterator[tuple[Command, CommandCounts]]:
        """Give the commands that were called, with their counts."""
        self.count_durations()
        return iter(self.items())

    @property
    def commands_processed(self) -> int:
        """Count the calls of all commands."""
        return sum(counts.all_calls for _, counts in self.called())

    @property
    def microseconds(self) -> int:
        """Give the time that all calls took."""
        return sum(counts.microseconds for _, counts in self.called())

    def count_call(self, words: Sequence[bytes], seconds: float) -> None:
        """Count a call that ended after it had waited."""
        self[self.engine.commands.find(words)].durations.append(seconds)

    def count_error(self, words: Sequence[bytes], error: ResponseError, seconds: float) -> None:
        """Count the error of a client's command: it failed, or was rejected before it began."""
        command = self._find(words)
        if command is None or not _may_begin(command, words):
            self.count_rejection(words, error)
            return
        counts = self[command]
        counts.durations.append(seconds)
        if len(counts.durations) >= BATCH:
            self.count_batch()
        counts.failed += 1
        if not isinstance(error, CountedError):
            self.errors.add(error.payload)

    def count_rejection(self, words: Sequence[bytes], error: ResponseError) -> None:
        """Count the error of a client's command that did not begin."""
        self.count_refusal(self._find(words), error.payload)

    def count_refusal(self, command: Command | None, text: bytes) -> None:
        """Count the error for which a command did not begin; None: there is no such command."""
        self.errors.add(text)
        if command is not None:
            self[command].rejected += 1

    def take_back(self, words: Sequence[bytes]) -> None:
        """Take back a call that had to wait: it counts when it ends."""
        counts = self[self.engine.commands.find(words)]
        if counts.durations:
            counts.durations.pop()
        else:  # counted together with others
            counts.calls -= 1

    def count_errors_inside(self, words: Sequence[bytes], reply: object) -> None:
        """Count the errors among the elements of a script's reply, which make it fail."""
        errors = list(_errors_inside(reply))
        fresh = [error for error in errors if not isinstance(error, CountedError)]
        for error in fresh:
            self.errors.add(error.payload)
        self[self.engine.commands.find(words)].failed += bool(fresh) + len(errors) - len(fresh)

    def _find(self, words: Sequence[bytes]) -> Command | None:
        """Give the command that `words` call; a container for its name alone; None: unknown."""
        commands = self.engine.commands
        try:
            return commands.get(words[0].upper()) if len(words) == 1 else commands.find(words)
        except ResponseError:
            return None


def _may_begin(command: Command, words: Sequence[bytes]) -> bool:
    try:
        check_call(command, words)
    except ResponseError:
        return False
    return True


def _errors_inside(reply: object) -> Iterator[ResponseError]:
    if isinstance(reply, ResponseError):
        yield reply
    elif isinstance(reply, dict):
        for item in reply.items():
            yield from _errors_inside(item)
    elif isinstance(reply, list | tuple):
        for item in reply:
            yield from _errors_inside(item)
