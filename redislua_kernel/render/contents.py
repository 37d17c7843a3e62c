"""What is in a key as HTML: a string laid out, a table with its picture. All of it is escaped."""

from __future__ import annotations

import re
from html import escape

from redislua_kernel.browsing.contents import Table
from redislua_kernel.browsing.decoding import Piece
from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import table
from redislua_kernel.render.plots import map_svg, scores_svg

__all__ = ["contents_html", "range_of"]

_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<integer>-?\b\d[\d.eE+-]*)|(?P<nil>\b(?:null|true|false)\b)'
)
_DECODED = ("JSON", "MessagePack")
#: Columns of numbers.
_NUMBERS = frozenset({"index", "rank", "score", "longitude", "latitude"})


def contents_html(contents: Piece | Table) -> str:
    """Give a page of a key's contents."""
    if isinstance(contents, Piece):
        text = contents.text
        shown = _coloured(text) if contents.kind in _DECODED else escape(text)
        return f'<pre class="redislua-text" tabindex="0"><samp>{shown}</samp></pre>'
    notes = "".join(f'<div class="more">{escape(note)}</div>' for note in contents.notes)
    picture = scores_svg(contents.scores) if contents.scores is not None else ""
    if contents.places:
        picture = map_svg(contents.places)
    rows = [
        [
            f'<samp class="{"integer" if name in _NUMBERS else ""}">{escape(cell)}</samp>'
            for name, cell in zip(contents.header, row, strict=True)
        ]
        for row in contents.rows
    ]
    return notes + picture + table(contents.header, rows)


def range_of(contents: Piece | Table) -> str:
    """Tell which part of a key's contents a page shows."""
    if isinstance(contents, Table):
        first, length, unit = contents.first, len(contents.rows), "row"
        kind = ""
    else:
        first, length, unit = contents.first, contents.length, contents.unit
        kind = f"{contents.kind}, "
    if length >= contents.total:
        return f"{kind}{count_of(contents.total, unit)}"
    of = f"{first + 1:,} to {first + length:,} of {contents.total:,}"
    return f"{kind}{unit}s {of}"


def _coloured(text: str) -> str:
    parts, done = [], 0
    for token in _TOKEN.finditer(text):
        parts.append(escape(text[done : token.start()]))
        parts.append(f'<span class="{token.lastgroup}">{escape(token[0])}</span>')
        done = token.end()
    return "".join([*parts, escape(text[done:])])
