"""A reply in one line for people, as the reference's debugger writes it."""

from __future__ import annotations

from redislua_kernel.engine.words import quote
from redislua_kernel.reply import (
    Map,
    NullArray,
    Pairs,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
    format_double,
)

__all__ = ["reply_text"]


def reply_text(reply: Reply, resp: int) -> bytes:
    """Write a reply, which came in this RESP version, in one line."""
    if isinstance(reply, NullArray) or reply is None:
        return b"(null)" if resp == 3 else b"NULL"
    if isinstance(reply, Status):
        return quote(b"+" + reply)
    if isinstance(reply, ResponseError):
        return quote(b"-" + reply.payload)
    if isinstance(reply, bool):
        return (b"#true" if reply else b"#false") if resp == 3 else b"%d" % reply
    if isinstance(reply, int):
        return b"%d" % reply
    if isinstance(reply, float):
        text = format_double(reply)
        return b"(double) " + text if resp == 3 else quote(text)
    if isinstance(reply, dict | Map):
        return _map(list(reply.items() if isinstance(reply, dict) else reply), resp)
    if isinstance(reply, SetReply):
        listed = b",".join(reply_text(item, resp) for item in reply)
        return b"~(%b)" % listed if resp == 3 else b"[%b]" % listed
    if isinstance(reply, Pairs) and resp != 3:
        return _list([item for pair in reply for item in pair], resp)
    if isinstance(reply, list | tuple):
        return _list(list(reply), resp)
    if isinstance(reply, Verbatim) and resp == 3:
        return b""  # the reference knows neither these nor big numbers
    return quote(bytes(reply))


def _list(items: list[Reply], resp: int) -> bytes:
    return b"[%b]" % b",".join(reply_text(item, resp) for item in items)


def _map(pairs: list[tuple[Reply, Reply]], resp: int) -> bytes:
    if resp != 3:
        return _list([item for pair in pairs for item in pair], resp)
    shown = (reply_text(key, resp) + b" => " + reply_text(value, resp) for key, value in pairs)
    return b"{%b}" % b",".join(shown)
