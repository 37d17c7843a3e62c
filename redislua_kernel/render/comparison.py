"""What two have given for the same, side by side, as text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.engine.words import quote_word
from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.render.terminal import format_reply
from redislua_kernel.reply import Reply

__all__ = ["Pair", "comparison_bundle"]

#: So much is shown of a command, and of what came of it.
_WIDTH, _LINES = 60, 20


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
        for name, value in (("embedded", pair.embedded), (server, pair.server)):
            text.append(f"    {name}:")
            text += [f"      {line}" for line in _shown(value, resp)]
    ordered = [*differing, *(pair for pair in pairs if pair.is_equal)]
    cells = [
        [
            f"<samp>{escape(_name(pair))}</samp>",
            _html(pair.embedded, resp),
            _html(pair.server, resp),
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


def _shown(value: Reply, resp: int) -> list[str]:
    lines = format_reply(value, resp).split("\n")
    return lines if len(lines) <= _LINES else [*lines[:_LINES], f"… {len(lines) - _LINES} more"]


def _html(value: Reply, resp: int) -> str:
    return f'<samp style="white-space:pre-wrap">{escape(chr(10).join(_shown(value, resp)))}</samp>'
