"""Bytes as text for people: as they are where that is readable, in redis-cli's quotes elsewhere."""

from __future__ import annotations

from redislua_kernel.engine.words import quote, split_words

__all__ = ["cut", "name_of", "read_quoted", "writable"]

_SHORT = 200
#: Beside what is printable: what ties the parts of one sign together.
_JOINERS = "\u200d\ufe0f"


def name_of(data: bytes) -> str:
    """Give a name, a field or an element on one line."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return quote(data).decode()
    readable = all(char.isprintable() or char in _JOINERS for char in text)
    return text if readable and text and text.strip() == text else quote(data).decode()


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
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return quote(data).decode(), True
    if all(char.isprintable() or char in "\n\t" or char in _JOINERS for char in text):
        return text, False
    return quote(data).decode(), True


def read_quoted(text: str) -> bytes | None:
    """Give what text in redis-cli's quotes stands for; None if it is not one quoted word."""
    words = split_words(text.strip().encode("utf-8", "replace"))
    return words[0] if words is not None and len(words) == 1 else None
