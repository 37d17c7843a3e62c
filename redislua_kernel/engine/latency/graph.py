"""LATENCY GRAPH: the spikes of an event as bars of characters, each above its age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislua_kernel.engine.latency.monitor import Event, Spike

__all__ = ["draw"]

_COLUMNS = 80
_ROWS = 4
#: The top of a bar, by how high it reaches into its row; below it the bar goes on.
_TOPS = "_o#"
_BELOW = "|"

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def draw(name: str, event: Event, now: int) -> str:
    """Draw the spikes of an event that has some."""
    heights = [spike.milliseconds for spike in event.spikes]
    low, high = min(heights), max(heights)
    spikes = list(event.spikes)
    parts = [spikes[first : first + _COLUMNS] for first in range(0, len(spikes), _COLUMNS)]
    return (
        f"{name} - high {high} ms, low {low} ms (all time high {event.worst} ms)\n"
        f"{'-' * _COLUMNS}\n"
    ) + "\n".join("".join(_rows(part, low, high, now)) for part in parts)


def _rows(spikes: Sequence[Spike], low: int, high: int, now: int) -> Iterator[str]:
    steps = len(_TOPS) * _ROWS
    levels = [
        min(int((spike.milliseconds - low) * steps / (high - low or 1)), steps - 1)
        for spike in spikes
    ]
    for floor in range(steps - len(_TOPS), -1, -len(_TOPS)):
        yield "".join(_bar(level - floor) for level in levels) + "\n"
    yield " " * len(spikes) + "\n"
    ages = [_age(now - spike.time) for spike in spikes]
    for place in range(max(map(len, ages))):
        yield "".join(age[place : place + 1] or " " for age in ages) + "\n"


def _bar(height: int) -> str:
    if height < 0:
        return " "
    return _TOPS[height] if height < len(_TOPS) else _BELOW


def _age(seconds: int) -> str:
    """Give an age in the greatest unit that fits: 59s, 2m, 3h, 4d."""
    unit = next((unit for unit, size in _UNITS.items() if seconds >= size), "s")
    return f"{seconds // _UNITS[unit]}{unit}"
