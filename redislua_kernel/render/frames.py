"""The frames of a stopped script as text and HTML: where each is, and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["FrameView", "VariableView", "frames_bundle"]


@dataclass(frozen=True)
class VariableView:
    """One variable as it is shown; `kind` tells an upvalue, or KEYS, from a local one."""

    name: str
    value: str
    kind: str = ""


@dataclass(frozen=True)
class FrameView:
    """One frame as it is shown: what it runs, on which line, and what stands there."""

    name: str
    #: Its number, with its file's name where code was put together from several.
    line: str
    code: str
    variables: tuple[VariableView, ...]

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.name}, line {self.line}"


def frames_bundle(title: str, frames: Sequence[FrameView]) -> Bundle:
    """Give frames, the innermost first, as text and HTML."""
    return {"text/plain": _text(title, frames), "text/html": page(_html(title, frames))}


def _text(title: str, frames: Sequence[FrameView]) -> str:
    lines = [title]
    for frame in frames:
        lines.append(f"{frame.place} | {frame.code}")
        for each in frame.variables:
            kind = f" ({each.kind})" if each.kind else ""
            lines.append(f"    {each.name}{kind} = {each.value}")
    return "\n".join(lines)


def _html(title: str, frames: Sequence[FrameView]) -> str:
    parts = [f'<div class="error">{escape(title)}</div>']
    for place, frame in enumerate(frames):
        rows = [
            [f"<samp>{escape(each.name)}</samp>", f"<samp>{escape(each.value)}</samp>", each.kind]
            for each in frame.variables
        ]
        shown = table(("variable", "value", ""), rows) if rows else ""
        summary = f"{escape(frame.place)} <samp>{escape(frame.code)}</samp>"
        opened = " open" if place == 0 else ""
        parts.append(f"<details{opened}><summary>{summary}</summary>{shown}</details>")
    return "".join(parts)
