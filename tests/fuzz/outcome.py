"""What a run is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Order", "Outcome"]


@dataclass(frozen=True)
class Order:
    """Which targets are to be fed, one after another: with their corpus, then by a seed."""

    targets: list[str]
    seed: str
    #: For how long each, in seconds; None: with as many inputs as the short run takes.
    seconds: float | None = None
    #: The program of the reference, to compare with; None: there is none.
    reference: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How many inputs a target has taken, and the one that went wrong, if one did."""

    target: str
    count: int
    #: By the clock, and of processor time.
    seconds: float = 0
    busy: float = 0
    #: The input as a literal, and what was wrong with it.
    given: str | None = None
    error: str | None = None
