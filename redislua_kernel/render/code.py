"""Code as HTML: coloured by kinds of pieces in the editor's colours, and as a difference."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from html import escape

__all__ = ["code_html", "diff_html", "diff_lines"]

_COLORS = {
    kind: f"var(--jp-mirror-editor-{kind}-color,{fallback})"
    for kind, fallback in {
        "comment": "#6a8759",
        "keyword": "#07a",
        "number": "#2a7",
        "string": "#b33",
    }.items()
}
_FRAME = (
    "margin:0;padding:4px 8px;line-height:1.4;font-size:12px;"
    "font-family:var(--jp-code-font-family,monospace)"
)
_MARKS = {
    "+": ("added", "background:hsl(140 60% 45% / .22)"),
    "-": ("removed", "background:hsl(0 70% 50% / .2)"),
    "@": ("", "color:var(--jp-content-font-color2,#888)"),
}


def code_html(pieces: Iterable[tuple[str, str]], name: str) -> str:
    """Give pieces of code, each with its kind, with their lines' numbers; `name` is read out."""
    parts = list(pieces)
    lines = len("".join(text for _, text in parts).removesuffix("\n").split("\n"))
    numbers = "\n".join(map(str, range(1, lines + 1)))
    code = "".join(_piece(kind, text) for kind, text in parts)
    return (
        f'<div style="display:flex;overflow:auto;max-height:480px" tabindex="0" role="region" '
        f'aria-label="{escape(name)}">'
        f'<pre aria-hidden="true" style="{_FRAME};text-align:right;opacity:.55;'
        f'user-select:none">{numbers}</pre><pre style="{_FRAME};flex:1">{code}</pre></div>'
    )


def diff_lines(before: str, after: str) -> list[str]:
    """Give what differs between two texts, as `diff -u` does without its first lines."""
    return list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]


def diff_html(lines: Iterable[str], name: str) -> str:
    """Give such a difference; the signs say the same as the colours."""
    shown = "".join(_diff_line(line) for line in lines)
    return (
        f'<div style="overflow:auto;max-height:480px;{_FRAME};white-space:pre" tabindex="0" '
        f'role="region" aria-label="{escape(name)}">{shown}</div>'
    )


def _piece(kind: str, text: str) -> str:
    color = _COLORS.get(kind)
    return f'<span style="color:{color}">{escape(text)}</span>' if color else escape(text)


def _diff_line(line: str) -> str:
    title, style = _MARKS.get(line[:1], ("", ""))
    return f'<div title="{title}" style="{style}">{escape(line) or " "}</div>'
