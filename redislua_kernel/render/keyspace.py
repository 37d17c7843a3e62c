"""Keys as text and HTML: a list that stays when the kernel is gone, and the lines of the widget."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from redislua_kernel.browsing.details import KeyDetails
from redislua_kernel.browsing.text import cut
from redislua_kernel.browsing.tree import Row
from redislua_kernel.quantities import count_of, duration, memory
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.style_sheets import style_sheet

__all__ = ["KEYSPACE_STYLE", "countdown", "details_html", "heading_html", "keyspace_bundle"]

Line = tuple[Row, KeyDetails | None]

_TEXT_HEADER = ("key", "type", "ttl", "size")
_HTML_HEADER = ("key", "type", "ttl", "size", "encoding", "memory")

#: A hue for each type: the words beside it say the same, so nothing depends on seeing it.
_HUES = {"string": 140, "hash": 265, "list": 30, "set": 190, "zset": 330, "stream": 215}

_LIST_STYLE = style_sheet("redislua_kernel.render", "badge")
#: What the widget's parts need.
KEYSPACE_STYLE = style_sheet("redislua_kernel.render", "countdown") + _LIST_STYLE


def keyspace_bundle(
    lines: Sequence[Line], count: int, database: int, pattern: bytes = b"*"
) -> Bundle:
    """Give keys and closed branches as text and HTML; `count` is the number of all keys."""
    fits = "" if pattern == b"*" else f" that fit{'s' * (count == 1)} {cut(pattern)}"
    title = f"database {database}: {count_of(count, 'key')}{fits}"
    shown = [line for line in lines if not line[0].is_open]
    more = count - sum(row.keys or 1 for row, _ in shown)
    return {
        "text/plain": "\n".join([title, *_text(shown), *([f"… {more} more"] if more else [])]),
        "text/html": _html(title, shown, more),
    }


def _text(lines: Sequence[Line]) -> list[str]:
    if not lines:
        return []
    rows = [(cut(row.name), *_facts(row, details)[:3]) for row, details in lines]
    widths = [max(len(cell) for cell in column) for column in zip(_TEXT_HEADER, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (_TEXT_HEADER, *rows)
    ]


def _html(title: str, lines: Sequence[Line], more: int) -> str:
    rows = []
    for row, details in lines:
        name = f"<samp>{escape(cut(row.name))}</samp>"
        kind, *others = _facts(row, details)
        rows.append([name, _badge(kind) if details else escape(kind), *map(escape, others)])
    listed = table(_HTML_HEADER, rows, more) if rows else ""
    return _LIST_STYLE + page(f"<div>{escape(title)}</div>{listed}")


def _facts(row: Row, details: KeyDetails | None) -> tuple[str, str, str, str, str]:
    if details is None:
        return ("branch" if row.keys else "", "", count_of(row.keys, "key"), "", "")
    ttl = "none" if details.ttl is None else duration(details.ttl)
    size = count_of(details.size, details.unit)
    return details.type, ttl, size, details.encoding, memory(details.memory)


def details_html(row: Row, details: KeyDetails | None) -> str:
    """Give what stands beside a name in the widget's tree."""
    if row.keys:
        return f'<span class="redislua-size">{count_of(row.keys, "key")}</span>'
    if details is None:
        return '<span class="redislua-size">…</span>'
    size = count_of(details.size, details.unit)
    ttl = "" if details.ttl is None else countdown(details.ttl)
    return (
        f'<span class="redislua-left">{ttl}</span><span class="redislua-size">{size}</span>'
        f"{_badge(details.type)}"
    )


def heading_html(key: bytes, details: KeyDetails | None) -> str:
    """Give a key's name and all there is to tell of it."""
    name = f"<h3><samp>{escape(cut(key, 1000))}</samp></h3>"
    if details is None:
        return (
            f'{name}<p class="redislua-facts">This key is not there, or could not be read yet.</p>'
        )
    ttl = "never expires" if details.ttl is None else f"expires in {countdown(details.ttl)}"
    facts = [count_of(details.size, details.unit), escape(details.encoding), memory(details.memory)]
    listed = "".join(f"<span>{fact}</span>" for fact in [*facts, ttl])
    return f'{name}<p class="redislua-facts">{_badge(details.type)}{listed}</p>'


def countdown(milliseconds: int) -> str:
    """Give a time to live that counts down by itself in the page; one of days stands still."""
    seconds = milliseconds / 1000
    said = duration(milliseconds)
    if seconds >= 86_400:
        return f"<span>{said}</span>"
    kind = "redislua-ttl redislua-hours" if seconds >= 3600 else "redislua-ttl"
    style = (
        f"--redislua-left:{int(seconds)};"
        f"animation:redislua-countdown {seconds:.3f}s linear forwards"
    )
    return (
        f'<span class="{kind}" style="{style}"><span class="redislua-unseen">{said}</span></span>'
    )


def _badge(kind: str) -> str:
    hue = _HUES.get(kind, 0)
    return f'<span class="redislua-type" style="--redislua-hue:{hue}">{escape(kind)}</span>'
