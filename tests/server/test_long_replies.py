"""Replies that are longer than memory: sent as they are made, and others go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.server import Server
from tests.server.wire import Wire

Connect = Callable[[], Wire]

ENDLESS = [
    (b"SRANDMEMBER s -999999999", b"*999999999\r\n", b"m"),
    (b"HRANDFIELD h -999999999", b"*999999999\r\n", b"f"),
    (b"HRANDFIELD h -999999999 WITHVALUES", b"*1999999998\r\n", b"f"),
    (b"ZRANDMEMBER z -999999999", b"*999999999\r\n", b"m"),
    (b"ZRANDMEMBER z -999999999 WITHSCORES", b"*1999999998\r\n", b"m"),
]


@pytest.fixture(autouse=True)
def data(server: Server) -> None:
    server.engine.execute("SADD", "s", "m")
    server.engine.execute("HSET", "h", "f", "v")
    server.engine.execute("ZADD", "z", 1, "m")


@pytest.mark.parametrize(("command", "head", "first"), ENDLESS)
def test_a_thousand_million_elements_do_not_keep_others_waiting(
    connect: Connect, command: bytes, head: bytes, first: bytes
) -> None:
    greedy, other = connect(), connect()
    greedy.send(command + b"\r\n")
    greedy.expect(head + b"$1\r\n" + first + b"\r\n")
    for _ in range(20):
        other.ask(b"PING", b"+PONG\r\n")


def test_more_than_the_limit_allows_ends_the_connection(server: Server, connect: Connect) -> None:
    server.engine.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 2mb 0 0")
    greedy, other = connect(), connect()
    greedy.send(b"SRANDMEMBER s -999999999\r\n")
    assert greedy.rest() == b""
    other.ask(b"PING", b"+PONG\r\n")
    other.ask(b"EXISTS s", b":1\r\n")


def test_inside_exec_they_come_in_parts_too(connect: Connect) -> None:
    greedy, other = connect(), connect()
    greedy.ask(b"MULTI", b"+OK\r\n")
    greedy.ask(b"SRANDMEMBER s -999999999", b"+QUEUED\r\n")
    greedy.send(b"EXEC\r\n")
    greedy.expect(b"*1\r\n*999999999\r\n$1\r\nm\r\n")
    other.ask(b"PING", b"+PONG\r\n")


def test_a_message_does_not_come_between_the_parts_of_a_reply(connect: Connect) -> None:
    greedy, other = connect(), connect()
    greedy.send(b"HELLO 3\r\nSUBSCRIBE c\r\n")
    greedy.until(b"$1\r\nc\r\n:1\r\n")
    greedy.send(b"SRANDMEMBER s -400000\r\n")
    for _ in range(50):
        other.ask(b"PUBLISH c hello", b":1\r\n")
    reply = b"*400000\r\n" + b"$1\r\nm\r\n" * 400000
    message = b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n"
    received = greedy.take(len(reply) + 50 * len(message))
    assert reply in received
    assert received.count(message) == 50


def test_who_gets_them_all_at_once_is_refused_too_many() -> None:
    engine = Engine()
    engine.execute("SADD", "s", "m")
    script = "return redis.call('SRANDMEMBER', KEYS[1], ARGV[1])"
    for command in (("SRANDMEMBER", "s"), ("EVAL", script, 1, "s")):
        with pytest.raises(ResponseError, match="do not fit into one reply"):
            engine.execute(*command, -999999999)
    assert engine.execute("SRANDMEMBER", "s", -3) == [b"m"] * 3
