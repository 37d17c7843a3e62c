"""A sorted set's scores at a glance: how many members lie where."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf, isfinite, nextafter
from typing import NamedTuple

from redislua_kernel.engine.types.sorted_set import SortedSet

__all__ = ["Scores", "are_places", "spread"]

_BINS = 40
#: The places of the earth are numbered up to here; below the other are but a corner of the
#: Antarctic, and the times in milliseconds that scores so often are.
_MOST_PLACE, _LEAST_PLACE = 1 << 52, 1 << 44
_LOOKED_AT = 20


class Scores(NamedTuple):
    """The finite scores in bins of one width, from the lowest score to the highest."""

    low: float
    high: float
    counts: Sequence[int]
    #: The lowest and the highest of the scores that the page shows.
    page: tuple[float, float] | None


def spread(value: SortedSet, page: Sequence[float]) -> Scores | None:
    """Count the scores by bins; None: there are not two different finite ones."""
    start, stop = value.score_span((-inf, True), (inf, True))
    if stop - start < 2:
        return None
    low, high = value.order[start][0], value.order[stop - 1][0]
    width = (high - low) / _BINS
    if not 0 < width < inf:
        return None
    edges = [low + width * place for place in range(_BINS)] + [nextafter(high, inf)]
    # Ranks of the edges: their differences count, whatever the number of members.
    ranks = [value.score_span((edge, False), (inf, False))[0] for edge in edges]
    counts = [after - before for before, after in pairwise(ranks)]
    shown = [score for score in page if isfinite(score)]
    return Scores(low, high, counts, (shown[0], shown[-1]) if shown else None)


def are_places(value: SortedSet) -> bool:
    """Tell whether the scores look like those of GEOADD."""
    count = len(value)
    step = max(count // _LOOKED_AT, 1)
    return all(
        score.is_integer() and _LEAST_PLACE <= score < _MOST_PLACE
        for score, _ in (value.order[place] for place in range(0, count, step))
    )
