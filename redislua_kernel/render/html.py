"""Replies as HTML: tables for maps, pairs and rows, in the notebook's own colours.

Everything a reply holds is escaped. Without a notebook's style sheet (GitHub, a mail) the
tables are plain and readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from redislua_kernel.render.terminal import format_reply
from redislua_kernel.reply import Map, Pairs, Reply, ResponseError, Status

__all__ = ["STYLE", "page", "reply_html", "table"]

_DEEPEST = 30
_LONGEST = 10_000

#: JupyterLab moves cells to the right. It drops a style sheet, but not this, from a notebook that
#: it does not trust yet.
_CELL = 'style="text-align:left;vertical-align:top"'

#: Jupyter's variables carry the theme, light or dark; the fallbacks suit both. The class of the
#: table is there to outweigh JupyterLab's own rules.
STYLE = (
    "<style>"
    ".redislua{color:var(--jp-content-font-color1,inherit);padding:var(--jp-code-padding,0);"
    "font-size:var(--jp-code-font-size,inherit);line-height:var(--jp-code-line-height,inherit)}"
    ".redislua table.redislua-table{border-collapse:collapse;margin:2px 0;"
    "font-size:inherit;table-layout:auto}"
    ".redislua .redislua-table th,.redislua .redislua-table td{"
    "border:1px solid var(--jp-border-color2,#8885);padding:2px 8px;max-width:none;"
    "white-space:normal}"
    ".redislua .redislua-table th{background:var(--jp-layout-color2,#8882);font-weight:600}"
    ".redislua samp{font-family:var(--jp-code-font-family,monospace);white-space:pre-wrap;"
    "overflow-wrap:anywhere}"
    ".redislua .string{color:var(--jp-mirror-editor-string-color,inherit)}"
    ".redislua .integer,.redislua .double{color:var(--jp-mirror-editor-number-color,#2a7)}"
    ".redislua .nil,.redislua .more{color:var(--jp-content-font-color2,#888)}"
    ".redislua .error{color:var(--jp-error-color1,#d33)}"
    "</style>"
)


def page(html: str) -> str:
    """Put HTML into the frame that the style is for."""
    return f'{STYLE}<div class="redislua">{html}</div>'


def reply_html(reply: Reply, resp: int = 2, *, rows: int = 100, origin: str | None = None) -> str:
    """Give a reply as HTML; a table shows its first `rows` rows and says how many follow.

    Above it stands the server that gave it, if one did.
    """
    prompt = "" if origin is None else f'<div class="more"><samp>{escape(origin)}&gt;</samp></div>'
    return page(prompt + _Renderer(resp, rows).value(reply, 0))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], more: int = 0) -> str:
    """Give a table of cells that are HTML already, and a last line for `more` rows not shown."""
    head = "".join(f"<th {_CELL}>{name}</th>" for name in header)
    lines = ["".join(f"<td {_CELL}>{cell}</td>" for cell in row) for row in rows]
    if more:
        lines.append(f'<td class="more" colspan="{len(header) or 2}">… {more} more</td>')
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<table class="redislua-table">{top}<tbody>{body}</tbody></table>'


class _Renderer:
    def __init__(self, resp: int, rows: int) -> None:
        self.resp = resp
        self.rows = rows

    def value(self, reply: Reply, depth: int) -> str:
        pairs = _pairs(reply)
        if depth > _DEEPEST or (not pairs and not (reply and isinstance(reply, list | tuple))):
            return self.scalar(reply)
        if pairs is not None:
            return self.pairs(pairs, depth)
        columns = _columns(reply)
        if columns is not None:
            return self.records(reply, columns, depth)
        shown = [
            [f'<span class="more">{place}</span>', self.value(item, depth + 1)]
            for place, item in enumerate(reply[: self.rows], 1)
        ]
        return table((), shown, len(reply) - len(shown))

    def pairs(self, pairs: list[tuple[Reply, Reply]], depth: int) -> str:
        shown = [
            [self.value(key, depth + 1), self.value(value, depth + 1)]
            for key, value in pairs[: self.rows]
        ]
        return table((), shown, len(pairs) - len(shown))

    def records(self, maps: Sequence[Reply], columns: list[Reply], depth: int) -> str:
        shown = [
            [self.value(value, depth + 1) for value in each.values()] for each in maps[: self.rows]
        ]
        header = [_label(column) for column in columns]
        return table(header, shown, len(maps) - len(shown))

    def scalar(self, reply: Reply) -> str:
        text = format_reply(reply, self.resp)
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}… {len(text) - _LONGEST} more"
        kind = _kind(reply, self.resp)
        return f'<samp class="{kind}">{escape(text)}</samp>'


def _pairs(reply: Reply) -> list[tuple[Reply, Reply]] | None:
    """Give a map's entries, or the pairs of a list of pairs; None for anything else."""
    if isinstance(reply, dict):
        return list(reply.items())
    if isinstance(reply, Map | Pairs):
        return [(key, value) for key, value in reply]
    return None


def _columns(reply: Sequence[Reply]) -> list[Reply] | None:
    """Give the common keys of a list of maps; None if they differ or are no maps."""
    first = reply[0]
    if not isinstance(first, dict) or not first:
        return None
    keys = list(first)
    alike = all(isinstance(each, dict) and list(each) == keys for each in reply)
    return keys if alike else None


def _label(key: Reply) -> str:
    return escape(key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key))


def _kind(reply: Reply, resp: int) -> str:
    if isinstance(reply, ResponseError):
        return "error"
    if isinstance(reply, bytes):
        return "status" if isinstance(reply, Status) else "string"
    if isinstance(reply, float):
        return "double" if resp == 3 else "string"
    return "integer" if isinstance(reply, int) else "nil"
