"""What the benchmarks have found: ratios beside others, and one table of them all."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

__all__ = ["LINES", "Line", "add", "cell", "machine", "table"]


class Line(NamedTuple):
    """How we compare with one other in one thing."""

    section: str
    name: str
    other: str
    median: float
    best: float
    #: What the median is to keep to; None: nobody has set that.
    goal: float | None = None
    #: Whether more is better: then the goal is the least, and else the most.
    is_more_better: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether the goal is met, if there is one."""
        if self.goal is None:
            return True
        return self.median >= self.goal if self.is_more_better else self.median <= self.goal


#: All that was measured in this process.
LINES: list[Line] = []


def add(
    section: str,
    name: str,
    other: str,
    ratios: Sequence[float],
    goal: float | None = None,
    *,
    is_more_better: bool = False,
) -> Line:
    """Keep what the rounds have given; give it."""
    best = (max if is_more_better else min)(ratios)
    line = Line(section, name, other, statistics.median(ratios), best, goal, is_more_better)
    LINES.append(line)
    return line


def cell(line: Line) -> str:
    """Show the median, the best and whether the goal is missed."""
    return f"{_number(line.median)} ({_number(line.best)}){'' if line.is_met else '*'}"


def table(lines: Iterable[Line] | None = None) -> str:
    """Give all lines as one table in Markdown: a row for each thing, a column for each other."""
    found = list(LINES if lines is None else lines)
    others = list(dict.fromkeys(line.other for line in found))
    rows: dict[tuple[str, str], dict[str, Line]] = {}
    for line in found:
        rows.setdefault((line.section, line.name), {})[line.other] = line
    text = [f"| | goal | {' | '.join(others)} |", f"|---|---:{'|---:' * len(others)}|"]
    section = ""
    for (heading, name), row in rows.items():
        if heading != section:
            section = heading
            text.append(f"| **{section}** |{' |' * (len(others) + 1)}")
        goals = filter(None, (_goal(row[other]) for other in others if other in row))
        cells = [cell(row[other]) if other in row else "" for other in others]
        text.append(f"| {name} | {', '.join(dict.fromkeys(goals))} | {' | '.join(cells)} |")
    judged = [line for line in found if line.goal is not None]
    met = sum(line.is_met for line in judged)
    return "\n".join([*text, "", f"{met} of {len(judged)} goals are met; * marks the others.", ""])


def machine() -> str:
    """Tell the date and the machine."""
    today = datetime.now(UTC)
    return (
        f"{today.day} {today:%B %Y}, {os.cpu_count()} cores of {_processor()}, "
        f"load {os.getloadavg()[0]:.0f}, Python {platform.python_version()}"
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _goal(line: Line) -> str:
    if line.goal is None:
        return ""
    return f"{'≥' if line.is_more_better else '≤'} {line.goal:.3g}"


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
