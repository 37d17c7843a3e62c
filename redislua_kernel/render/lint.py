"""Warnings about code, with the lines they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle

__all__ = ["Remark", "lint_bundle"]

_COLORS = {"warning": "var(--jp-warn-color0,#b26a00)", "hint": "var(--jp-info-color0,#0277bd)"}
_MUTED = "color:var(--jp-content-font-color2,#888)"


@dataclass(frozen=True)
class Remark:
    """One warning or hint, the line of code it is about, and where; both counted from 1."""

    rule: str
    line: int
    column: int
    code: str
    message: str
    advice: str
    fix: str = ""
    is_hint: bool = False
    #: The file, if the code is from one.
    file: str = ""

    @property
    def kind(self) -> str:
        """What it is called."""
        return "hint" if self.is_hint else "warning"


def lint_bundle(remarks: Sequence[Remark]) -> Bundle:
    """Give warnings and hints as text and HTML."""
    return {
        "text/plain": "\n".join(map(_text, remarks)),
        "text/html": page("".join(map(_html, remarks))),
    }


def _text(remark: Remark) -> str:
    gutter = f"{_place(remark)} | "
    before = remark.code[: remark.column - 1].expandtabs(4)
    return (
        f"{remark.kind} {remark.rule}: {remark.message}\n"
        f"{gutter}{remark.code.rstrip().expandtabs(4)}\n"
        f"{' ' * (len(gutter) + len(before))}^ {_todo(remark)}"
    )


def _html(remark: Remark) -> str:
    code, at = remark.code.rstrip(), remark.column - 1
    fix = f" <samp><b>{escape(remark.fix)}</b></samp>" if remark.fix else ""
    return (
        f'<div style="border-left:3px solid {_COLORS[remark.kind]};padding:2px 8px;margin:4px 0">'
        f'<div><b style="color:{_COLORS[remark.kind]}">{remark.kind}</b> '
        f"<samp>{escape(remark.rule)}</samp>: {escape(remark.message)}</div>"
        f'<div><samp><span style="{_MUTED}">{escape(_place(remark))} | </span>'
        f"{escape(code[:at])}<u>{escape(code[at:])}</u></samp></div>"
        f'<div style="{_MUTED}">{escape(_advice(remark))}{fix}</div></div>'
    )


def _place(remark: Remark) -> str:
    return f"{remark.file}:{remark.line}" if remark.file else f"line {remark.line}"


def _advice(remark: Remark) -> str:
    return f"{remark.advice}:" if remark.fix else remark.advice


def _todo(remark: Remark) -> str:
    return f"{_advice(remark)} {remark.fix}".rstrip()
