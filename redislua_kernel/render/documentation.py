"""Help texts for hover, the pager and %help, as MIME bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["documentation_bundle", "sections_bundle", "table_bundle"]

Rows = Sequence[tuple[str, str]]

#: JupyterLab would break lines within words.
_PRE = '<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere">'


def documentation_bundle(usage: str, text: str, facts: Rows = ()) -> Bundle:
    """Give how something is written, what it does and facts about it, as text, Markdown, HTML."""
    lines = [f"{name}: {value}" for name, value in facts]
    rows = [[escape(name), escape(value)] for name, value in facts]
    html = f"{_PRE}<b>{escape(usage)}</b></pre>{_PRE}{escape(text)}</pre>"
    listed = "".join(f"\n- {line}" for line in lines)
    return {
        "text/plain": "\n".join([usage, "", text, *([""] if lines else []), *lines]),
        "text/markdown": f"```lua\n{usage}\n```\n\n{text}\n{listed}",
        "text/html": page(html + (table((), rows) if rows else "")),
    }


def table_bundle(rows: Rows) -> Bundle:
    """Give a list of names and explanations as text and HTML."""
    return {"text/plain": _lines(rows, _width(rows)), "text/html": page(table((), _cells(rows)))}


def sections_bundle(sections: Mapping[str, Rows], note: str) -> Bundle:
    """Give such lists, each below its title, and a note; their columns are in line."""
    width = max(map(_width, sections.values()), default=0)
    return {
        "text/plain": "\n\n".join(
            [*(f"{title}\n{_lines(rows, width)}" for title, rows in sections.items()), note]
        ),
        "text/html": page(
            "".join(
                f"<div><b>{escape(title)}</b></div>{table((), _cells(rows))}"
                for title, rows in sections.items()
            )
            + f"<div>{escape(note)}</div>"
        ),
    }


def _width(rows: Rows) -> int:
    return max((len(name) for name, _ in rows), default=0)


def _lines(rows: Rows, width: int) -> str:
    return "\n".join(f"{name:{width}}  {text}" for name, text in rows)


def _cells(rows: Rows) -> list[list[str]]:
    return [
        [f'<samp style="white-space:nowrap">{escape(name)}</samp>', escape(text)]
        for name, text in rows
    ]
