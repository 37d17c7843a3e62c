"""Connections that wait for data: who is served, when they give up, what ends a wait."""

import re
import time
from collections.abc import Callable

import pytest

from redislua_kernel.server import Server
from tests.server.wire import Wire
from tests.waiting import wait_until

Connect = Callable[[], Wire]


def wait_until_blocked(server: Server, count: int = 1) -> None:
    clients = server.engine.clients
    wait_until(lambda: sum(each.blocked is not None for each in [*clients.values()]) == count)


@pytest.mark.parametrize(
    ("command", "cause", "reply"),
    [
        (b"BLPOP a k 0", b"RPUSH k x y", b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n"),
        (b"BRPOP k 0", b"RPUSH k x y", b"*2\r\n$1\r\nk\r\n$1\r\ny\r\n"),
        (b"BLMOVE k d LEFT LEFT 0", b"RPUSH k x", b"$1\r\nx\r\n"),
        (b"BRPOPLPUSH k d 0", b"RPUSH k x", b"$1\r\nx\r\n"),
        (b"BLMPOP 0 1 k LEFT", b"RPUSH k x", b"*2\r\n$1\r\nk\r\n*1\r\n$1\r\nx\r\n"),
        (b"BZPOPMIN k 0", b"ZADD k 1 x 2 y", b"*3\r\n$1\r\nk\r\n$1\r\nx\r\n$1\r\n1\r\n"),
        (
            b"BZMPOP 0 1 k MAX",
            b"ZADD k 1 x",
            b"*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$1\r\nx\r\n$1\r\n1\r\n",
        ),
        (
            b"XREAD BLOCK 0 STREAMS k $",
            b"XADD k 1-1 f v",
            b"*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
        ),
    ],
)
def test_a_command_that_finds_nothing_waits_for_data(
    server: Server, connect: Connect, command: bytes, cause: bytes, reply: bytes
) -> None:
    waiting, other = connect(), connect()
    waiting.send(command + b"\r\nPING\r\n")
    wait_until_blocked(server)
    other.send(cause + b"\r\n")
    waiting.expect(reply + b"+PONG\r\n")


def test_those_who_came_first_are_served_first(server: Server, connect: Connect) -> None:
    waiting = [connect() for _ in range(3)]
    for count, wire in enumerate(waiting, 1):
        wire.send(b"BLPOP k 0\r\n")
        wait_until_blocked(server, count)
    connect().ask(b"RPUSH k a b", b":2\r\n")
    waiting[0].expect(b"*2\r\n$1\r\nk\r\n$1\r\na\r\n")
    waiting[1].expect(b"*2\r\n$1\r\nk\r\n$1\r\nb\r\n")
    wait_until_blocked(server, 1)


def test_a_script_is_over_before_anybody_is_served(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    script = b"redis.call('RPUSH','k','a','b') return redis.call('LPOP','k')"
    other.ask(b'EVAL "%s" 0' % script, b"$1\r\na\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nb\r\n")
    other.ask(b"EXISTS k", b":0\r\n")


def test_one_who_is_served_may_have_something_for_the_next(
    server: Server, connect: Connect
) -> None:
    first, second = connect(), connect()
    first.send(b"BLPOP d 0\r\n")
    wait_until_blocked(server)
    second.send(b"BLMOVE k d LEFT LEFT 0\r\n")
    wait_until_blocked(server, 2)
    connect().ask(b"RPUSH k x", b":1\r\n")
    second.expect(b"$1\r\nx\r\n")
    first.expect(b"*2\r\n$1\r\nd\r\n$1\r\nx\r\n")


def test_a_value_of_another_type_ends_no_wait(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    other.ask(b"SADD k x", b":1\r\n")
    other.ask(b"DEL k", b":1\r\n")
    other.ask(b"RPUSH k x", b":1\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")


def test_a_wait_ends_with_its_timeout(connect: Connect) -> None:
    wire = connect()
    wire.ask(b"BLPOP k 0.02", b"*-1\r\n")
    wire.ask(b"BLMOVE k d LEFT LEFT 0.02", b"*-1\r\n")
    wire.ask(b"XREAD BLOCK 20 STREAMS k $", b"*-1\r\n")
    wire.ask(b"WAIT 1 20", b":0\r\n")
    wire.ask(b"MULTI", b"+OK\r\n")
    wire.ask(b"BLPOP k 0", b"+QUEUED\r\n")
    wire.ask(b"EXEC", b"*1\r\n*-1\r\n")


def test_a_timeout_during_a_script_comes_after_it(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    script = b"while redis.call('EXISTS','go') == 0 do end redis.call('RPUSH','k','x')"
    with server.engine.lock:  # meanwhile both queue up, so that the script follows at once
        waiting.send(b"BLPOP k 0.1\r\n")
        wait_until(lambda: len(server.gate.waiting) == 1)
        other.send(b'EVAL "%s" 0\r\n' % script)
        wait_until(lambda: len(server.gate.waiting) == 2)
    wait_until(lambda: server.engine.scripting.running)
    time.sleep(0.2)
    server.engine.keyspace[0].entries[b"go"] = b"1"
    other.expect(b"$-1\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")


def test_a_group_that_is_gone_ends_the_wait_of_its_readers(
    server: Server, connect: Connect
) -> None:
    waiting, other = connect(), connect()
    other.ask(b"XGROUP CREATE k g $ MKSTREAM", b"+OK\r\n")
    waiting.send(b"XREADGROUP GROUP g c BLOCK 0 STREAMS k >\r\n")
    wait_until_blocked(server)
    other.ask(b"XGROUP DESTROY k g", b":1\r\n")
    waiting.expect(b"-NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP ")


def test_client_unblock_ends_a_wait(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    waiting.ask(b"CLIENT ID", b":1\r\n")
    for how, reply in ((b"", b"*-1\r\n"), (b"ERROR", b"-UNBLOCKED client unblocked via CLIENT ")):
        waiting.send(b"BLPOP k 0\r\n")
        wait_until_blocked(server)
        other.ask(b"CLIENT UNBLOCK 1 " + how, b":1\r\n")
        waiting.expect(reply)
        other.ask(b"CLIENT UNBLOCK 1 " + how, b":0\r\n")


def test_a_connection_that_is_gone_takes_nothing(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    waiting.socket.close()
    wait_until_blocked(server, 0)
    other.ask(b"RPUSH k x", b":1\r\n")
    other.ask(b"LLEN k", b":1\r\n")
    assert not server.engine.keyspace.listeners


def test_the_notebook_that_shares_the_engine_serves_those_who_wait(
    server: Server, connect: Connect
) -> None:
    waiting = connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    assert server.engine.execute("RPUSH", "k", "x") == 1
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")


def test_a_wait_after_a_script_in_one_request_may_end_at_once(
    server: Server, connect: Connect
) -> None:
    waiting, other = connect(), connect()
    for _ in range(20):
        waiting.send(b"EVAL 'return 1' 0\r\nBLPOP k 0\r\n")
        other.ask(b"RPUSH k x", b":1\r\n")
        waiting.expect(b":1\r\n*2\r\n$1\r\nk\r\n$1\r\nx\r\n")


def test_nobody_goes_on_waiting_in_a_replica(server: Server, connect: Connect) -> None:
    waiting = connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    connect().ask(b"REPLICAOF localhost 1", b"+OK\r\n")
    assert waiting.rest() == (
        b"-UNBLOCKED force unblock from blocking operation, "
        b"instance state changed (master -> replica?)\r\n"
    )


def test_a_call_that_waits_counts_once_when_it_ends(server: Server, connect: Connect) -> None:
    waiting, other = connect(), connect()
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    assert calls_of(server, "blpop") == 0
    other.ask(b"RPUSH k x", b":1\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")
    assert calls_of(server, "blpop") == 1
    waiting.ask(b"BLPOP k 0.01", b"*-1\r\n")
    assert calls_of(server, "blpop") == 2


def calls_of(server: Server, command: str) -> int:
    counts = server.engine.execute("INFO", "commandstats").decode()
    found = re.search(rf"cmdstat_{command}:calls=(\d+)", counts)
    return int(found[1]) if found else 0


def test_slowlog_has_a_command_that_waited_when_its_wait_is_over(
    server: Server, connect: Connect
) -> None:
    waiting, other = connect(), connect()
    other.ask(b"CONFIG SET slowlog-log-slower-than 0", b"+OK\r\n")
    waiting.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    other.ask(b"RPUSH k x", b":1\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")
    waiting.ask(b"BLPOP k 0.02", b"*-1\r\n")
    noted = [entry.words[0] for entry in server.engine.slowlog.entries]
    assert noted == [b"BLPOP", b"BLPOP", b"RPUSH", b"CONFIG"]
    assert server.engine.slowlog.entries[0].microseconds == 0  # it has done nothing but wait
