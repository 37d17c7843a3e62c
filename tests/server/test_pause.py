"""CLIENT PAUSE: which commands wait, for how long, and what goes on meanwhile."""

import time
from collections.abc import Callable

import pytest

from redislua_kernel.server import Server
from tests.server.test_blocking import wait_until_blocked
from tests.server.test_limits import info
from tests.server.wire import Wire
from tests.waiting import wait_until

Connect = Callable[[], Wire]

WRITES = [
    b"SET k v",
    b"PUBLISH c m",
    b"SPUBLISH c m",
    b"PFCOUNT h",
    b"BLPOP l 0.1",
    b"GETEX k",
    b"SORT l",
    b"BITFIELD k GET u8 0",
    b"EVAL 'return 1' 0",
    b'EVAL "#!lua\\nreturn 1" 0',
    b"EVALSHA ffffffffffffffffffffffffffffffffffffffff 0",
    b"FCALL none 0",
    b"FLUSHALL",
    b"FUNCTION FLUSH",
]
READS = [
    b"GET k",
    b"PING",
    b"SORT_RO l",
    b"BITFIELD_RO k GET u8 0",
    b"EVAL_RO 'return 1' 0",
    b'EVAL "#!lua flags=no-writes\\nreturn 1" 0',
    b"SUBSCRIBE c",
    b"WATCH k",
    b"SCRIPT LOAD 'return 1'",
    b"CONFIG SET hz 10",
    b"RESET",
    b"SET k",
    b"NOSUCH",
]


def waiting(server: Server) -> int:
    return info(server, "blocked_clients")


@pytest.mark.parametrize("command", WRITES)
def test_what_may_write_waits(server: Server, connect: Connect, command: bytes) -> None:
    wire, other = connect(), connect()
    other.ask(b"CLIENT PAUSE 60000 WRITE", b"+OK\r\n")
    wire.send(command + b"\r\nPING\r\n")
    wait_until(lambda: waiting(server) == 1)
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    wire.until(b"+PONG\r\n")
    assert waiting(server) == 0


@pytest.mark.parametrize("command", READS)
def test_what_only_reads_or_fails_does_not_wait(connect: Connect, command: bytes) -> None:
    wire = connect()
    wire.ask(b"CLIENT PAUSE 60000 WRITE", b"+OK\r\n")
    wire.send(command + b"\r\n")
    assert wire.socket.recv(65536)


def test_a_transaction_waits_for_what_is_in_it(server: Server, connect: Connect) -> None:
    writer, reader, other = connect(), connect(), connect()
    writer.send(b"MULTI\r\nEVAL 'return 1' 0\r\n")
    writer.expect(b"+OK\r\n+QUEUED\r\n")
    other.ask(b"CLIENT PAUSE 60000 WRITE", b"+OK\r\n")
    reader.send(b"MULTI\r\nGET k\r\nEXEC\r\n")
    reader.expect(b"+OK\r\n+QUEUED\r\n*1\r\n$-1\r\n")
    writer.send(b"EXEC\r\n")
    wait_until(lambda: waiting(server) == 1)
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    writer.expect(b"*1\r\n:1\r\n")


def test_a_pause_in_a_transaction_begins_at_its_end(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.send(b"MULTI\r\nSET a 1\r\nCLIENT PAUSE 60000 WRITE\r\nSET b 2\r\nEXEC\r\nSET c 3\r\n")
    wire.expect(b"+OK\r\n" + b"+QUEUED\r\n" * 3 + b"*3\r\n" + b"+OK\r\n" * 3)
    wait_until(lambda: waiting(server) == 1)
    connect().ask(b"MGET a b c", b"*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n")


def test_a_pause_of_all_ends_with_its_time(connect: Connect) -> None:
    wire, other = connect(), connect()
    start = time.monotonic()
    other.ask(b"CLIENT PAUSE 150", b"+OK\r\n")
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    assert time.monotonic() - start >= 0.14
    other.ask(b"CLIENT PAUSE 150 ALL", b"+OK\r\n")
    wire.ask(b"NOSUCH", b"-ERR unknown command 'NOSUCH', with args beginning with: \r\n")
    wire.send(b"QUIT\r\n")
    assert wire.rest() == b"+OK\r\n"
    assert time.monotonic() - start >= 0.28


def test_the_stricter_kind_and_the_later_end_count(server: Server, connect: Connect) -> None:
    wire, other = connect(), connect()
    start = time.monotonic()
    other.send(b"CLIENT PAUSE 60000 WRITE\r\n")
    other.expect(b"+OK\r\n")
    other.ask(b"CLIENT PAUSE 10 WRITE", b"+OK\r\n")
    wire.send(b"SET k v\r\n")
    wait_until(lambda: waiting(server) == 1)
    time.sleep(0.05)
    assert waiting(server) == 1
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    wire.expect(b"+OK\r\n")
    start = time.monotonic()
    other.send(b"CLIENT PAUSE 100 ALL\r\nCLIENT PAUSE 10 WRITE\r\nGET k\r\n")
    other.expect(b"+OK\r\n+OK\r\n$1\r\nv\r\n")
    assert time.monotonic() - start >= 0.09


def test_waits_end_in_time_but_wake_nobody_up_early(server: Server, connect: Connect) -> None:
    blocked, postponed, other = connect(), connect(), connect()
    blocked.send(b"BLPOP l 0.3\r\n")
    wait_until_blocked(server)
    other.ask(b"CLIENT PAUSE 60000 WRITE", b"+OK\r\n")
    blocked.expect(b"*-1\r\n")
    postponed.ask(b"CLIENT ID", b":2\r\n")
    postponed.send(b"BLPOP l 0.01\r\n")
    wait_until(lambda: waiting(server) == 1)
    other.ask(b"CLIENT UNBLOCK 2 ERROR", b":0\r\n")
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    postponed.expect(b"*-1\r\n")


def test_keys_are_over_but_not_deleted_during_a_pause(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, clock = connect(), server.engine.keyspace.clock
    wire.ask(b"SET k v PX 60000", b"+OK\r\n")
    wire.ask(b"CLIENT PAUSE 600000 WRITE", b"+OK\r\n")
    monkeypatch.setattr(server.engine.keyspace, "clock", lambda: clock() + 61_000_000)
    time.sleep(0.25)  # who looks for such keys comes by
    wire.ask(b"GET k", b"$-1\r\n")
    assert info(server, "expired_keys") == 0
    wire.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    wire.ask(b"GET k", b"$-1\r\n")
    assert info(server, "expired_keys") == 1


def test_a_client_that_leaves_while_it_waits_runs_nothing(server: Server, connect: Connect) -> None:
    wire, other = connect(), connect()
    other.ask(b"CLIENT PAUSE 60000 WRITE", b"+OK\r\n")
    wire.send(b"SET k v\r\n")
    wait_until(lambda: waiting(server) == 1)
    wire.socket.close()
    wait_until(lambda: waiting(server) == 0)
    other.ask(b"CLIENT UNPAUSE", b"+OK\r\n")
    other.ask(b"EXISTS k", b":0\r\n")


def test_the_program_that_shares_the_engine_does_not_wait(server: Server) -> None:
    assert server.engine.execute("CLIENT", "PAUSE", 60000) == b"OK"
    assert server.engine.execute("SET", "k", "v") == b"OK"
