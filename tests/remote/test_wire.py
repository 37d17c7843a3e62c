"""Replies from the wire are the reply types of `reply`, each as the server sent it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.remote.wire import Closed, TooLate, Wire
from redislua_kernel.reply import (
    NULL_ARRAY,
    Attributed,
    BigNumber,
    Map,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
)


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """A wire, and the other end of its socket."""
    ours, theirs = socket.socketpair()
    wire = Wire()
    wire.on_connect(SimpleNamespace(_sock=ours))
    with ours, theirs:
        yield wire, theirs


@pytest.mark.parametrize(
    ("sent", "reply"),
    [
        (b"+OK\r\n", Status(b"OK")),
        (b":-5\r\n", -5),
        (b"$3\r\na\r\n\r\n", b"a\r\n"),
        (b"$0\r\n\r\n", b""),
        (b"$-1\r\n", None),
        (b"_\r\n", None),
        (b"*-1\r\n", NULL_ARRAY),
        (b"*0\r\n", []),
        (b"#t\r\n", True),
        (b",-inf\r\n", float("-inf")),
        (b",1.5\r\n", 1.5),
        (b"(1234567999999999999999999999999999999\r\n", BigNumber(b"1234567" + b"9" * 30)),
        (b"=7\r\nmkd:a\r\n\r\n", Verbatim(b"a\r\n", b"mkd")),
        (b"~2\r\n:1\r\n:2\r\n", SetReply([1, 2])),
        (b"%1\r\n+a\r\n*1\r\n%0\r\n", {b"a": [{}]}),
        (b"%2\r\n:1\r\n:2\r\n#t\r\n:3\r\n", Map([(1, 2), (True, 3)])),
        (b"%1\r\n*0\r\n:2\r\n", Map([([], 2)])),
        (b"*2\r\n-ERR x\r\n!5\r\nERR y\r\n", [ResponseError("ERR x"), ResponseError("ERR y")]),
        (b"-ERR \xff\r\n", ResponseError.from_payload(b"ERR \xff")),
        (b">2\r\n+message\r\n:1\r\n:7\r\n", 7),
        (b"|1\r\n+k\r\n+v\r\n$1\r\nx\r\n", Attributed(b"x", {b"k": b"v"})),
        (b"*1\r\n|1\r\n+k\r\n+v\r\n:1\r\n", [1]),
    ],
)
def test_each_type_is_kept(ends: tuple[Wire, socket.socket], sent: bytes, reply: Reply) -> None:
    wire, theirs = ends
    theirs.sendall(sent)
    found = wire.read()
    assert found == reply
    assert type(found) is type(reply)
    if isinstance(reply, Verbatim):
        assert found.format == reply.format
    if isinstance(reply, Attributed):
        assert found.attributes == reply.attributes


def test_replies_may_come_byte_by_byte(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    sent = b"*3\r\n$2\r\n\r\n\r\n*1\r\n%1\r\n+a\r\n_\r\n-ERR\r\n+next\r\n"
    threading.Thread(
        target=lambda: [theirs.send(sent[place : place + 1]) for place in range(len(sent))]
    ).start()
    assert wire.read() == [b"\r\n", [{b"a": None}], ResponseError("ERR")]
    assert wire.read() == b"next"


def test_deep_replies_are_read(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    theirs.sendall(b"*1\r\n" * 5000 + b":1\r\n")
    reply = wire.read()
    for _ in range(5000):
        (reply,) = reply
    assert reply == 1


def test_the_end_of_the_connection_is_told(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    assert wire.is_quiet()
    theirs.sendall(b"*2\r\n:1\r\n")
    theirs.close()
    with pytest.raises(Closed):
        wire.read()
    assert not wire.is_quiet()


@pytest.mark.parametrize(
    "sent",
    [
        *(b"*x\r\n", b"$\r\n", b":1.5\r\n", b"\r\n", b"HTTP/1.1\r\n"),
        *(b"$1\r\nab\r\n", b"=2\r\ntx\r\n", b"=4\r\ntxta\r\n"),
    ],
)
def test_what_is_no_resp_ends_the_connection(ends: tuple[Wire, socket.socket], sent: bytes) -> None:
    wire, theirs = ends
    theirs.sendall(sent)
    with pytest.raises(Closed):
        wire.read()


def test_waiting_may_be_limited(ends: tuple[Wire, socket.socket]) -> None:
    wire, _ = ends
    wire.seconds = 0.01
    with pytest.raises(TooLate):
        wire.read()


def test_waiting_can_be_interrupted(ends: tuple[Wire, socket.socket]) -> None:
    wire, _ = ends
    thread = threading.get_ident()
    timer = threading.Timer(0.05, interrupts.ask, args=(thread,))
    timer.start()
    try:
        with pytest.raises(Stopped):
            wire.read()
    finally:
        interrupts.forget()
        timer.join()


def test_what_was_pushed_while_nobody_waited_is_no_harm(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    theirs.sendall(b">1\r\n+invalidate\r\n")
    assert wire.is_quiet()
    theirs.sendall(b"+OK\r\n")
    assert wire.read() == b"OK"
