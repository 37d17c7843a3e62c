"""What LATENCY tells of: the events that took latency-monitor-threshold milliseconds or more.

An event is a kind of work: `command`, `fast-command` (of those with the flag fast),
`expire-cycle`, `eviction-cycle`, `eviction-del`. Of each second in which there were some, the
worst is kept. Without a threshold, nothing is.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import NamedTuple

from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.settings.config import Config

__all__ = ["Event", "LatencyMonitor", "Spike"]

#: So many seconds are remembered of an event.
_MOST_SPIKES = 160


class Spike(NamedTuple):
    """The worst of one second, in seconds since the epoch."""

    time: int
    milliseconds: int


class Event:
    """The spikes of one event, the oldest first, and the worst there ever was."""

    def __init__(self) -> None:
        self.spikes: deque[Spike] = deque(maxlen=_MOST_SPIKES)
        self.worst = 0

    def add(self, spike: Spike) -> None:
        """Remember a spike; of two in one second the higher."""
        self.worst = max(self.worst, spike.milliseconds)
        if self.spikes and self.spikes[-1].time == spike.time:
            self.spikes[-1] = max(self.spikes[-1], spike)
        else:
            self.spikes.append(spike)


class LatencyMonitor:
    """The events of an engine that took long."""

    def __init__(self, config: Config, keyspace: Keyspace) -> None:
        self._config = config
        self._keyspace = keyspace
        self.events: dict[bytes, Event] = {}
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        self.milliseconds = self._config.integer(b"latency-monitor-threshold")
        #: What takes as long as this, in seconds, is noted.
        self.threshold = self.milliseconds / 1000 if self.milliseconds else inf

    @property
    def now(self) -> int:
        """The time, in seconds since the epoch."""
        return self._keyspace.clock() // 1_000_000

    def note(self, event: bytes, seconds: float) -> None:
        """Note how long something took, if that is long."""
        if seconds >= self.threshold:
            spike = Spike(self.now, int(seconds * 1000))
            self.events.setdefault(event, Event()).add(spike)

    def reset(self, *events: bytes) -> int:
        """Forget these events, or all; tell how many there were. Case does not matter."""
        names = {event.lower() for event in events}
        found = [event for event in self.events if not names or event.lower() in names]
        for event in found:
            del self.events[event]
        return len(found)
