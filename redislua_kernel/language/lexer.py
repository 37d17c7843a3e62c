"""The tokens of Lua 5.1, as far as an editor needs them: unfinished text is no error."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["KEYWORDS", "Token", "open_blocks", "tokenize"]

KEYWORDS = frozenset(
    """and break do else elseif end false for function if in local nil not or repeat return
    then true until while""".split()  # noqa: SIM905  # one list, read at a glance
)

_TOKEN = re.compile(
    r"""
    (?P<comment> --\[(?P<c>=*)\[ .*? (?: \](?P=c)\] | \Z ) | --[^\n]* )
    | (?P<string> \[(?P<s>=*)\[ .*? (?: \](?P=s)\] | \Z )
        | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? )
    | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<number> 0[xX][0-9a-fA-F]* | (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)? )
    | (?P<symbol> \.\.\. | \.\. | [=~<>]= | \S )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """One token: comment, string, name, keyword, number or symbol, and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def is_open(self) -> bool:
        """Tell whether a string or a comment goes on at its end: more text would belong to it."""
        if self.kind == "comment":
            opening = re.match(r"--\[(=*)\[", self.text)
            return opening is None or not self.text.endswith(f"]{opening[1]}]")
        opening = re.match(r"\[(=*)\[", self.text)
        if opening is not None:
            return not self.text.endswith(f"]{opening[1]}]")
        body = re.sub(r"\\.", "", self.text[1:], flags=re.DOTALL)
        return self.kind == "string" and not body.endswith(self.text[0])

    @property
    def content(self) -> str:
        """A string's text between its quotes, escapes as they are written."""
        start = re.match(r"\[=*\[|[\"']", self.text)
        length = len(start[0]) if start else 0
        return self.text[length:] if self.is_open else self.text[length : len(self.text) - length]


def tokenize(code: str) -> list[Token]:
    """Give the tokens of a piece of Lua."""
    tokens = []
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or ""
        if kind in ("c", "s"):
            kind = "comment" if kind == "c" else "string"
        if kind == "name" and found[0] in KEYWORDS:
            kind = "keyword"
        tokens.append(Token(kind, found[0], found.start(), found.end()))
    return tokens


_OPENING = frozenset(["function", "do", "then", "repeat", "(", "{", "["])
# `elseif` ends a block whose `then` follows anew.
_CLOSING = frozenset(["end", "until", "elseif", ")", "}", "]"])


def open_blocks(code: str) -> int:
    """Count the blocks and brackets of a piece of Lua that are still open at its end."""
    depth = 0
    for token in tokenize(code):
        if token.kind not in ("keyword", "symbol"):
            continue
        if token.text in _OPENING:
            depth += 1
        elif token.text in _CLOSING:
            depth -= 1
    return depth
