"""Values as text, for people: those of Lua, and replies."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from redislua_kernel.engine.debugging.stop import LuaValue, Stop
from redislua_kernel.engine.words import quote
from redislua_kernel.reply import NullArray, ResponseError, Status

__all__ = ["access", "is_plain", "shorten", "text_of", "type_of"]

#: How much of a value stands on one line.
_MOST_CHARACTERS = 500

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset(
    {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in"}
    | {"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}
)
_TYPES = {bytes: "string", int: "number", float: "number", bool: "boolean", type(None): "nil"}


def is_plain(value: LuaValue) -> bool:
    """Tell whether a value is Python's own, and not a handle of one of Lua's."""
    return value.__class__ in _TYPES or isinstance(value, bytes | ResponseError | NullArray)


def type_of(value: LuaValue, stop: Stop | None) -> str:
    """Give a value's type as Lua calls it; that of a reply as RESP does."""
    if isinstance(value, Status):
        return "status"
    if isinstance(value, ResponseError):
        return "error"
    if isinstance(value, NullArray):
        return "nil"
    found = _TYPES.get(value.__class__)
    if found is not None:
        return found
    if isinstance(value, bytes):
        return "string"
    return stop.type_of(value) if stop is not None else "value"


def text_of(value: LuaValue, stop: Stop | None = None, *, whole: bool = False) -> str:
    """Write a value as Lua would read it, as far as it fits on a line; or `whole`."""
    if whole:
        return _Writer(stop, most=10_000, deepest=10).text(value)
    return shorten(_Writer(stop, most=10, deepest=2).text(value))


def shorten(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Cut a long text."""
    return text if len(text) <= most else f"{text[:most]}…"


def access(path: str | None, key: LuaValue) -> str | None:
    """Give the expression for a table's entry; None if there is none."""
    if path is None:
        return None
    if isinstance(key, bytes) and _is_name(key):
        return f"{path}.{key.decode()}"
    text = text_of(key, whole=True)
    # Lua 5.1 knows no escapes in hexadecimal.
    return f"{path}[{text}]" if is_plain(key) and "\\x" not in text else None


def _is_name(key: bytes) -> bool:
    text = key.decode("latin-1")
    return _NAME.match(text) is not None and text not in _KEYWORDS


class _Writer:
    """Writes one value out: so many items of each table, and of all tables together ten times."""

    def __init__(self, stop: Stop | None, *, most: int, deepest: int) -> None:
        self._stop = stop
        self._most = most
        self._left = 10 * most
        self._deepest = deepest

    def text(self, value: LuaValue, depth: int = 0) -> str:
        """Write a value."""
        plain = _plain_text(value)
        if plain is not None:
            return plain
        if isinstance(value, dict | list | tuple):
            return self._reply(value, depth)
        if self._stop is None:
            return str(value)
        if self._stop.type_of(value) == "table":
            return self._table(self._stop, value, depth)
        text = self._stop.text_of(value).decode("utf-8", "replace")
        return text.strip('"').replace("@", ": ", 1)

    def _table(self, stop: Stop, table: LuaValue, depth: int) -> str:
        if depth == self._deepest:
            return "{…}"
        items: list[str] = []
        place = 1
        for key, value in stop.contents(table, 0, self._most + 1):
            if len(items) == self._most or not self._left:
                items.append("…")
                break
            self._left -= 1
            text = self.text(value, depth + 1)
            if key == place:
                items.append(text)
                place += 1
            elif isinstance(key, bytes) and _is_name(key):
                items.append(f"{key.decode()}={text}")
            else:
                items.append(f"[{self.text(key, depth + 1)}]={text}")
        return "{" + ", ".join(items) + "}"

    def _reply(self, reply: Any, depth: int) -> str:
        if depth == self._deepest:
            return "[…]"
        items = reply.items() if isinstance(reply, dict) else reply
        texts = [self.text(item, depth + 1) for item in islice(items, self._most)]
        return "[" + ", ".join(texts + ["…"] * (len(reply) > self._most)) + "]"


def _plain_text(value: LuaValue) -> str | None:
    kind = value.__class__
    if kind is bytes or kind is bytearray:
        return _string(bytes(value))
    if value is None or isinstance(value, NullArray):
        return "nil"
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return repr(value)
    if isinstance(value, Status):
        return value.decode("utf-8", "replace")
    if isinstance(value, ResponseError):
        return f"(error) {value}"
    return _string(value) if isinstance(value, bytes) else None


def _string(value: bytes) -> str:
    """Quote a string: readable text as it is, all else with redis-cli's escapes."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text.isprintable():
        return quote(value).decode()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
