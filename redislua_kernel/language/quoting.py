"""Bytes as they are written in a Lua string, or as a word of redis-cli; and back, half written."""

from __future__ import annotations

import re

from redislua_kernel.engine.words import quote_word

__all__ = ["lua_text", "quoted_in_lua", "word_of"]

_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}
_LUA_ESCAPE = re.compile(r"\\(?:(\d{1,3})|(.?))", re.DOTALL)
_PLAIN_WORD = re.compile(rb"[^\s\"'\x00-\x20\x7f]+\Z")


def lua_text(written: str, opening: str) -> bytes:
    """Give the bytes of a beginning of a Lua string, which was opened by a quote or brackets."""
    if opening.startswith("["):
        return _encoded(written)
    made, place = b"", 0
    for escape in _LUA_ESCAPE.finditer(written):
        made += _encoded(written[place : escape.start()])
        number, letter = escape.groups()
        made += (
            bytes([int(number) % 256]) if number else _ESCAPES.get(letter, _encoded(letter or ""))
        )
        place = escape.end()
    return made + _encoded(written[place:])


def quoted_in_lua(value: bytes, opening: str) -> str:
    """Give bytes as they are written in a Lua string that was opened so, without its ends."""
    text = value.decode("utf-8", "surrogateescape")
    if opening.startswith("["):
        return value.decode("utf-8", "replace")
    return "".join(_lua_character(each, opening) for each in text)


def _lua_character(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        return f"\\{code - 0xDC00:03}"
    return f"\\{code:03}" if code < 32 or code == 127 else character


def word_of(value: bytes) -> str:
    """Give bytes as a word of redis-cli: in quotes if they need them."""
    if _PLAIN_WORD.match(value):
        try:
            return value.decode()
        except UnicodeDecodeError:
            pass
    return quote_word(value).decode("utf-8", "replace")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
