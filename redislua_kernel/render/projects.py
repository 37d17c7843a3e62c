"""What was loaded from files, as text and HTML."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from redislua_kernel.projects import Source
from redislua_kernel.projects.includes import shown
from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["sources_bundle"]


def sources_bundle(sources: Sequence[Source], changed: Collection[Source]) -> Bundle:
    """Give a line for each script and library: its name, its keys, its file, if it has changed."""
    rows = [(*_row(source), "changed" if source in changed else "") for source in sources]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    header = ("", "name", "keys", "file", "")
    html = table(header, [[escape(cell) for cell in row] for row in rows])
    return {"text/plain": "\n".join(lines), "text/html": page(html)}


def _row(source: Source) -> tuple[str, str, str, str]:
    file = shown(source.path) if source.path else ""
    if source.library is not None:
        return "library", source.library.decode("utf-8", "replace"), "", file
    count = source.key_count
    keys = "" if count is None else count_of(count, "key")
    return "script", source.name, keys, file
