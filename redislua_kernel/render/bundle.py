"""A reply as a MIME bundle: redis-cli's text, HTML and JSON side by side.

JSON has no bytes: a bulk string that is not UTF-8 is `{"base64": "…"}`, an error within an array
`{"error": "…"}`, an infinite double the string `"inf"`. What is nested deeper than 30 levels is
given as redis-cli's text.

JSON is for programs. A page (JupyterLab, VS Code) would show it as a tree instead of the HTML.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from redislua_kernel.render.outputs import MOST, Bundle
from redislua_kernel.render.replies import reply_html
from redislua_kernel.render.terminal import format_beginning, format_reply
from redislua_kernel.reply import Map, NullArray, Reply, ResponseError, format_double

__all__ = ["reply_bundle", "reply_text", "to_json"]

_LIMIT = "%config reply-limit {} shows so many bytes"

_DEEPEST = 30


def reply_bundle(
    reply: Reply,
    resp: int = 2,
    *,
    rows: int = 100,
    most: int = MOST,
    command: Sequence[bytes] = (),
    for_page: bool = False,
    origin: str | None = None,
) -> Bundle:
    """Give a reply's MIME bundle; HTML shows the first `rows` of each table, and its origin.

    The text has about `most` bytes. If that is not all, it says so, and there is no JSON, of which
    a part would be none. `command` has the words of the command that gave it, if they are known.
    """
    text, is_whole = _text_of(reply, resp, most)
    bundle: Bundle = {
        "text/plain": text,
        "text/html": reply_html(reply, resp, rows=rows, command=command, origin=origin),
    }
    if for_page or not is_whole:
        return bundle
    return {**bundle, "application/json": to_json(reply)}


def reply_text(reply: Reply, resp: int = 2, *, most: int = MOST) -> str:
    """Give the text of a reply's bundle alone."""
    return _text_of(reply, resp, most)[0]


def _text_of(reply: Reply, resp: int, most: int) -> tuple[str, bool]:
    text, left_out = format_beginning(reply, resp, most)
    if left_out:
        text = f"{text.rstrip()}\n… {left_out} left out: {_LIMIT.format(most)}"
    return text, not left_out


def to_json(reply: Reply, depth: int = 0) -> Any:
    """Give a reply as JSON values (see the module's docstring)."""
    if depth > _DEEPEST:
        return format_reply(reply)
    if isinstance(reply, dict | Map):
        pairs = reply.items() if isinstance(reply, dict) else reply
        return {_name(key): to_json(value, depth + 1) for key, value in pairs}
    if isinstance(reply, list | tuple):
        return [to_json(item, depth + 1) for item in reply]
    if isinstance(reply, bytes):
        return _text(bytes(reply))
    if isinstance(reply, ResponseError):
        return {"error": reply.payload.decode("utf-8", "replace")}
    if isinstance(reply, float) and not math.isfinite(reply):
        return format_double(reply).decode()
    return None if isinstance(reply, NullArray) else reply


def _text(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _name(key: Reply) -> str:
    """Give a map's key as the text a JSON object needs."""
    if isinstance(key, bytes):
        try:
            return key.decode()
        except UnicodeDecodeError:
            pass
    return str(key) if isinstance(key, int) else format_reply(key)
