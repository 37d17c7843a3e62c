"""Bytes as text for people: as they are where that is readable, in redis-cli's quotes elsewhere."""

from __future__ import annotations

import re

from redislua_kernel.engine.words import quote, split_words

__all__ = ["cut", "legible", "name_of", "read_quoted", "writable"]

_SHORT = 200
#: Beside what is printable: what ties the parts of one sign together.
_JOINERS = "\u200d\ufe0f"
#: In redis-cli's quotes: a backslash of the text itself, or the bytes of letters beyond ASCII.
_ESCAPED = re.compile(r"\\\\|(?:\\x[89a-f][0-9a-f])+")


def name_of(data: bytes) -> str:
    """Give a name, a field or an element on one line."""
    is_name = data and data.strip() == data and _is_text(data)
    return data.decode() if is_name else quote(data).decode()


def legible(data: bytes) -> str:
    """Give bytes in redis-cli's quotes; the letters of a text stand as they are."""
    quoted = quote(data).decode()
    return _ESCAPED.sub(_letters, quoted) if _is_text(data, "\n\r\t") else quoted


def _letters(escaped: re.Match[str]) -> str:
    if escaped[0] == r"\\":
        return escaped[0]
    return bytes.fromhex(escaped[0].replace(r"\x", "")).decode()


def _is_text(data: bytes, besides: str = "") -> bool:
    """Tell whether bytes are UTF-8 that can be read, with some other characters in it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in _JOINERS or char in besides for char in text)


def cut(data: bytes, most: int = _SHORT) -> str:
    """Give a name or an element as far as it fits into a line of a table."""
    if len(data) <= most:
        return name_of(data)
    # A sign that the end has cut in two is left out.
    end = most
    while end > most - 4 and data[end] & 0xC0 == 0x80:
        end -= 1
    return f"{name_of(data[:end])} … {len(data) - end:,} bytes more"


def writable(data: bytes) -> tuple[str, bool]:
    """Give data as text to edit, and whether it is in redis-cli's quotes."""
    if _is_text(data, "\n\t"):
        return data.decode(), False
    return quote(data).decode(), True


def read_quoted(text: str) -> bytes | None:
    """Give what text in redis-cli's quotes stands for; None if it is not one quoted word."""
    words = split_words(text.strip().encode("utf-8", "replace"))
    return words[0] if words is not None and len(words) == 1 else None
