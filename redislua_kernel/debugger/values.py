"""Values as text, for people: those of Lua, and replies."""

from __future__ import annotations

import re

from redislua_kernel.engine.debugging.stop import LuaValue, Stop
from redislua_kernel.engine.words import quote
from redislua_kernel.reply import NullArray, ResponseError, Status

__all__ = ["access", "is_plain", "shorten", "text_of", "type_of"]

#: How much of a value stands on one line.
_MOST_CHARACTERS = 500
_MOST_ITEMS = 10
_DEEPEST = 2

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset(
    {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in"}
    | {"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}
)
_TYPES = {bytes: "string", int: "number", float: "number", bool: "boolean", type(None): "nil"}


def is_plain(value: LuaValue) -> bool:
    """Tell whether a value is Python's own, and not a handle of one of Lua's."""
    return value.__class__ in _TYPES or isinstance(value, Status | ResponseError | NullArray)


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
    return stop.type_of(value) if stop is not None else "value"


def text_of(value: LuaValue, stop: Stop | None = None, *, whole: bool = False) -> str:
    """Write a value as Lua would read it, as far as it fits on a line; or `whole`."""
    text = _text(value, stop, 1 << 30 if whole else _MOST_ITEMS, 0)
    return text if whole else shorten(text)


def shorten(text: str) -> str:
    """Cut a long text."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def access(path: str | None, key: LuaValue) -> str | None:
    """Give the expression for a table's entry; None if there is none."""
    if path is None:
        return None
    if isinstance(key, bytes) and _is_name(key):
        return f"{path}.{key.decode()}"
    if is_plain(key) and key is not None:
        return f"{path}[{text_of(key, whole=True)}]"
    return None


def _is_name(key: bytes) -> bool:
    text = key.decode("latin-1")
    return _NAME.match(text) is not None and text not in _KEYWORDS


def _text(value: LuaValue, stop: Stop | None, most: int, depth: int) -> str:
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
    if isinstance(value, bytes):
        return _string(value)
    if stop is None:
        return str(value)
    type_name = stop.type_of(value)
    if type_name == "table":
        return _table(value, stop, most, depth)
    return stop.text_of(value).decode("utf-8", "replace").strip('"').replace("@", ": ", 1)


def _table(value: LuaValue, stop: Stop, most: int, depth: int) -> str:
    if depth >= _DEEPEST:
        return "{…}"
    items: list[str] = []
    place = 1
    for key, item in stop.contents(value, 0, most + 1):
        if len(items) == most:
            items.append("…")
            break
        text = _text(item, stop, most, depth + 1)
        if key == place:
            items.append(text)
            place += 1
        elif isinstance(key, bytes) and _is_name(key):
            items.append(f"{key.decode()}={text}")
        else:
            items.append(f"[{_text(key, stop, most, depth + 1)}]={text}")
    return "{" + ", ".join(items) + "}"


def _string(value: bytes) -> str:
    """Quote a string: readable text as it is, all else with redis-cli's escapes."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text.isprintable():
        return quote(value).decode()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
