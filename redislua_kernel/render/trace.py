"""A trace of calls as text and HTML: a table, and above it a picture of when each call ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["CallView", "trace_bundle"]

_WIDTH, _HEIGHT = 640, 28
#: So many characters of a call stay on one line.
_CALL_WIDTH = 40
#: A call that took no time to speak of is still to be seen.
_NARROWEST = 1.0
_COLORS = {True: "var(--jp-error-color1,#d33)", False: "var(--jp-brand-color1,#1976d2)"}


@dataclass(frozen=True)
class CallView:
    """One call as it is shown; times in microseconds from the trace's beginning on."""

    call: str
    reply: str
    #: Its number, with its file's name where code was put together from several.
    line: str
    began: float
    took: float
    failed: bool = False


def trace_bundle(title: str, calls: Sequence[CallView], *, rows: int, more: int = 0) -> Bundle:
    """Give calls in their order as text and HTML; HTML shows the first `rows` of them.

    `more` calls were not kept.
    """
    return {
        "text/plain": _text(title, calls, more),
        "text/html": page(_html(title, calls, rows, more)),
    }


def _text(title: str, calls: Sequence[CallView], more: int) -> str:
    lines = [title]
    if calls:
        width = max([5, *(len(call.line) for call in calls)])
        lines.append(f"{'line':>{width}} {'µs':>9}  call → reply")
        lines += [f"{c.line:>{width}} {c.took:>9.1f}  {c.call} → {c.reply}" for c in calls]
    return "\n".join([*lines, *([f"… {more} more"] if more else [])])


def _html(title: str, calls: Sequence[CallView], rows: int, more: int) -> str:
    shown = calls[:rows]
    cells = [
        [
            str(place),
            call.line,
            f"{call.took:.1f}",
            _call(call.call),
            f'<samp class="{"error" if call.failed else ""}">{escape(call.reply)}</samp>',
        ]
        for place, call in enumerate(shown, 1)
    ]
    header = ("", "line", "µs", "call", "reply")
    listed = table(header, cells, len(calls) - len(shown) + more) if calls else ""
    return f"<div>{escape(title)}</div>{_timeline(calls)}{listed}"


def _call(call: str) -> str:
    """Keep a call on its line, at least its beginning, however long the replies are."""
    width = min(len(call), _CALL_WIDTH)
    return f'<samp style="display:inline-block;min-width:{width}ch">{escape(call)}</samp>'


def _timeline(calls: Sequence[CallView]) -> str:
    """Draw when each call ran: a bar for each, time to the right."""
    if not calls:
        return ""
    start = calls[0].began
    span = max(calls[-1].began + calls[-1].took - start, 1e-9)
    scale = _WIDTH / span
    bars = "".join(
        f'<rect x="{(call.began - start) * scale:.1f}" y="2" height="{_HEIGHT - 14}" '
        f'width="{max(call.took * scale, _NARROWEST):.1f}" fill="{_COLORS[call.failed]}">'
        f"<title>line {escape(call.line)}, {call.took:.1f} µs: {escape(call.call)}</title></rect>"
        for call in calls
    )
    label = f"{len(calls)} calls in {span:.0f} µs"
    axis = (
        f'<text x="0" y="{_HEIGHT}" font-size="10" fill="currentColor">0</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT}" font-size="10" text-anchor="end" '
        f'fill="currentColor">{span:.0f} µs</text>'
    )
    return (
        f'<svg role="img" aria-label="{label}" width="{_WIDTH}" height="{_HEIGHT + 2}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT + 2}">{bars}{axis}</svg>'
    )
