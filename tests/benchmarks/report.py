"""What the benchmarks have found: ratios beside others, and one table of them all.

What was found last is kept in `results.csv`, section by section: whoever measures a part again
changes that part of the table alone.
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Line", "Section", "add", "cell", "found", "keep", "kept", "table"]

_KEPT = Path(__file__).with_name("results.csv")


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


class Section(NamedTuple):
    """What was measured together: when and where, and what was found."""

    measured: str
    lines: list[Line]


#: What was measured in this process.
_LINES: list[Line] = []


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
    _LINES.append(line)
    return line


def cell(line: Line) -> str:
    """Show the median, the best and whether the goal is missed."""
    return f"{_number(line.median)} ({_number(line.best)}){'' if line.is_met else '*'}"


def found() -> dict[str, Section]:
    """Give what was measured in this process."""
    sections: dict[str, Section] = {}
    for line in _LINES:
        sections.setdefault(line.section, Section(_machine(), [])).lines.append(line)
    return sections


def kept() -> dict[str, Section]:
    """Give what was measured last, in this process or before."""
    sections: dict[str, Section] = {}
    if _KEPT.exists():
        with _KEPT.open(newline="") as file:
            for measured, *fields in csv.reader(file):
                line = _line(*fields)
                sections.setdefault(line.section, Section(measured, [])).lines.append(line)
    return {**sections, **found()}


def keep() -> None:
    """Keep what was measured."""
    rows = [(each.measured, *line) for each in kept().values() for line in each.lines]
    with _KEPT.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _line(section: str, name: str, other: str, *numbers: str) -> Line:
    median, best, goal, is_more_better = numbers
    return Line(
        section,
        name,
        other,
        float(median),
        float(best),
        float(goal) if goal else None,
        is_more_better == "True",
    )


def table(sections: dict[str, Section]) -> str:
    """Give when and where most was measured, and all as one table in Markdown.

    A row is for one thing, a column for one other. A section says if it was measured apart.
    """
    lines = [line for section in sections.values() for line in section.lines]
    others = list(dict.fromkeys(line.other for line in lines))
    usual = statistics.mode(section.measured for section in sections.values())
    text = [f"{usual}:", ""]
    text += [f"| | goal | {' | '.join(others)} |", f"|---|---:{'|---:' * len(others)}|"]
    for heading, section in sections.items():
        apart = "" if section.measured == usual else f" ({section.measured})"
        text.append(f"| **{heading}**{apart} |{' |' * (len(others) + 1)}")
        rows: dict[str, dict[str, Line]] = {}
        for line in section.lines:
            rows.setdefault(line.name, {})[line.other] = line
        for name, row in rows.items():
            goals = filter(None, (_goal(row[other]) for other in others if other in row))
            cells = [cell(row[other]) if other in row else "" for other in others]
            text.append(f"| {name} | {', '.join(dict.fromkeys(goals))} | {' | '.join(cells)} |")
    judged = [line for line in lines if line.goal is not None]
    met = sum(line.is_met for line in judged)
    return "\n".join([*text, "", f"{met} of {len(judged)} goals are met; * marks the others.", ""])


@cache
def _machine() -> str:
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
