"""How long the calls of a command took, as a histogram whose classes grow with the time.

The classes are those of the reference's (HdrHistogram with two significant digits, in
nanoseconds up to a second), so that percentiles come in the same steps.
"""

from __future__ import annotations

from bisect import bisect_left

__all__ = ["Latencies"]

_LONGEST = 1_000_000_000
_BATCH = 1000
#: The shortest time that LATENCY HISTOGRAM shows, in nanoseconds.
_FIRST_STEP = 1024


class Latencies:
    """The counts of each class; a class goes by the longest time that is in it."""

    __slots__ = ("_counts", "_recent")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        #: The last calls in seconds, not counted yet: many at once cost less.
        self._recent: list[float] = []

    def add(self, seconds: float) -> None:
        """Count a call."""
        recent = self._recent
        recent.append(seconds)
        if len(recent) == _BATCH:
            self._count_recent()

    def _count_recent(self) -> None:
        recent, self._recent = sorted(self._recent), []
        place = 0
        while place < len(recent):
            longest = _longest_alike(min(int(recent[place] * 1e9), _LONGEST))
            after = bisect_left(recent, (longest + 1) / 1e9, place + 1)
            self._counts[longest] = self._counts.get(longest, 0) + after - place
            place = after

    @property
    def counts(self) -> dict[int, int]:
        """The number of calls in each class, by the longest time of the class in nanoseconds."""
        if self._recent:
            self._count_recent()
        return self._counts

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self.counts.values())

    def percentile(self, percent: float) -> float:
        """Give the microseconds within which that percentage of the calls was done."""
        wanted = max(int(percent / 100 * self.calls + 0.5), 1)
        for longest, count in sorted(self.counts.items()):
            wanted -= count
            if wanted <= 0:
                return longest / 1000
        return 0.0

    def cumulated(self) -> dict[int, int]:
        """Count the calls within 1, 2, 4, … microseconds; steps that add none are left out."""
        steps: dict[int, int] = {}
        counted, step = 0, _FIRST_STEP
        for longest, count in sorted(self.counts.items()):
            while longest > _longest_alike(step):
                step *= 2
            counted += count
            steps[_longest_alike(step) // 1000] = counted
        return steps


def _longest_alike(nanoseconds: int) -> int:
    """Give the longest time that is in the same class."""
    spare = max(nanoseconds.bit_length() - 8, 0)
    return nanoseconds | (1 << spare) - 1
