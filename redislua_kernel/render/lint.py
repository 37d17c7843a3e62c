"""Warnings about code, with the lines they are about."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle

__all__ = ["Place", "Remark", "lint_bundle"]

_COLORS = {"warning": "var(--jp-warn-color0,#b26a00)", "hint": "var(--jp-info-color0,#0277bd)"}
_MUTED = "color:var(--jp-content-font-color2,#888)"


class Place(NamedTuple):
    """A line of code, with its number, and a column of it; both counted from 1."""

    line: int
    column: int
    code: str
    #: The file, if the code is from one.
    file: str = ""

    @property
    def gutter(self) -> str:
        """What stands before the line."""
        return f"{f'{self.file}:{self.line}' if self.file else f'line {self.line}'} | "


class Remark(NamedTuple):
    """One warning or hint, and what it is about: a place, or the reply."""

    rule: str
    message: str
    advice: str
    fix: str = ""
    is_hint: bool = False
    place: Place | None = None

    @property
    def kind(self) -> str:
        """What it is called."""
        return "hint" if self.is_hint else "warning"

    @property
    def lead(self) -> str:
        """The advice, as it leads to the fix."""
        return f"{self.advice}:" if self.fix else self.advice


def lint_bundle(remarks: Sequence[Remark]) -> Bundle:
    """Give warnings and hints as text and HTML."""
    return {
        "text/plain": "\n".join(map(_text, remarks)),
        "text/html": page("".join(map(_html, remarks))),
    }


def _text(remark: Remark) -> str:
    first = f"{remark.kind} {remark.rule}: {remark.message}\n"
    todo = f"{remark.lead} {remark.fix}".rstrip()
    place = remark.place
    if place is None:
        return f"{first}    {todo}"
    before = place.code[: place.column - 1].expandtabs(4)
    return (
        f"{first}{place.gutter}{place.code.rstrip().expandtabs(4)}\n"
        f"{' ' * (len(place.gutter) + len(before))}^ {todo}"
    )


def _html(remark: Remark) -> str:
    fix = f" <samp><b>{escape(remark.fix)}</b></samp>" if remark.fix else ""
    color = _COLORS[remark.kind]
    return (
        f'<div style="border-left:3px solid {color};padding:2px 8px;margin:4px 0">'
        f'<div><b style="color:{color}">{remark.kind}</b> '
        f"<samp>{escape(remark.rule)}</samp>: {escape(remark.message)}</div>"
        f"{'' if remark.place is None else _code(remark.place)}"
        f'<div style="{_MUTED}">{escape(remark.lead)}{fix}</div></div>'
    )


def _code(place: Place) -> str:
    code, at = place.code.rstrip(), place.column - 1
    return (
        f'<div><samp><span style="{_MUTED}">{escape(place.gutter)}</span>'
        f"{escape(code[:at])}<u>{escape(code[at:])}</u></samp></div>"
    )
