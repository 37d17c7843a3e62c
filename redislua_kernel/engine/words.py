"""Splitting a line into words: the quoting of redis-cli, inline commands and shebangs."""

from __future__ import annotations

__all__ = ["split_words"]

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
_BLANKS = b" \n\r\t\0\v\f"


def split_words(line: bytes) -> list[bytes] | None:
    r"""Split a line into words; None if its quotes are unbalanced.

    Double quotes know `\n`, `\r`, `\t`, `\b`, `\a` and `\xHH`; single quotes know `\'`. A
    closing quote must be followed by a blank.
    """
    words: list[bytes] = []
    place, end = 0, len(line)
    while True:
        while place < end and line[place] in _BLANKS:
            place += 1
        if place >= end:
            return words
        word = bytearray()
        while place < end and line[place] not in _BLANKS:
            quote = line[place : place + 1]
            if quote not in (b'"', b"'"):
                word += quote
                place += 1
                continue
            closed = _read_quoted(line, place + 1, quote, word)
            if closed is None or (closed < end and line[closed] not in _BLANKS):
                return None
            place = closed
        words.append(bytes(word))


def _read_quoted(line: bytes, place: int, quote: bytes, word: bytearray) -> int | None:
    """Read up to the closing quote into `word`; give the place after it, None if there is none."""
    end = len(line)
    while place < end:
        char = line[place : place + 1]
        if char == quote:
            return place + 1
        if char == b"\\" and place + 1 < end:
            escaped = line[place + 1 : place + 2]
            digits = line[place + 2 : place + 4]
            if quote == b"'":
                if escaped == b"'":
                    char, place = b"'", place + 1
            elif escaped == b"x" and len(digits) == 2 and _is_hex(digits):
                char, place = bytes([int(digits, 16)]), place + 3
            else:
                char, place = _ESCAPES.get(escaped, escaped), place + 1
        word += char
        place += 1
    return None


def _is_hex(digits: bytes) -> bool:
    return all(digit in b"0123456789abcdefABCDEF" for digit in digits)
