"""A profile as text and HTML: hits and time beside each line of the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["LineView", "SourceView", "profile_bundle"]

_BAR = 80  # pixels
_NOT_RUN = "not run"
#: Seen on light and on dark ground: the theme's own colour would hide light text.
_MISSED = "background:hsl(0 70% 50% / .22)"


@dataclass(frozen=True)
class LineView:
    """One line as it is shown; times in microseconds. Without code on it, `hits` is None."""

    #: With its file's name where code was put together from several.
    number: str
    hits: int | None
    calls: int
    in_commands: float
    in_lua: float
    code: str
    #: The ways that begin here and were never taken.
    untaken: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """What the line took."""
        return self.in_commands + self.in_lua


@dataclass(frozen=True)
class SourceView:
    """One script or library as it is shown."""

    title: str
    lines: tuple[LineView, ...]

    @property
    def untaken(self) -> int:
        """How many ways were never taken."""
        return sum(len(line.untaken) for line in self.lines)

    @property
    def not_run(self) -> int:
        """How many lines with code did not run."""
        return sum(line.hits == 0 for line in self.lines)


def profile_bundle(sources: Sequence[SourceView]) -> Bundle:
    """Give profiles as text and HTML."""
    return {
        "text/plain": "\n\n".join(map(_text, sources)) or "nothing ran",
        "text/html": page("".join(map(_html, sources)) or "nothing ran"),
    }


def _text(source: SourceView) -> str:
    width = max([5, *(len(line.number) for line in source.lines)])
    lines = [_title(source), f"{'line':>{width}} {'hits':>8} {'µs':>10} {'in commands':>12}"]
    for line in source.lines:
        hits = "" if line.hits is None else line.hits or _NOT_RUN
        total = f"{line.total:.1f}" if line.total else ""
        commands = f"{line.in_commands:.1f}" if line.in_commands else ""
        note = f"  <- {', '.join(line.untaken)}" if line.untaken else ""
        shown = f"{line.number:>{width}} {hits:>8} {total:>10} {commands:>12}  {line.code}{note}"
        lines.append(shown.rstrip())
    return "\n".join(lines)


def _html(source: SourceView) -> str:
    most = max((line.total for line in source.lines), default=0) or 1
    rows = []
    for line in source.lines:
        missed = line.hits == 0
        style = f' style="{_MISSED}"' if missed else ""
        rows.append(
            [
                line.number,
                "" if line.hits is None else _NOT_RUN if missed else str(line.hits),
                f"{line.total:.1f}" if line.total else "",
                _bar(line, most),
                f'<samp{style} title="{_NOT_RUN if missed else ""}">{escape(line.code)}</samp>'
                + "".join(map(_note, line.untaken)),
            ]
        )
    header = ("line", "hits", "µs", "commands | Lua", "source")
    return f"<div>{escape(_title(source))}</div>{table(header, rows)}"


def _bar(line: LineView, most: float) -> str:
    """Draw the time of a line: that in commands first, then that in Lua."""
    if not line.total:
        return ""
    commands, lua = (part / most * _BAR for part in (line.in_commands, line.in_lua))
    label = f"{line.in_commands:.1f} µs in {line.calls} calls, {line.in_lua:.1f} µs in Lua"
    return (
        f'<svg role="img" aria-label="{label}" width="{_BAR}" height="10">'
        f"<title>{label}</title>"
        f'<rect width="{commands:.1f}" height="10" fill="var(--jp-brand-color1,#1976d2)"/>'
        f'<rect x="{commands:.1f}" width="{lua:.1f}" height="10" '
        'fill="var(--jp-warn-color1,#f57c00)"/></svg>'
    )


def _note(text: str) -> str:
    return f' <span style="{_MISSED};font-size:smaller">{escape(text)}</span>'


def _title(source: SourceView) -> str:
    total = sum(line.total for line in source.lines)
    commands = sum(line.in_commands for line in source.lines)
    share = round(100 * commands / total) if total else 0
    parts = [f"{source.title}: {total:.0f} µs, {share} % of them in commands"]
    if source.not_run:
        parts.append(f"{count_of(source.not_run, 'line')} not run")
    if source.untaken:
        parts.append(f"{count_of(source.untaken, 'way')} never taken")
    return "; ".join(parts)
