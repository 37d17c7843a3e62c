"""Help texts for hover, the pager and %help, as MIME bundles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["documentation_bundle", "table_bundle"]


def documentation_bundle(usage: str, text: str, facts: Sequence[tuple[str, str]] = ()) -> Bundle:
    """Give how something is written, what it does and facts about it, as text, Markdown, HTML."""
    lines = [f"{name}: {value}" for name, value in facts]
    rows = [[escape(name), escape(value)] for name, value in facts]
    html = f"<pre><b>{escape(usage)}</b></pre><pre>{escape(text)}</pre>"
    listed = "".join(f"\n- {line}" for line in lines)
    return {
        "text/plain": "\n".join([usage, "", text, *([""] if lines else []), *lines]),
        "text/markdown": f"```lua\n{usage}\n```\n\n{text}\n{listed}",
        "text/html": page(html + (table((), rows) if rows else "")),
    }


def table_bundle(rows: Sequence[tuple[str, str]]) -> Bundle:
    """Give a list of names and explanations as text and HTML."""
    width = max((len(name) for name, _ in rows), default=0)
    cells = [
        [f'<samp style="white-space:nowrap">{escape(name)}</samp>', escape(text)]
        for name, text in rows
    ]
    return {
        "text/plain": "\n".join(f"{name:{width}}  {text}" for name, text in rows),
        "text/html": page(table((), cells)),
    }
