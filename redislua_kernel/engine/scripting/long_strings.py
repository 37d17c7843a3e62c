"""Long strings and comments that hold [[, which the reference's Lua takes and ours refuses.

Stock Lua 5.1 reports `[[ … [[ … ]]` as nesting that is no more. Code that it refuses for that
is written anew, with longer brackets that hold the same, and compiled once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

__all__ = ["NESTING", "restore_brackets", "widen_brackets"]

#: Lua's error for code that `widen_brackets` is to write anew.
NESTING = b"nesting of [[...]] is deprecated"

#: Strings and comments, and what may stand in for the end of an unfinished one.
_TEXT = re.compile(
    rb"""
    (?: -- )? \[ (?P<level> =* ) \[ (?P<content> .*? ) (?: \] (?P=level) \] | \Z )
    | -- [^\r\n]*
    | (?P<quote> ["'] ) (?: \\. | [^\\\r\n] )*? (?P=quote)
    """,
    re.DOTALL | re.VERBOSE,
)


class _Widened(NamedTuple):
    """A long string or comment: where it is, and how it reads with longer brackets."""

    start: int
    end: int
    text: bytes


def widen_brackets(code: bytes) -> bytes:
    """Give code that compiles to the same, without [[ in brackets of that form."""
    parts, place = [], 0
    for found in _nested(code):
        parts += [code[place : found.start], found.text]
        place = found.end
    return b"".join([*parts, code[place:]])


def restore_brackets(code: bytes, message: bytes) -> bytes:
    """Give the error of widened code as the code itself has it, which it may quote."""
    for found in _nested(code):
        message = message.replace(_shown(found.text), _shown(code[found.start : found.end]))
    return message


def _shown(text: bytes) -> bytes:
    return text.partition(b"\0")[0]


def _nested(code: bytes) -> Iterator[_Widened]:
    for found in _TEXT.finditer(code):
        content = found["content"]
        if found["level"] != b"" or b"[[" not in content:
            continue
        level = next(b"=" * n for n in count(1) if b"]" + b"=" * n + b"]" not in content + b"]")
        dashes = b"--" if found[0].startswith(b"--") else b""
        is_closed = found.end("content") < found.end()
        end = b"]" + level + b"]" if is_closed else b""
        text = dashes + b"[" + level + b"[" + content + end
        yield _Widened(found.start(), found.end(), text)
