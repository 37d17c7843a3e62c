"""How often one script or function ran, how long that took, and what came of it.

Always kept, so it has to cost next to nothing: a run adds its seconds to a list, and many of
them are counted at once, when the calls of commands are. A run begins with its command, when the
engine has read the clock anyway.
"""

from __future__ import annotations

from time import monotonic, time

from redislua_kernel.engine.latency.histogram import Latencies

__all__ = ["Runs"]

#: Classes of times are 3 to 6 % wide.
_BITS = 5
#: An hour, in nanoseconds: the longest run that is told from longer ones.
_LONGEST = 3_600_000_000_000


class Runs:
    """The runs of one script or function."""

    __slots__ = ("_calls", "_latencies", "_seconds", "durations", "ended", "failed")

    def __init__(self) -> None:
        #: The seconds of the last runs, which are not counted yet.
        self.durations: list[float] = []
        #: How many ended with an error, also that of being stopped.
        self.failed = 0
        #: When the last run ended, by the monotonic clock.
        self.ended = 0.0
        self._calls = 0
        self._seconds = 0.0
        self._latencies = Latencies(_BITS, _LONGEST)

    def count(self) -> None:
        """Count the last runs; for who runs them."""
        durations = self.durations
        if not durations:
            return
        self._calls += len(durations)
        self._seconds += sum(durations)
        self._latencies.add(durations)
        durations.clear()

    @property
    def calls(self) -> int:
        """How many runs there were."""
        return self._calls + len(self.durations)

    @property
    def seconds(self) -> float:
        """How long all of them took together."""
        return self._seconds + sum(self.durations)

    @property
    def mean(self) -> float:
        """How many seconds one took on average; 0 if there was none."""
        return self.seconds / self.calls if self.calls else 0.0

    def percentile(self, percent: float) -> float:
        """Give the seconds within which that percentage of the runs was done.

        Changes nothing: any thread may ask, also while a run ends.
        """
        latencies = self._latencies.copy()
        latencies.add(list(self.durations))
        return latencies.percentile(percent) / 1e6

    @property
    def last(self) -> float | None:
        """When the last run ended, in seconds since the epoch; None if there was none."""
        return time() - (monotonic() - self.ended) if self.ended else None
