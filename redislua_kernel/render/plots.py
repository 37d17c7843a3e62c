"""Small pictures: how scores are spread, where places lie, how a quantity went."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import cos, radians

from redislua_kernel.browsing.scores import Scores
from redislua_kernel.quantities import count_of

__all__ = ["bar_svg", "course_svg", "map_svg", "scores_svg", "sparkline"]

_WIDTH, _HEIGHT = 420, 72
_COLOR = "var(--jp-brand-color1,#1976d2)"
_FAINT = "var(--jp-border-color1,#8888)"
_LABEL = 'font-size="10" fill="currentColor"'
#: A bar that stands for anything is to be seen.
_LEAST = 1.5

_BAR_WIDTH = 120

_COURSE_WIDTH, _COURSE_HEIGHT = 260, 60
_BLOCKS = "▁▂▃▄▅▆▇█"
_BLOCKS_IN_LINE = 40

_MAP = 300
_MARGIN = 24
#: Degrees that a map shows at least: one place alone has no extent.
_LEAST_EXTENT = 0.01
#: Up to so many places have their names beside them.
_MOST_NAMED = 12


def scores_svg(scores: Scores) -> str:
    """Draw how many members lie where; what the page shows stands out."""
    base = _HEIGHT - 14
    highest = max(scores.counts)
    step = _WIDTH / len(scores.counts)
    width = (scores.high - scores.low) / len(scores.counts)
    bars = []
    for place, count in enumerate(scores.counts):
        low, high = scores.low + width * place, scores.low + width * (place + 1)
        on_page = scores.page is not None and scores.page[0] <= high and low <= scores.page[1]
        height = max(count / highest * (base - 4), _LEAST) if count else 0
        bars.append(
            f'<rect x="{place * step + 0.5:.1f}" y="{base - height:.1f}" width="{step - 1:.1f}" '
            f'height="{height:.1f}" rx="1" fill="{_COLOR}" opacity="{1 if on_page else 0.4}">'
            f"<title>{count_of(count, 'member')} from {low:g} to {high:g}</title></rect>"
        )
    most = count_of(highest, "member")
    label = f"Scores from {scores.low:g} to {scores.high:g}; at most {most} in a bar"
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" style="max-width:100%;display:block">{"".join(bars)}'
        f'<line x1="0" y1="{base}" x2="{_WIDTH}" y2="{base}" stroke="{_FAINT}"/>'
        f'<text x="0" y="{_HEIGHT - 2}" {_LABEL}>{scores.low:g}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 2}" text-anchor="end" {_LABEL}>{scores.high:g}</text>'
        "</svg>"
    )


def bar_svg(value: float, low: float, high: float) -> str:
    """Draw a number as a bar from 0 on; all that it is compared with lie from `low` to `high`."""

    def place(number: float) -> float:
        # Halves, because the greatest doubles have no difference.
        part = (number / 2 - low / 2) / ((high / 2 - low / 2) or 1)
        return min(max(part, 0.0), 1.0) * _BAR_WIDTH

    start, end = sorted((place(0), place(value)))
    width = max(end - start, _LEAST if value else 0)
    return (
        f'<svg aria-hidden="true" width="{_BAR_WIDTH}" height="10" style="display:block">'
        f'<rect x="{start:.1f}" width="{width:.1f}" height="10" rx="1" fill="{_COLOR}" '
        'opacity=".75"/></svg>'
    )


def course_svg(points: Sequence[tuple[float, float]], highest: float, label: str) -> str:
    """Draw how a quantity went, from 0 to `highest`: points of time and value, in order."""
    width, height = _COURSE_WIDTH, _COURSE_HEIGHT
    start, end = (points[0][0], points[-1][0]) if points else (0.0, 0.0)
    across, up = width / (max(end - start, 0) or 1), (height - 4) / (highest or 1)
    spots = [f"{(at - start) * across:.1f},{height - value * up:.1f}" for at, value in points]
    line = " ".join(spots)
    area = (
        f'<polygon points="0,{height} {line} {width},{height}" fill="{_COLOR}" opacity=".18"/>'
        f'<polyline points="{line}" fill="none" stroke="{_COLOR}" stroke-width="1.5" '
        'stroke-linejoin="round"/>'
    )
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" style="max-width:100%;display:block"><title>{escape(label)}</title>'
        f"{area if len(points) > 1 else ''}"
        f'<line x1="0" y1="{height}" x2="{width}" y2="{height}" stroke="{_FAINT}"/></svg>'
    )


def sparkline(values: Sequence[float], highest: float) -> str:
    """Draw the same in one line of text."""
    shown = values
    if len(values) > _BLOCKS_IN_LINE:
        edges = [len(values) * place // _BLOCKS_IN_LINE for place in range(_BLOCKS_IN_LINE + 1)]
        shown = [max(values[low:high]) for low, high in pairwise(edges)]
    last = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round(min(value / (highest or 1), 1) * last)] for value in shown)


def map_svg(places: Sequence[tuple[float, float, str]]) -> str:
    """Draw places by longitude and latitude, north above."""
    west, east = _extent([place[0] for place in places])
    south, north = _extent([place[1] for place in places])
    # A degree of longitude is shorter, the farther from the equator.
    ratio = max(cos(radians((south + north) / 2)), 0.1)
    scale = (_MAP - 2 * _MARGIN) / max((east - west) * ratio, north - south)
    width = (east - west) * ratio * scale + 2 * _MARGIN + 80
    height = (north - south) * scale + 2 * _MARGIN
    points = []
    for longitude, latitude, name in places:
        x = _MARGIN + (longitude - west) * ratio * scale
        y = _MARGIN + (north - latitude) * scale
        points.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_COLOR}" fill-opacity=".75">'
            f"<title>{escape(name)}: {longitude:.6f}, {latitude:.6f}</title></circle>"
        )
        if len(places) <= _MOST_NAMED:
            short = escape(name if len(name) <= 16 else f"{name[:15]}…")
            points.append(f'<text x="{x + 7:.1f}" y="{y + 3:.1f}" {_LABEL}>{short}</text>')
    return (
        f'<svg role="img" aria-label="A map of {count_of(len(places), "place")}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'style="max-width:100%;display:block"><rect x=".5" y=".5" width="{width - 1:.0f}" '
        f'height="{height - 1:.0f}" rx="4" fill="none" stroke="{_FAINT}"/>{"".join(points)}</svg>'
    )


def _extent(degrees: Sequence[float]) -> tuple[float, float]:
    low, high = min(degrees), max(degrees)
    missing = max(_LEAST_EXTENT - (high - low), 0) / 2
    return low - missing, high + missing
