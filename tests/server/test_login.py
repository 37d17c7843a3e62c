"""Connections that must log in first: what they may do until then."""

from collections.abc import Callable

import pytest

from redislua_kernel.server import Server
from tests.server.test_blocking import wait_until_blocked
from tests.server.test_busy import wait_until_overdue
from tests.server.wire import Wire

Connect = Callable[[], Wire]

_REFUSED = b"-NOAUTH Authentication required.\r\n"


@pytest.fixture
def locked(server: Server) -> Server:
    """The server, which wants a password."""
    server.engine.execute("CONFIG", "SET", "requirepass", "secret")
    return server


def test_without_the_password_nothing_runs(locked: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"GET k", _REFUSED)
    wire.ask(b"HELLO 3", b"-NOAUTH HELLO must be called with the client already authenticated")
    wire.expect(
        b", otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the "
        b"client and select the RESP protocol version at the same time\r\n"
    )
    wire.ask(b"EXEC", b"-EXECABORT Transaction discarded because of: " + _REFUSED[1:])
    wire.ask(b"AUTH secret", b"+OK\r\n")
    wire.ask(b"GET k", b"$-1\r\n")
    wire.ask(b"RESET", b"+RESET\r\n")
    wire.ask(b"GET k", _REFUSED)


def test_who_is_connected_already_stays_so(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"ACL SETUSER default off", b"+OK\r\n")
    wire.ask(b"PING", b"+PONG\r\n")
    connect().ask(b"PING", _REFUSED)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (b"*11\r\n", b"-ERR Protocol error: unauthenticated multibulk length\r\n"),
        (b"*1\r\n$16385\r\n", b"-ERR Protocol error: unauthenticated bulk length\r\n"),
    ],
)
def test_strangers_may_send_short_commands_only(
    locked: Server, connect: Connect, request_: bytes, error: bytes
) -> None:
    wire = connect()
    wire.send(request_)
    assert wire.rest() == error


def test_what_follows_the_login_may_be_long(locked: Server, connect: Connect) -> None:
    wire = connect()
    words = b"".join(b"$1\r\n%d\r\n" % digit for digit in range(10))
    wire.send(b"AUTH secret\r\n*11\r\n$3\r\nDEL\r\n" + words)
    wire.expect(b"+OK\r\n:0\r\n")


def test_a_wait_ends_where_the_right_has_gone(server: Server, connect: Connect) -> None:
    wire, other = connect(), connect()
    other.ask(b"ACL SETUSER bob on nopass +@all ~k", b"+OK\r\n")
    wire.ask(b"AUTH bob x", b"+OK\r\n")
    wire.send(b"BLPOP k 0\r\n")
    wait_until_blocked(server)
    other.ask(b"ACL SETUSER bob resetkeys", b"+OK\r\n")
    other.ask(b"RPUSH k x", b":1\r\n")
    wire.expect(b"-NOPERM No permissions to access a key\r\n")
    other.ask(b"LLEN k", b":1\r\n")


def test_strangers_kill_no_script(locked: Server, connect: Connect) -> None:
    locked.engine.execute("CONFIG", "SET", "busy-reply-threshold", 50)
    runner, stranger = connect(), connect()
    runner.ask(b"AUTH secret", b"+OK\r\n")
    runner.send(b"EVAL 'while true do end' 0\r\n")
    wait_until_overdue(locked)
    stranger.ask(b"SCRIPT KILL", _REFUSED)
    stranger.ask(b"AUTH secret", b"+OK\r\n")
    stranger.ask(b"SCRIPT KILL", b"+OK\r\n")
