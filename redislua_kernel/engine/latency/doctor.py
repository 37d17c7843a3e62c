"""LATENCY DOCTOR: what was slow, and what may help."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.engine.latency.monitor import Event, LatencyMonitor
from redislua_kernel.engine.settings.config import Config

__all__ = ["diagnose"]

_OFF = (
    "Latency is not monitored: latency-monitor-threshold is 0. "
    'With "CONFIG SET latency-monitor-threshold <milliseconds>" whatever takes that long is '
    "noted, and can be told of here.\n"
)
_HEALTHY = "No latency spike was observed so far: nothing took as long as the threshold.\n"
_NO_ADVICE = "\nThere are spikes, but there is no advice for events of these kinds.\n"
_HEADING = "These events took longer than latency-monitor-threshold allows:\n\n"
_ADVICE = "\nWhat may help:\n\n"

_INSPECT = "SLOWLOG GET shows the commands that took long, with their words."
_LARGE = (
    "To delete, expire or evict a large value takes time, and nothing else runs meanwhile: many "
    "smaller values in its place are gone one at a time."
)
_BUSY = (
    "These commands are quick by themselves: something else had the processor. Look at the load "
    "of the machine, at its neighbours if it is virtual, and at what `redis-cli "
    "--intrinsic-latency 100` measures."
)
_OFTENER = "With 'CONFIG SET hz 100' keys expire more often, and fewer at a time."
_PRESSURE = (
    "Much has to make room at once when maxmemory is lowered, and when a large value appears "
    "(by SORT with STORE, SUNIONSTORE and their like, or RESTORE)."
)
_HIGH_HZ = 100


def diagnose(monitor: LatencyMonitor, config: Config) -> str:
    """Report on the events of a monitor, and give advice that fits them."""
    if not monitor.events:
        return _HEALTHY if monitor.milliseconds else _OFF
    lines = [
        _describe(number, name.decode(), event, monitor.now)
        for number, (name, event) in enumerate(monitor.events.items(), 1)
    ]
    advice = dict.fromkeys(
        each for name in monitor.events for each in _advise(name, monitor.milliseconds, config)
    )
    end = _ADVICE + "".join(f"- {each}\n" for each in advice) if advice else _NO_ADVICE
    return _HEADING + "".join(lines) + end


def _describe(number: int, name: str, event: Event, now: int) -> str:
    """Give the line of one event: how many spikes, how high, and how often they come."""
    heights = [spike.milliseconds for spike in event.spikes]
    count = len(heights)
    average = sum(heights) // count
    deviation = sum(abs(height - average) for height in heights) // count
    period = max(now - min(spike.time for spike in event.spikes), 1) / count
    return (
        f"{number}. {name}: {count} latency spikes (average {average}ms, mean deviation "
        f"{deviation}ms, period {period:.2f} sec). Worst all time event {event.worst}ms.\n"
    )


def _advise(event: bytes, threshold: int, config: Config) -> Iterator[str]:
    if event == b"command":
        logged = config.integer(b"slowlog-log-slower-than")
        if logged < 0 or logged // 1000 > threshold:
            yield (
                "SLOWLOG does not keep all of these commands: 'CONFIG SET slowlog-log-slower-than "
                f"{threshold * 1000}' lets it."
            )
        yield _INSPECT
        yield _LARGE
    elif event == b"fast-command":
        yield _BUSY
    elif event == b"expire-cycle":
        if config.integer(b"hz") < _HIGH_HZ:
            yield _OFTENER
        yield _LARGE
    elif event == b"eviction-del":
        yield _LARGE
    elif event == b"eviction-cycle":
        yield _PRESSURE
