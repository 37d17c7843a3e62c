"""How an engine fares as text and HTML: figures, each with a picture of its course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.browsing.stats import History
from redislua_kernel.quantities import count_of, memory, seconds_text
from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.plots import course_svg, sparkline
from redislua_kernel.render.programs import running_text

__all__ = ["stats_bundle", "stats_html"]

#: A rate takes two looks.
_UNKNOWN = "…"

_CARDS = 'style="display:flex;flex-wrap:wrap;gap:12px 24px;margin:4px 0"'
_CARD = 'style="flex:0 1 260px;margin:0"'
_FIGURE = (
    'style="display:flex;justify-content:space-between;gap:12px;align-items:baseline;'
    'font-size:12px"'
)
_VALUE = 'style="font-size:15px;font-weight:600;font-variant-numeric:tabular-nums"'


@dataclass(frozen=True)
class _Course:
    """One quantity: its name, its value now, the most of it in words, and how it went."""

    name: str
    now: str
    most: str
    points: Sequence[tuple[float, float]]
    highest: float

    @property
    def label(self) -> str:
        """The picture in words."""
        return f"{self.name}: {self.now}, at most {self.most}"


def stats_bundle(history: History) -> Bundle:
    """Give the figures as text and HTML."""
    courses = _courses(history)
    widths = [max(map(len, column)) for column in zip(*map(_cells, courses), strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + f"  {sparkline([value for _, value in course.points[1:]], course.highest)}"
        for course, row in ((each, _cells(each)) for each in courses)
    ]
    text = "\n".join([*_titles(history), *(line.rstrip() for line in lines)])
    return {"text/plain": text, "text/html": page(stats_html(history))}


def stats_html(history: History) -> str:
    """Give the figures as HTML, without the frame."""
    titles = "".join(f"<div>{escape(title)}</div>" for title in _titles(history))
    return f"{titles}<div {_CARDS}>{''.join(map(_card, _courses(history)))}</div>"


def _titles(history: History) -> list[str]:
    last, running = history.last, history.running
    failed = f", {last.failed:,} of them failed" if last.failed else ""
    done = (
        f"{count_of(last.commands, 'command')}; "
        f"{count_of(last.runs, 'run')} of scripts and functions{failed}, "
        f"{seconds_text(last.script_seconds)} in all"
    )
    return [done, *([running_text(running)] if running is not None else [])]


def _courses(history: History) -> list[_Course]:
    moments, last = history.moments, history.last

    def course(
        name: str,
        values: Sequence[float],
        text_of: Callable[[float], str],
        *,
        now: float | None = None,
        highest: float = 0.0,
    ) -> _Course:
        times = [each.ended for each in moments]
        points = list(zip(times, values, strict=True))
        if moments:
            points.insert(0, (moments[0].began, values[0]))
        most = max(values, default=now or 0.0)
        latest = values[-1] if values else now
        said = _UNKNOWN if latest is None else text_of(latest)
        return _Course(name, said, text_of(most), points, highest or most)

    made = [
        course("commands per second", [each.commands_per_second for each in moments], _number),
        course("time in scripts", [each.in_scripts for each in moments], _share, highest=1.0),
        course("keys", [each.keys for each in moments], _number, now=last.keys),
    ]
    if last.memory:
        used = [each.memory for each in moments]
        made.append(course("memory of the process", used, _bytes, now=last.memory))
    return made


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{value:.0%}"


def _bytes(value: float) -> str:
    return memory(round(value))


def _cells(course: _Course) -> tuple[str, str, str]:
    return course.name, course.now, f"at most {course.most}" if course.points else ""


def _card(course: _Course) -> str:
    return (
        f"<figure {_CARD}><figcaption {_FIGURE}><span>{escape(course.name)}</span>"
        f"<span {_VALUE}>{escape(course.now)}</span></figcaption>"
        f"{course_svg(course.points, course.highest, course.label)}"
        f'<div {_FIGURE}><span class="more">at most {escape(course.most)}</span>'
        f'<span class="more">{_span(course.points)}</span></div></figure>'
    )


def _span(points: Sequence[tuple[float, float]]) -> str:
    return f"{points[-1][0] - points[0][0]:.0f} s" if points else ""
