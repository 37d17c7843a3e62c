"""One connection: it comes back in the same state, and never sends a command twice."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect, Lost
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import NO_REPLY, ResponseError
from tests.ports import HOST
from tests.remote.conftest import target_of
from tests.servers import Server, run_redis, run_sentinel
from tests.waiting import wait_until


def id_of(remote: Remote) -> int:
    found: int = remote.execute("CLIENT", "ID")
    return found


def drop(remote: Remote) -> None:
    """Let the server end a connection, as it would after a failure."""
    remote.ask("CLIENT", "KILL", "ID", id_of(remote))
    wait_until(lambda: not remote.connection.wire.is_quiet())


@contextmanager
def deaf_server(
    answers: bytes = b"", greets: bytes = b"+PONG\r\n", seconds: float = 60
) -> Iterator[Target]:
    """A server that takes connections, answers a greeting, and then nothing or the end."""
    listening = socket.create_server((HOST, 0))
    accepted: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                accepted.append(listening.accept()[0])
            except OSError:
                return
            accepted[-1].recv(1000)
            accepted[-1].sendall(greets)
            if answers:
                accepted[-1].recv(1000)
                accepted[-1].sendall(answers)
                accepted[-1].close()

    threading.Thread(target=serve, daemon=True).start()
    yield Target(((HOST, listening.getsockname()[1]),), reply_seconds=seconds)
    listening.close()
    for each in accepted:
        each.close()


def test_database_version_and_user_are_those_of_before(remote: Remote) -> None:
    remote.execute("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all")
    remote.execute("HELLO", 3, "AUTH", "ann", "pw")
    remote.execute("SELECT", 2)
    drop(remote)
    assert remote.execute("CLIENT", "INFO").count(b" db=2 ") == 1
    assert remote.execute("ACL", "WHOAMI") == b"ann"
    assert remote.execute("HGETALL", "h") == {}
    remote.execute("RESET")


def test_a_transaction_that_was_lost_is_told_and_not_begun_anew(remote: Remote) -> None:
    for words in (["MULTI"], ["WATCH", "k"]):
        remote.execute(*words)
        client = remote.connection
        remote.ask("CLIENT", "KILL", "TYPE", "normal")
        wait_until(lambda wire=client.wire: not wire.is_quiet())  # type: ignore[misc]
        with pytest.raises(Lost, match="with it the transaction: begin it again"):
            remote.execute("SET", "k", "v")
        assert not client.in_transaction
        assert remote.execute("GET", "k") is None


def test_what_was_sent_is_not_sent_again() -> None:
    with deaf_server(answers=b"*2\r\n:1\r\n") as target:
        remote = Remote(target)
        with pytest.raises(Lost, match="whether the server has run it is not known"):
            remote.execute("INCR", "n")
        remote.close()


def test_a_reply_that_does_not_come_is_given_up(reference_server: Server) -> None:
    with deaf_server(seconds=0.2) as target:
        remote = Remote(target)
        with pytest.raises(Lost, match=r"has not replied for 0\.2 s"):
            remote.execute("INCR", "n")
        remote.close()


def test_what_is_no_redis_is_not_connected_to() -> None:
    with (
        deaf_server(greets=b"HTTP/1.1 400 Bad Request\r\n") as target,
        pytest.raises(CannotConnect, match="a reply cannot begin with b'HTTP/"),
    ):
        Connection(target).open()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (Target(((HOST, 1),)), f"{HOST}:1: Connection refused"),
        (Target(socket="/nowhere/socket"), "/nowhere/socket: No such file"),
        (Target((("no.such.host.invalid", 6379),)), "no.such.host.invalid:6379: "),
    ],
)
def test_a_failed_connection_says_why(target: Target, reason: str) -> None:
    with pytest.raises(CannotConnect) as caught:
        Connection(target).open()
    assert str(caught.value).startswith(f"cannot connect to {reason}")


def test_a_hung_server_is_not_waited_for_when_connecting(reference_program: Path) -> None:
    with run_redis(reference_program) as server:
        os.kill(server.pid, signal.SIGSTOP)
        with pytest.raises(CannotConnect, match="it does not answer"):
            Connection(replace(target_of(server), connect_seconds=0.2)).open()
        os.kill(server.pid, signal.SIGCONT)


def test_users_and_passwords(reference_program: Path) -> None:
    with run_redis(reference_program, "--requirepass", "pw") as server:
        target = target_of(server)
        with pytest.raises(ResponseError, match="NOAUTH"):
            Remote(target).execute("GET", "k")
        for resp in (2, 3):
            remote = Remote(replace(target, password="pw", resp=resp))
            assert remote.execute("GET", "k") is None
            remote.close()
            with pytest.raises(CannotConnect, match="WRONGPASS") as caught:
                Remote(replace(target, password="other", resp=resp)).open()
            assert "other" not in str(caught.value)


def test_a_unix_socket(reference_server: Server) -> None:
    remote = Remote(Target(socket=str(reference_server.socket), database=1))
    assert remote.execute("PING") == b"PONG"
    assert remote.label == f"{reference_server.socket}[1]"
    remote.close()


def test_client_reply_is_obeyed(remote: Remote) -> None:
    assert remote.execute("CLIENT", "REPLY", "SKIP") is NO_REPLY
    assert remote.execute("PING") is NO_REPLY
    assert remote.execute("PING") == b"PONG"
    assert remote.execute("CLIENT", "REPLY", "OFF") is NO_REPLY
    assert remote.execute("SET", "k", "v") is NO_REPLY
    assert remote.execute("CLIENT", "REPLY", "ON") == b"OK"
    assert remote.execute("GET", "k") == b"v"


def test_scripts_are_called_by_their_digest(remote: Remote) -> None:
    body = b"return redis.call('INCR', KEYS[1])"
    calls = {}
    remote.execute("CONFIG", "RESETSTAT")
    for expected in (1, 2):
        assert remote.run_script(body, [b"n"], []) == expected
    remote.execute("SCRIPT", "FLUSH")
    assert remote.run_script(body, [b"n"], []) == 3
    for line in bytes(remote.execute("INFO", "commandstats")).decode().splitlines():
        name, _, rest = line.partition(":calls=")
        calls[name] = rest.partition(",")[0]
    assert (calls["cmdstat_eval"], calls["cmdstat_evalsha"]) == ("2", "2")


def test_a_script_that_only_says_noscript_is_not_run_twice(remote: Remote) -> None:
    body = (
        b"redis.call('INCR', KEYS[1]) "
        b"return redis.error_reply('NOSCRIPT No matching script. Please use EVAL.')"
    )
    remote.run_script(b"return 1", [], [])
    remote._known.add(remote.execute("SCRIPT", "LOAD", body))
    with pytest.raises(ResponseError, match="NOSCRIPT"):
        remote.run_script(body, [b"n"], [])
    assert remote.execute("GET", "n") == b"1"


def test_after_a_failover_the_sentinels_tell_where_to_go(reference_program: Path) -> None:
    with (
        run_redis(reference_program) as first,
        run_redis(reference_program) as second,
        run_sentinel(reference_program, "m", first) as sentinel,
    ):
        target = Target(((HOST, 1), (HOST, sentinel.port)), sentinel="m")
        remote = Remote(target)
        remote.execute("SET", "at", "first")
        assert remote.label == "m"
        # What sentinels do in a failover: they name another, and make a replica of the first.
        Remote(target_of(second)).execute("SET", "at", "second")
        asked = Remote(target_of(sentinel))
        asked.execute("SENTINEL", "REMOVE", "m")
        asked.execute("SENTINEL", "MONITOR", "m", HOST, second.port, 1)
        Remote(target_of(first)).execute("REPLICAOF", HOST, second.port)
        with pytest.raises(ResponseError, match="READONLY"):
            remote.execute("SET", "k", "v")
        assert remote.execute("GET", "at") == b"second"
        asked.execute("SENTINEL", "REMOVE", "m")
        remote.connection.close()
        with pytest.raises(CannotConnect, match="knows no m"):
            remote.execute("GET", "at")
