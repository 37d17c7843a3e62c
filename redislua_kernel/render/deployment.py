"""A library on its way to servers as text and HTML: what they have, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from html import escape

from redislua_kernel.render.code import diff_html, diff_lines
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["NodeRow", "outcomes_bundle", "plan_bundle"]

#: So much of a version's digest tells it from others.
_DIGITS = 8
_ENDS = " only the ends of lines differ"


@dataclass(frozen=True)
class NodeRow:
    """One node, and what there is to say of it."""

    place: str
    said: str
    failed: bool = False


def plan_bundle(
    title: str, nodes: Mapping[str, tuple[bytes | None, str]], wanted: Mapping[str, bytes | None]
) -> Bundle:
    """Give what each node has and would get, its trouble, and how the versions differ."""
    rows = [
        NodeRow(
            place, f"{_name(before)} → {_name(wanted[place])}  {trouble}".rstrip(), bool(trouble)
        )
        for place, (before, trouble) in nodes.items()
    ]
    text, html = _table(title, rows)
    versions = {before for before, _ in nodes.values()}
    if len(versions) > 1:
        note = f"The nodes differ now: {', '.join(sorted(map(_name, versions)))}."
        text.append(note)
        html.append(f'<div class="error">{escape(note)}</div>')
    for before, after in dict.fromkeys(
        (before, wanted[place]) for place, (before, trouble) in nodes.items() if not trouble
    ):
        if before is not None and after is not None and before != after:
            name = f"{_name(before)} → {_name(after)}"
            lines = diff_lines(_decode(before), _decode(after)) or [_ENDS]
            text += ["", f"{name}:", *lines]
            html.append(f"<div>{escape(name)}</div>{diff_html(lines, name)}")
    return {"text/plain": "\n".join(text), "text/html": page("".join(html))}


def outcomes_bundle(title: str, rows: Sequence[NodeRow]) -> Bundle:
    """Give what became of each node."""
    text, html = _table(title, rows)
    return {"text/plain": "\n".join(text), "text/html": page("".join(html))}


def _table(title: str, rows: Sequence[NodeRow]) -> tuple[list[str], list[str]]:
    width = max(len(row.place) for row in rows)
    text = [title, *(f"  {row.place:{width}}  {row.said}" for row in rows)]
    cells = [[escape(row.place), _said(row)] for row in rows]
    return text, [f"<div>{escape(title)}</div>", table(("node", ""), cells)]


def _said(row: NodeRow) -> str:
    said = escape(row.said)
    return f'<span class="error">{said}</span>' if row.failed else said


def _name(version: bytes | None) -> str:
    """Name a version by its digest's beginning."""
    return "none" if version is None else sha1(version).hexdigest()[:_DIGITS]


def _decode(version: bytes) -> str:
    return version.decode("utf-8", "replace")
