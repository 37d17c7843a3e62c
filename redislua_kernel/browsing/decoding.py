"""What a string says: text, JSON, MessagePack, or bytes; given piece by piece."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgpack

from redislua_kernel.browsing.text import cut, name_of

__all__ = ["Piece", "brief", "read_string"]

#: Longer strings are not decoded.
_MOST_DECODED = 1 << 20
#: How much is shown at once.
_BYTES = 8_000
_DUMPED_BYTES = 16 * 32
_LINES = 300

#: No text has these.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_DEEPEST = 50
_PER_LINE = 16
_INDENT = "  "


class Piece(NamedTuple):
    """A part of a string, as text."""

    #: What the string was read as: text, JSON, MessagePack or binary.
    kind: str
    text: str
    #: Where the part begins, how long it is, and how much there is in all, in `unit`s.
    first: int
    length: int
    total: int
    unit: str = "byte"
    #: How much a part has at most.
    most: int = _BYTES
    #: What else it could be shown as: empty, nothing.
    other: str = "as bytes"


class _Number(str):
    """A number as JSON writes it: nothing is rounded."""


class _Pairs(list[tuple[str, Any]]):
    """A JSON object: its keys may repeat."""


def read_string(data: bytes, first: int = 0, *, raw: bool = False) -> Piece:
    """Give the part of a string from `first` on, as what the string seems to be; or its bytes."""
    decoded = None if raw or len(data) > _MOST_DECODED else _decode(data)
    if decoded is not None:
        kind, lines = decoded
        shown = lines[first : first + _LINES]
        return Piece(kind, "\n".join(shown), first, len(shown), len(lines), "line", _LINES)
    if not raw and _is_text(data[:_MOST_DECODED]):
        start, end = _whole_signs(data, first, first + _BYTES)
        text = _show_controls(data[start:end].decode("utf-8", "replace"))
        return Piece("text", text, first, min(_BYTES, len(data) - first), len(data))
    part = data[first : first + _DUMPED_BYTES]
    other = "as bytes" if raw else ""
    text = _dump(part, first)
    return Piece("binary", text, first, len(part), len(data), most=_DUMPED_BYTES, other=other)


def brief(data: bytes) -> str:
    """Give a value on one line as far as it fits, decoded if it is MessagePack."""
    decoded = None if len(data) > _MOST_DECODED or _is_text(data) else _decode(data)
    return cut(data) if decoded is None else cut(" ".join(map(str.strip, decoded[1])).encode())


def _decode(data: bytes) -> tuple[str, list[str]] | None:
    """Give the lines of a string that is JSON or MessagePack as a whole, and holds something."""
    try:
        if data.lstrip()[:1] in (b"{", b"["):
            value = json.loads(
                data,
                object_pairs_hook=_Pairs,
                parse_float=_Number,
                parse_int=_Number,
                parse_constant=_Number,
            )
            return "JSON", _lines(value)
        # A number or a short string in MessagePack may as well be any other byte.
        if data[:1] >= b"\x80" and not _is_text(data):
            value = msgpack.unpackb(data, raw=True, strict_map_key=False)
            return ("MessagePack", _lines(value)) if isinstance(value, dict | list) else None
    except (ValueError, RecursionError, TypeError, OverflowError, msgpack.UnpackException):
        pass
    return None


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        # The part that was looked at may end within a sign.
        if len(data) < _MOST_DECODED or error.start < len(data) - 3:
            return False
        text = data[: error.start].decode()
    return _CONTROLS.search(text) is None


def _whole_signs(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Move both ends back to where a sign of UTF-8 begins."""
    start, end = max(start, 0), min(end, len(data))
    while 0 < start < len(data) and data[start] & 0xC0 == 0x80:
        start -= 1
    while start < end < len(data) and data[end] & 0xC0 == 0x80:
        end -= 1
    return start, end


def _show_controls(text: str) -> str:
    """Write out what would change the direction of the text, or not be seen at all."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or char in "\n\t \u200d\ufe0f"
        else ""
        if char == "\r"
        else f"\\u{ord(char):04x}"
        for char in text
    )


def _dump(data: bytes, offset: int) -> str:
    """Give bytes in hex and, beside it, in ASCII."""
    lines = []
    for start in range(0, len(data), _PER_LINE):
        row = data[start : start + _PER_LINE]
        left, right = row[:8].hex(" "), row[8:].hex(" ")
        seen = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        lines.append(f"{offset + start:08x}  {left:<23}  {right:<23}  {seen}")
    return "\n".join(lines)


def _lines(value: Any) -> list[str]:
    lines: list[str] = []
    _write(value, "", "", 0, lines)
    return lines


def _write(value: Any, before: str, after: str, depth: int, lines: list[str]) -> None:
    """Add the lines of a value, which stands between two texts."""
    indent = _INDENT * depth
    if isinstance(value, _Pairs | dict):
        pairs = list(value.items()) if isinstance(value, dict) else list(value)
        children = [(f"{_scalar(key)}: ", item) for key, item in pairs]
        opening, closing = "{}"
    elif isinstance(value, list):
        children = [("", item) for item in value]
        opening, closing = "[]"
    else:
        lines.append(f"{indent}{before}{_scalar(value)}{after}")
        return
    if not children or depth >= _DEEPEST:
        inside = "…" if children else ""
        lines.append(f"{indent}{before}{opening}{inside}{closing}{after}")
        return
    lines.append(f"{indent}{before}{opening}")
    for place, (name, item) in enumerate(children, 1):
        _write(item, name, "," if place < len(children) else "", depth + 1, lines)
    lines.append(f"{indent}{closing}{after}")


def _scalar(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, bytes):
        name = name_of(value)
        return name if name.startswith('"') else json.dumps(name, ensure_ascii=False)
    if isinstance(value, str):
        return _show_controls(json.dumps(value, ensure_ascii=False))
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, msgpack.ExtType):
        return f"ext {value.code} {value.data.hex(' ')}"
    return str(value)
