"""MONITOR: the commands that a connection is shown, and how."""

import re
from collections.abc import Callable

import pytest

from redislua_kernel.server import Server
from tests.server.wire import Wire

Connect = Callable[[], Wire]


@pytest.fixture
def monitor(connect: Connect) -> Wire:
    wire = connect()
    wire.ask(b"MONITOR", b"+OK\r\n")
    return wire


def lines(monitor: Wire, last: bytes) -> list[str]:
    """Give what the monitor is shown up to a line that ends with `last`, times left out."""
    shown = b""
    while not shown.endswith(last + b"\r\n"):
        shown += monitor.socket.recv(4096)
    return [
        re.sub(r"^\+\d{10}\.\d{6} |127\.0\.0\.1:\d+", "", line)
        for line in shown.decode().splitlines()
    ]


def test_commands_are_shown_with_their_words_quoted(connect: Connect, monitor: Wire) -> None:
    wire = connect()
    wire.ask(b'SET k "a\\n\\x01\\"\\xc3"', b"+OK\r\n")
    wire.ask(b"SELECT 3", b"+OK\r\n")
    wire.ask(b"GET k", b"$-1\r\n")
    assert lines(monitor, b'"GET" "k"') == [
        r'[0 ] "SET" "k" "a\n\x01\"\xc3"',
        '[3 ] "SELECT" "3"',
        '[3 ] "GET" "k"',
    ]


def test_a_script_is_shown_before_its_calls(connect: Connect, monitor: Wire) -> None:
    script = b"redis.call('SET','k',1) redis.pcall('LPUSH','k',1) redis.pcall('GET') return 1"
    connect().ask(b'EVAL "%s" 0' % script, b":1\r\n")
    assert lines(monitor, b'"LPUSH" "k" "1"') == [
        f'[0 ] "EVAL" "{script.decode()}" "0"',
        '[0 lua] "SET" "k" "1"',
        '[0 lua] "LPUSH" "k" "1"',
    ]


def test_the_calls_of_a_script_are_shown_with_the_database_it_has_selected(
    connect: Connect, monitor: Wire
) -> None:
    script = b"redis.call('SELECT',3) return redis.call('GET','k')"
    connect().ask(b'EVAL "%s" 0' % script, b"$-1\r\n")
    assert lines(monitor, b'"GET" "k"') == [
        f'[0 ] "EVAL" "{script.decode()}" "0"',
        '[3 lua] "SELECT" "3"',
        '[3 lua] "GET" "k"',
    ]


def test_failed_commands_are_shown_but_not_refused_or_secret_ones(
    connect: Connect, monitor: Wire
) -> None:
    wire = connect()
    for line in (b"SET k v", b"CONFIG GET port", b"AUTH secret", b"GET", b"NOSUCH", b"LPUSH k x"):
        wire.send(line + b"\r\n")
    shown = lines(monitor, b'"LPUSH" "k" "x"')
    assert shown == ['[0 ] "SET" "k" "v"', '[0 ] "AUTH" "(redacted)"', '[0 ] "LPUSH" "k" "x"']


def test_a_command_that_waits_is_shown_once(
    server: Server, connect: Connect, monitor: Wire
) -> None:
    waiting = connect()
    waiting.send(b"BLPOP k 0\r\n")
    assert lines(monitor, b'"BLPOP" "k" "0"') == ['[0 ] "BLPOP" "k" "0"']
    connect().ask(b"RPUSH k x", b":1\r\n")
    waiting.expect(b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n")
    assert lines(monitor, b'"RPUSH" "k" "x"') == ['[0 ] "RPUSH" "k" "x"']


def test_reset_ends_it(server: Server, connect: Connect, monitor: Wire) -> None:
    monitor.ask(b"RESET", b"+RESET\r\n")
    connect().ask(b"PING", b"+PONG\r\n")
    monitor.ask(b"PING", b"+PONG\r\n")
    assert not server.engine.conditions.any


def test_a_script_that_cannot_run_is_shown_too(connect: Connect, monitor: Wire) -> None:
    wire = connect()
    wire.send(b"EVALSHA abc 0\r\nFCALL none 0\r\nFCALL none\r\nEVAL nonsense 0\r\nPING\r\n")
    assert lines(monitor, b'"PING"') == [
        '[0 ] "EVALSHA" "abc" "0"',
        '[0 ] "FCALL" "none" "0"',
        '[0 ] "EVAL" "nonsense" "0"',
        '[0 ] "PING"',
    ]


def test_passwords_are_not_shown(connect: Connect, monitor: Wire) -> None:
    wire = connect()
    wire.send(b"AUTH secret\r\nHELLO 2 AUTH default secret SETNAME me\r\nPING\r\n")
    assert lines(monitor, b'"PING"')[:2] == [
        '[0 ] "AUTH" "(redacted)"',
        '[0 ] "HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me"',
    ]
