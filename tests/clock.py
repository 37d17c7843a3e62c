"""The clock of the engines that tests make: it stands until a test moves it."""

from __future__ import annotations

__all__ = ["Clock"]


class Clock:
    """Gives the time as an engine asks for it: in microseconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now

    @property
    def milliseconds(self) -> int:
        """The time as commands tell it."""
        return self.now // 1000

    def advance(self, seconds: float) -> None:
        """Let some time pass."""
        self.now += round(seconds * 1_000_000)
