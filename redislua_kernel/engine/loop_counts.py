"""The turns of the loop of a server: how many, how long, and the rates of late."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

__all__ = ["LoopCounts", "Rates"]

#: Rates are those of the time that so many samples span: 1.6 seconds.
_SAMPLES = 16


class _Sample(NamedTuple):
    time: float
    turns: int
    seconds: float
    commands: int
    received: int
    sent: int


class Rates(NamedTuple):
    """What happened in a second, and how long a turn took."""

    turns: int = 0
    microseconds_a_turn: int = 0
    commands: int = 0
    input_kilobytes: float = 0.0
    output_kilobytes: float = 0.0


class LoopCounts:
    """Counts the turns in which a server's loop had something to do; an engine alone has none."""

    def __init__(self) -> None:
        self.turns = 0
        self.seconds = 0.0
        self.longest = 0.0
        #: The part of the regular work, ten times a second, in the seconds.
        self.regular_seconds = 0.0
        self.most_commands = 0
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)

    def add(self, seconds: float) -> None:
        """Count a turn."""
        self.turns += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)

    def sample(self, time: float, commands: int, received: int, sent: int) -> None:
        """Note how far all has come by now."""
        found = _Sample(time, self.turns, self.seconds, commands, received, sent)
        self._samples.append(found)

    def rates(self) -> Rates:
        """Give the rates between the first sample and the last one."""
        if len(self._samples) < 2:
            return Rates()
        first, last = self._samples[0], self._samples[-1]
        time, turns = last.time - first.time, last.turns - first.turns
        return Rates(
            round(turns / time),
            round((last.seconds - first.seconds) / max(turns, 1) * 1e6),
            round((last.commands - first.commands) / time),
            (last.received - first.received) / time / 1024,
            (last.sent - first.sent) / time / 1024,
        )
