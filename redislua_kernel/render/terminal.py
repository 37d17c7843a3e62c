"""Reply values as redis-cli prints them: on a terminal, and raw into a pipe.

The format is that of redis-cli 7 and 8. Two things redis-cli cannot print have a form of
their own: a big number (redis-cli gives up on it) is `(big number) 123`, and a reply nested
thousands deep is printed, not refused.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from redislua_kernel.engine.words import quote
from redislua_kernel.reply import (
    BigNumber,
    Map,
    NullArray,
    Pairs,
    Push,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
    format_double,
)

__all__ = ["format_beginning", "format_raw", "format_reply", "format_terminal"]

_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


class _Aggregate(NamedTuple):
    """An aggregate reply: its items, in pairs if it is a map, and how it is shown."""

    items: list[Reply]
    mark: bytes
    empty: bytes
    is_map: bool = False


def format_reply(reply: Reply, resp: int = 2) -> str:
    """Give a reply as redis-cli shows it on a terminal, without the last line end.

    `resp` is the RESP version of the connection: in RESP2, maps are flat arrays, doubles
    strings, and so on. Bytes that are not UTF-8 (only status replies, errors and verbatim
    strings show them as they are) become replacement characters.
    """
    return format_terminal(reply, resp).decode("utf-8", "replace")


def format_terminal(reply: Reply, resp: int = 2) -> bytes:
    """Give the bytes that redis-cli writes to a terminal for a reply, without the last line end."""
    return _Writer(resp).write(reply)


def format_beginning(reply: Reply, resp: int, most: int) -> tuple[str, str]:
    """Give a reply as `format_reply` does, but about `most` bytes, and what is left out then.

    That is as "99,000 of 100,000 elements", or nothing if all is there.
    """
    writer = _Writer(resp, most)
    return writer.write(reply).decode("utf-8", "replace"), writer.left_out(reply)


class _Writer:
    """Writes one reply as redis-cli does, up to about so many bytes."""

    def __init__(self, resp: int, most: int = sys.maxsize) -> None:
        self.resp = resp
        self.left = most
        #: How many values were written that hold no others.
        self.values = 0
        #: How many bytes the value has whose end is missing, and of how many.
        self.missing: tuple[int, int] | None = None

    def write(self, reply: Reply) -> bytes:
        """Give the bytes."""
        out: list[bytes] = []
        # What is left to write, innermost last: literals (with no indent), and replies with the
        # indent of their lines.
        todo: list[Iterator[tuple[Reply, bytes | None]]] = [iter([(reply, b"")])]
        while todo and self.left > 0:
            for value, indent in todo[-1]:
                if indent is None:
                    text = value
                else:
                    aggregate = _aggregate(value, self.resp)
                    if aggregate is not None and aggregate.items:
                        todo.append(_lines(aggregate, indent, self.resp))
                        break
                    self.values += 1
                    text = self._scalar(value) if aggregate is None else aggregate.empty
                out.append(text)
                self.left -= len(text)
                if self.left <= 0:
                    break
            else:
                todo.pop()
        return b"".join(out)

    def _scalar(self, value: Reply) -> bytes:
        if isinstance(value, bytes) and len(value) > self.left:
            self.missing = len(value) - self.left, len(value)
            value = type(value)(value[: self.left])
        return _scalar(value, self.resp)

    def left_out(self, reply: Reply) -> str:
        """Tell what of the reply is not there."""
        if self.left > 0:
            return ""
        parts, count = [], _count(reply)
        if self.values < count:
            parts.append(f"{count - self.values:,} of {count:,} elements")
        if self.missing is not None:
            parts.append("{:,} of {:,} bytes".format(*self.missing))
        return " and ".join(parts)


def _count(reply: Reply) -> int:
    """Give how many values there are in a reply that hold no others."""
    if not _holds_others(reply):
        return 1
    count, todo = 0, [reply]
    while todo:
        each = todo.pop()
        items = [*each.keys(), *each.values()] if isinstance(each, dict) else each
        nested = [item for item in items if _holds_others(item)]
        count += len(items) - len(nested)
        todo += nested
    return count


def _holds_others(reply: Reply) -> bool:
    return bool(reply) and isinstance(reply, dict | list | tuple)


def format_raw(reply: Reply, resp: int = 2) -> bytes:
    """Give the bytes that redis-cli writes into a pipe for a reply, without the last line end."""
    out: list[bytes] = []
    todo: list[tuple[Reply, bool]] = [(reply, False)]
    while todo:
        value, literal = todo.pop()
        aggregate = None if literal else _aggregate(value, resp)
        if aggregate is None:
            out.append(value if literal else _raw_scalar(value, resp))
            continue
        parts: list[tuple[Reply, bool]] = []
        for place, item in enumerate(aggregate.items):
            between = b" " if aggregate.is_map and place % 2 else b"\n"
            parts += [(between, True), (item, False)] if place else [(item, False)]
        todo.extend(reversed(parts))
    return b"".join(out)


def _lines(
    aggregate: _Aggregate, prefix: bytes, resp: int
) -> Iterator[tuple[Reply, bytes | None]]:  # fmt: skip
    """Give the parts of an aggregate's lines, each item with its number before it."""
    items, step = aggregate.items, 2 if aggregate.is_map else 1
    width = len(str(len(items) // step))
    inner = prefix + b" " * (width + 2)
    for place in range(0, len(items), step):
        start = b"\n" + prefix if place else b""
        yield start + b"%*d%b " % (width, place // step + 1, aggregate.mark), None
        yield items[place], inner
        if aggregate.is_map:
            value = items[place + 1]
            # A value of several lines starts on one of its own, so that its numbers align.
            yield (b" => \n" + inner if _is_multiline(value, resp) else b" => "), None
            yield value, inner


def _is_multiline(reply: Reply, resp: int) -> bool:
    while True:
        aggregate = _aggregate(reply, resp)
        if aggregate is None or not aggregate.items:
            return False
        if len(aggregate.items) > (2 if aggregate.is_map else 1):
            return True
        reply = aggregate.items[-1]


def _aggregate(reply: Reply, resp: int) -> _Aggregate | None:
    """Give an aggregate reply's items as the RESP version shapes them; None for a scalar."""
    if isinstance(reply, dict | Map):
        pairs = reply.items() if isinstance(reply, dict) else reply
        items = [item for pair in pairs for item in pair]
        if resp == 3:
            return _Aggregate(items, b"#", b"(empty hash)", is_map=True)
        return _Aggregate(items, b")", b"(empty array)")
    if not isinstance(reply, list | tuple):
        return None
    if isinstance(reply, Pairs) and resp == 2:
        return _Aggregate([item for pair in reply for item in pair], b")", b"(empty array)")
    if isinstance(reply, SetReply) and resp == 3:
        return _Aggregate(reply, b"~", b"(empty set)")
    if isinstance(reply, Push) and resp == 3:
        return _Aggregate(reply, b")", b"(empty push)")
    return _Aggregate(list(reply), b")", b"(empty array)")


def _scalar(reply: Reply, resp: int) -> bytes:
    kind = type(reply)
    if kind is bytes:
        return quote(reply)
    if kind is int:
        return b"(integer) %d" % reply
    if reply is None or kind is NullArray:
        return b"(nil)"
    if kind is Status:
        # Like C, redis-cli ends a status and an error at a zero byte.
        return bytes(reply).partition(b"\0")[0]
    if isinstance(reply, ResponseError):
        return b"(error) " + reply.payload.translate(_ONE_LINE).partition(b"\0")[0]
    if kind is bool:
        return (b"(true)" if reply else b"(false)") if resp == 3 else b"(integer) %d" % reply
    if kind is float:
        return b"(double) " + format_double(reply) if resp == 3 else quote(format_double(reply))
    if resp == 3 and kind is Verbatim:
        return bytes(reply)
    if resp == 3 and kind is BigNumber:
        return b"(big number) " + bytes(reply)
    return quote(bytes(reply))


def _raw_scalar(reply: Reply, resp: int) -> bytes:
    if isinstance(reply, bytes):
        return bytes(reply)
    if isinstance(reply, ResponseError):
        return reply.payload.translate(_ONE_LINE) + b"\n"
    if isinstance(reply, bool) and resp == 3:
        return b"(true)" if reply else b"(false)"
    if isinstance(reply, int):
        return b"%d" % reply
    if isinstance(reply, float):
        return format_double(reply)
    return b""
