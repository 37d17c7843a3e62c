"""Plain Lua values, and the tokens of tables, into replies: see results.lua, which gives these.

The conversion rules are those of redis-server 8.2.3 for RESP2 and RESP3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from redislua_kernel.engine.errors import CommandError, CountedError
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN
from redislua_kernel.reply import (
    OK,
    BigNumber,
    Map,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
)

__all__ = ["MARKS", "PLAIN", "SIMPLE", "error_line", "read_plain", "read_tokens"]

#: What is as a reply as it is in Lua; and what else has no parts.
PLAIN = {bytes, int}
SIMPLE = {bytes, int, float, bool}


class _Mark:
    """A token that no script can make."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


#: The marks between a script's tokens, by the names results.lua uses.
MARKS = {
    name: _Mark(name)
    for name in (
        "array", "big_number", "close", "counted_error", "double", "error", "map", "null",
        "saw_error", "set", "status", "too_deep", "verbatim",
    )
}  # fmt: skip

_CLOSE = MARKS["close"]


def read_plain(value: object, resp3: bool) -> Reply:
    """Give the reply for a plain Lua value: number, string, boolean or nil.

    Numbers lose their fraction; out of range they become the smallest integer, as a C cast
    gives it on x86-64. Booleans are 1 and null unless the script chose RESP3.
    """
    kind = value.__class__
    if kind is bytes or kind is int:
        return value
    if kind is float:
        return _integer(value)  # type: ignore[arg-type]
    if kind is bool:
        return value if resp3 else (1 if value else None)
    return None


def read_tokens(tokens: Sequence[Any], resp3: bool) -> Reply:
    """Give the reply for the tokens of a script's table, if no number comes first."""
    first = tokens[0]
    if first is True:
        return OK if tokens[1] == OK else _status(tokens[1])
    if first is False:
        return _read_nested(tokens[1:], resp3)
    return _read_marked(iter(interruptible(tokens)), resp3)


def _read_nested(tokens: Sequence[Any], resp3: bool) -> list[Reply]:
    """Read plain values, and arrays, each behind True and how much there is of it."""
    if PLAIN.issuperset(map(type, tokens)):
        return list(tokens)
    items: list[Reply] = []
    place, end = 0, len(tokens)
    while place < end:
        token = tokens[place]
        place += 1
        if token is True:
            start = place + 1
            place = start + tokens[place]
            items.append(_read_nested(tokens[start:place], resp3))
        else:
            items.append(read_plain(token, resp3))
    return items


def _read_marked(tokens: Iterator[Any], resp3: bool) -> Reply:
    """Put the reply together from a script's tokens. It may be nested as deep as memory lets it."""
    items: list[Reply] = []
    around: list[tuple[_Mark, list[Reply]]] = []
    for token in tokens:
        kind = token.__class__
        if kind is bytes or kind is int:
            items.append(token)
        elif kind is not _Mark:
            items.append(read_plain(token, resp3))
        elif token is _CLOSE:
            mark, outer = around.pop()
            outer.append(_AGGREGATES[mark](items))
            items = outer
        elif token in _AGGREGATES:
            around.append((token, items))
            items = []
        else:
            items.append(_SCALARS[token](tokens))
    return items[0]


def _map(items: list[Reply]) -> Reply:
    pairs = list(zip(items[::2], items[1::2], strict=True))
    try:
        return dict(pairs)
    except TypeError:  # a key that is a list
        return Map(pairs)


def _one_line(text: bytes) -> bytes:
    return text.replace(b"\r", b" ").replace(b"\n", b" ")


def _status(text: bytes) -> Status:
    return Status(_one_line(text.partition(b"\0")[0]))


def error_line(text: bytes) -> bytes:
    return _one_line(text.rstrip(b"\r\n"))


_AGGREGATES: dict[_Mark, Callable[[list[Reply]], Reply]] = {
    MARKS["array"]: lambda items: items,
    MARKS["map"]: _map,
    MARKS["set"]: SetReply,
}

_SCALARS: dict[_Mark, Callable[[Iterator[Any]], Reply]] = {
    MARKS["null"]: lambda tokens: None,
    MARKS["too_deep"]: lambda tokens: CommandError("ERR reached lua stack limit"),
    MARKS["status"]: lambda tokens: _status(next(tokens)),
    MARKS["error"]: lambda tokens: _error(CommandError, next(tokens)),
    MARKS["counted_error"]: lambda tokens: _error(CountedError, next(tokens)),
    MARKS["double"]: lambda tokens: float(next(tokens)),
    MARKS["big_number"]: lambda tokens: BigNumber(_one_line(next(tokens))),
    MARKS["verbatim"]: lambda tokens: _verbatim(next(tokens), next(tokens)),
}


def _error(kind: type[CommandError], text: bytes) -> ResponseError:
    return kind.from_payload(error_line(text.partition(b"\0")[0]))


def _verbatim(format: bytes, text: bytes) -> Verbatim:
    return Verbatim(text, (format.partition(b"\0")[0] + b"   ")[:3])


def _integer(number: float) -> int:
    try:
        whole = int(number)
    except (ValueError, OverflowError):  # NaN, infinities
        return INT64_MIN
    return whole if INT64_MIN <= whole <= INT64_MAX else INT64_MIN
