"""What servers send: a reply that is read can be shown, and sent on as it came."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

from redislua_kernel.remote.wire import Closed, Wire
from redislua_kernel.render.bundle import reply_bundle
from redislua_kernel.reply import Reply
from redislua_kernel.server.encoder import encode
from tests.fuzz.message import check_message
from tests.fuzz.mutation import damaged, in_pieces
from tests.fuzz.target import Failed, Target

_SIMPLE = (
    *(b"+OK\r\n", b"-ERR no\r\n", b":7\r\n", b":-0\r\n", b"$-1\r\n", b"*-1\r\n", b"_\r\n"),
    *(b"#t\r\n", b"#f\r\n", b",1.5\r\n", b",inf\r\n", b",nan\r\n", b",-0\r\n", b",1e300\r\n"),
    *(b"(123456789012345678901234567890\r\n", b"=7\r\ntxt:a\nb\r\n", b"=2\r\nab\r\n"),
    *(b"!8\r\nERR a\r\nb\r\n", b"$0\r\n\r\n", b"$3\r\na\xff\0\r\n", b"$5\r\n[1,2]\r\n", b"~0\r\n"),
)
_HEADS = (b"*%d\r\n", b"~%d\r\n", b">%d\r\n", b"%%%d\r\n", b"|%d\r\n")


class Replies(Target):
    count = 500

    def write(self, rng: random.Random) -> tuple[bytes, ...]:
        stream = b"".join(_reply(rng, rng.choice((0, 1, 3, 3))) for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.04:
            stream = rng.choice(_HEADS) % 1 * rng.choice((5, 40, 150)) + stream
        if rng.random() < 0.7:
            stream = damaged(stream, rng)
        return in_pieces(stream, rng)

    def take(self, given: tuple[bytes, ...]) -> None:
        replies = _read(given)
        if repr(_read([b"".join(given)])) != repr(replies):
            raise Failed("in these pieces it is read otherwise")
        for reply in replies:
            for resp in (2, 3):
                bundle = reply_bundle(reply, resp, rows=5, for_page=True)
                check_message({"data": bundle})
                check_message({"data": reply_bundle(reply, resp)})
            sent = encode(reply, 3)
            (again,) = _read([sent])
            if encode(again, 3) != sent:
                raise Failed(f"sent on, it becomes {again!r}")


def _reply(rng: random.Random, depth: int) -> bytes:
    if not depth or rng.random() < 0.3:
        return rng.choice(_SIMPLE)
    head, count = rng.choice(_HEADS), rng.choice((0, 1, 2, 3))
    doubled = 2 if head[:1] in b"%|" else 1
    parts = [_reply(rng, depth - 1) for _ in range(count * doubled + (head[:1] == b"|"))]
    return head % count + b"".join(parts)


def _read(pieces: Any) -> list[Reply]:
    """Read replies until there are no more."""
    waiting = list(pieces)

    def receive(most: int) -> bytes:
        return waiting.pop(0) if waiting else b""

    wire = Wire()
    wire.on_connect(SimpleNamespace(_sock=SimpleNamespace(recv=receive, settimeout=lambda _: None)))
    replies: list[Reply] = []
    waiting = [piece for piece in waiting if piece]
    try:
        while True:
            replies.append(wire.read())
    except Closed:
        return replies
