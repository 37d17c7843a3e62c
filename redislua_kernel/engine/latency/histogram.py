"""How long the calls of a command took, as a histogram whose classes grow with the time.

The classes are those of the reference's (HdrHistogram with two significant digits, in
nanoseconds up to a second), so that percentiles come in the same steps. Where no such step is
to be matched, wider classes are counted faster.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["BATCH", "Latencies"]

#: So many calls, or runs of a script, are counted at once, which costs a small part of it.
BATCH = 2048

_LONGEST = 1_000_000_000
_BITS = 8
#: The shortest time that LATENCY HISTOGRAM shows, in nanoseconds.
_FIRST_STEP = 1024


class Latencies:
    """The counts of each class; a class goes by the longest time that is in it."""

    __slots__ = ("_bits", "_longest", "counts")

    def __init__(self, bits: int = _BITS, longest: int = _LONGEST) -> None:
        #: So many of a time's leading bits tell its class: each makes classes half as wide.
        self._bits = bits
        #: In nanoseconds: what takes longer is counted as if it took that.
        self._longest = longest
        #: The number of calls in each class, by the longest time of the class in nanoseconds.
        self.counts: dict[int, int] = {}

    def copy(self) -> Latencies:
        """Give the same counts, to be added to."""
        made = Latencies(self._bits, self._longest)
        made.counts = dict(self.counts)
        return made

    def add(self, seconds: Iterable[float]) -> None:
        """Count some calls by how long each of them took."""
        counts, bits = self.counts, self._bits
        times = sorted(seconds)
        place, end = 0, len(times)
        while place < end:
            # As `_longest_alike`, which would cost more than all the rest.
            longest = min(int(times[place] * 1e9), self._longest)
            spare = longest.bit_length() - bits
            if spare > 0:
                longest |= (1 << spare) - 1
            after = bisect_left(times, (longest + 1) / 1e9, place + 1)
            counts[longest] = counts.get(longest, 0) + after - place
            place = after

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


def _longest_alike(nanoseconds: int, bits: int = _BITS) -> int:
    """Give the longest time that is in the same class."""
    spare = max(nanoseconds.bit_length() - bits, 0)
    return nanoseconds | (1 << spare) - 1
