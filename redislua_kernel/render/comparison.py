"""What two have given for the same, side by side, as text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest

from redislua_kernel.engine.words import quote_word
from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.terminal import format_reply
from redislua_kernel.reply import Reply

__all__ = ["Pair", "comparison_bundle"]

#: So much is shown of a command, and so many lines of what came of it; before those that differ,
#: so many more.
_WIDTH, _LINES, _AROUND = 60, 20, 3


@dataclass(frozen=True)
class Pair:
    """A command's replies, a key's values, or all effects; None for a value: there is none."""

    words: Sequence[bytes]
    embedded: Reply
    server: Reply
    is_equal: bool


def comparison_bundle(
    server: str,
    replies: Sequence[Pair],
    keys: Sequence[Pair],
    effects: Sequence[Pair],
    rows: int,
    resp: int = 2,
) -> Bundle:
    """Say what is equal, and show what is not; in HTML also what is."""
    pairs = [*replies, *effects, *keys]
    differing = [pair for pair in pairs if not pair.is_equal]
    verdict = "equal" if not differing else f"{len(differing)} different"
    title = f"embedded and {server}: {verdict} ({count_of(len(replies), 'reply')}, "
    title += count_of(len(keys), "key")
    if effects:
        title += f", {count_of(len(effects[0].embedded), 'effect')}"
    title += ")"
    text = [title]
    for pair in differing:
        text.append(f"  {_name(pair)}")
        for name, lines in zip(("embedded", server), _shown(pair, resp), strict=True):
            text.append(f"    {name}:")
            text += [f"      {line}" for line in lines]
    ordered = [*differing, *(pair for pair in pairs if pair.is_equal)]
    cells = [
        [
            f"<samp>{escape(_name(pair))}</samp>",
            *map(_html, _shown(pair, resp)),
            "equal" if pair.is_equal else '<b class="error">different</b>',
        ]
        for pair in ordered[:rows]
    ]
    header = ("", "embedded", escape(server), "")
    html = f"<div>{escape(title)}</div>{table(header, cells, max(0, len(ordered) - rows))}"
    return {"text/plain": "\n".join(text), "text/html": page(html)}


def _name(pair: Pair) -> str:
    name = " ".join(quote_word(word).decode("utf-8", "replace") for word in pair.words)
    return name if len(name) <= _WIDTH else name[: _WIDTH - 1] + "…"


def _shown(pair: Pair, resp: int) -> tuple[list[str], list[str]]:
    """Give the lines of both sides, or of long ones those where they begin to differ."""
    ours, theirs = (format_reply(value, resp).split("\n") for value in (pair.embedded, pair.server))
    first = next((n for n, (a, b) in enumerate(zip_longest(ours, theirs)) if a != b), 0)
    start = first - _AROUND if first + _AROUND > _LINES else 0
    return _part(ours, start), _part(theirs, start)


def _part(lines: list[str], start: int) -> list[str]:
    more = len(lines) - start - _LINES
    return [
        *([f"… {start} alike"] if start else []),
        *lines[start : start + _LINES],
        *([f"… {more} more"] if more > 0 else []),
    ]


def _html(lines: list[str]) -> str:
    return f'<samp style="white-space:pre-wrap">{escape(chr(10).join(lines))}</samp>'
