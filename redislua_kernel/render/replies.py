"""Replies as HTML: tables for maps, pairs and rows; what is nested in them can be folded.

Everything a reply holds is escaped. The letters of a text beyond ASCII stand as they are,
other bytes as redis-cli shows them. Replies of commands that are known have views of their own
(`views`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from redislua_kernel.browsing.text import legible
from redislua_kernel.render.html import page, table
from redislua_kernel.render.terminal import format_beginning
from redislua_kernel.render.views import view_of
from redislua_kernel.reply import Map, Pairs, Push, Reply, ResponseError, SetReply, Status

__all__ = ["reply_html"]

_DEEPEST = 30
_LONGEST = 10_000
#: So many times `rows` are shown of a reply in all its tables together.
_MOST_TABLES = 20
#: What is nested no deeper, with no more in it, is open at first.
_OPEN_DEPTH, _OPEN_LENGTH = 2, 10


def reply_html(
    reply: Reply,
    resp: int = 2,
    *,
    rows: int = 100,
    command: Sequence[bytes] = (),
    origin: str | None = None,
) -> str:
    """Give a reply as HTML; a table shows its first `rows` rows and says how many follow.

    `command` has the words of the command that gave the reply, if they are known. Above it
    stands the server that gave it, if one did.
    """
    prompt = "" if origin is None else f'<div class="more"><samp>{escape(origin)}&gt;</samp></div>'
    renderer = _Renderer(resp, rows)
    view = view_of(command, reply)
    if view is None:
        return page(prompt + renderer.value(reply, 0))
    return page(prompt + view.html(lambda value: renderer.value(value, 1), rows))


class _Renderer:
    def __init__(self, resp: int, rows: int) -> None:
        self.resp = resp
        self.rows = rows
        self.left = rows * _MOST_TABLES

    def value(self, reply: Reply, depth: int) -> str:
        pairs = _pairs(reply)
        if depth > _DEEPEST or (not pairs and not (reply and isinstance(reply, list | tuple))):
            return self.scalar(reply)
        if pairs is not None:
            return self.folded(reply, depth, lambda: self.pairs(pairs, depth))
        columns = _columns(reply)
        if columns is not None:
            return self.folded(reply, depth, lambda: self.records(reply, columns, depth))
        return self.folded(reply, depth, lambda: self.items(reply, depth))

    def folded(self, reply: Reply, depth: int, content: Callable[[], str]) -> str:
        """Put what is nested below its summary, to be opened."""
        if depth == 0:
            return content()
        is_open = depth <= _OPEN_DEPTH and len(reply) <= _OPEN_LENGTH
        opened = " open" if is_open else ""
        summary = f"{_kind_of_aggregate(reply)} of {len(reply):,}"
        return f"<details{opened}><summary>{summary}</summary>{content()}</details>"

    def items(self, items: Sequence[Reply], depth: int) -> str:
        numbered = not isinstance(items, SetReply)
        shown = [
            [*([f'<span class="more">{place}</span>'] * numbered), self.value(item, depth + 1)]
            for place, item in enumerate(items[: self.take(len(items))], 1)
        ]
        return table((), shown, len(items) - len(shown))

    def pairs(self, pairs: list[tuple[Reply, Reply]], depth: int) -> str:
        shown = [
            [self.value(key, depth + 1), self.value(value, depth + 1)]
            for key, value in pairs[: self.take(len(pairs))]
        ]
        return table((), shown, len(pairs) - len(shown))

    def records(self, maps: Sequence[Reply], columns: list[Reply], depth: int) -> str:
        shown = [
            [self.value(value, depth + 1) for value in each.values()]
            for each in maps[: self.take(len(maps))]
        ]
        header = [_label(column) for column in columns]
        return table(header, shown, len(maps) - len(shown))

    def take(self, count: int) -> int:
        """Give how many rows of a table there is room for."""
        taken = min(count, self.rows, max(self.left, 1))
        self.left -= taken
        return taken

    def scalar(self, reply: Reply) -> str:
        text, left_out = format_beginning(reply, self.resp, _LONGEST)
        if left_out:
            text += f"… {left_out} left out"
        elif type(reply) is bytes:
            text = legible(reply)
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


def _kind_of_aggregate(reply: Reply) -> str:
    if isinstance(reply, dict | Map):
        return "map"
    if isinstance(reply, SetReply):
        return "set"
    return "push" if isinstance(reply, Push) else "array"


def _kind(reply: Reply, resp: int) -> str:
    if isinstance(reply, ResponseError):
        return "error"
    if isinstance(reply, bytes):
        return "status" if isinstance(reply, Status) else "string"
    if isinstance(reply, float):
        return "double" if resp == 3 else "string"
    return "integer" if isinstance(reply, int) else "nil"
