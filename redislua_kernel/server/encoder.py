"""Reply values to RESP2 and RESP3 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from redislua_kernel.engine.errors import VerbatimError
from redislua_kernel.reply import (
    Attributed,
    BigNumber,
    FileReply,
    LazyArray,
    Map,
    NoReply,
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

__all__ = ["encode", "encode_in_parts", "holds_long", "is_long"]

#: How many elements are encoded at once.
_PART = 1000

_AGGREGATES = (list, tuple, dict, LazyArray)

_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


def encode(reply: Reply, resp: int = 2) -> bytes:
    """Give the bytes that carry a reply in RESP version 2 or 3."""
    kind = reply.__class__
    if kind is bytes:
        return b"$%d\r\n%b\r\n" % (len(reply), reply)
    if kind is int:
        return b":%d\r\n" % reply
    if reply is None:
        return b"_\r\n" if resp == 3 else b"$-1\r\n"
    if kind is Status:
        return b"+%b\r\n" % reply.translate(_ONE_LINE)
    if not isinstance(reply, _AGGREGATES):
        return _encode_scalar(reply, resp)
    return b"".join(encode_in_parts(reply, resp))


def is_long(reply: Reply) -> bool:
    """Tell whether others should have a turn while a reply is encoded."""
    return isinstance(reply, _AGGREGATES) and len(reply) > _PART


def holds_long(reply: Reply) -> bool:
    """Tell the same of a reply that may hold those of several commands."""
    return isinstance(reply, list) and any(map(is_long, reply))


def encode_in_parts(reply: Reply, resp: int) -> Iterator[bytes]:
    """Give the bytes of an aggregate piece by piece, each of so many elements."""
    out: list[bytes] = []
    # An explicit stack: a script may nest its reply deeper than Python recurses.
    todo = [iter(_open(reply, resp, out))]
    while todo:
        start = len(out)
        for item in islice(todo[-1], _PART):
            kind = item.__class__
            if kind is bytes:
                out.append(b"$%d\r\n%b\r\n" % (len(item), item))
            elif kind is int:
                out.append(b":%d\r\n" % item)
            elif isinstance(item, _AGGREGATES):
                todo.append(iter(_open(item, resp, out)))
                break
            else:
                out.append(encode(item, resp))
        else:
            if len(out) - start < _PART:  # there was no more
                todo.pop()
        if len(out) >= _PART:
            yield b"".join(out)
            out.clear()
    yield b"".join(out)


def _open(reply: Reply, resp: int, out: list[bytes]) -> Iterable[Reply]:
    """Write an aggregate's header and give the items that follow it."""
    items: Iterable[Reply]
    if isinstance(reply, LazyArray) and reply.in_pairs and resp != 3:
        out.append(b"*%d\r\n" % (2 * len(reply)))
        return chain.from_iterable(reply)
    count, items, mark = len(reply), reply, b"*"
    if isinstance(reply, dict | Map):
        pairs = reply.items() if isinstance(reply, dict) else reply
        items = [item for pair in pairs for item in pair]
        if resp == 3:
            mark = b"%"
        else:
            count = len(items)
    elif resp == 3:
        if isinstance(reply, SetReply):
            mark = b"~"
        elif isinstance(reply, Push):
            mark = b">"
    elif isinstance(reply, Pairs):
        items = [item for pair in reply for item in pair]
        count = len(items)
    out.append(b"%b%d\r\n" % (mark, count))
    return items


def _encode_scalar(reply: Reply, resp: int) -> bytes:
    if isinstance(reply, VerbatimError):
        # Both together would end the line; alone they are sent.
        return b"-%b\r\n" % reply.payload.replace(b"\r\n", b"  ")
    if isinstance(reply, ResponseError):
        return b"-%b\r\n" % reply.payload.rstrip(b"\r\n").translate(_ONE_LINE)
    kind = reply.__class__
    if kind is bool:
        if resp == 3:
            return b"#t\r\n" if reply else b"#f\r\n"
        return b":%d\r\n" % reply
    if kind is NoReply:
        return b""
    if kind is NullArray:
        return b"_\r\n" if resp == 3 else b"*-1\r\n"
    if kind is FileReply:
        return b"$%d\r\n%b" % (len(reply), reply)
    if kind is float:
        text = format_double(reply)
        return b",%b\r\n" % text if resp == 3 else b"$%d\r\n%b\r\n" % (len(text), text)
    if resp == 3:
        if isinstance(reply, Verbatim):
            return b"=%d\r\n%b:%b\r\n" % (len(reply) + 4, reply.format, reply)
        if isinstance(reply, BigNumber):
            return b"(%b\r\n" % reply.translate(_ONE_LINE)
        if isinstance(reply, Attributed):
            attributes = b"|" + encode(reply.attributes, resp)[1:]
            return attributes + encode(bytes(reply), resp)
    if isinstance(reply, bytes):
        return b"$%d\r\n%b\r\n" % (len(reply), reply)
    raise TypeError(f"not a reply value: {reply!r}")
