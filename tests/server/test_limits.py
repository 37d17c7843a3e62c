"""The limits of connections, as CONFIG has them: how many, how idle, how much unread."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from redislua_kernel.server import Server, connection
from redislua_kernel.server.refusals import refusal_of
from redislua_kernel.server.sockets import address_of
from tests.server.wire import Wire
from tests.waiting import wait_until

Connect = Callable[[], Wire]

_SUBSCRIBED = b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"


def configure(server: Server, **settings: str | int) -> None:
    for name, value in settings.items():
        server.engine.execute("CONFIG", "SET", name.replace("_", "-"), value)


def info(server: Server, field: str) -> int:
    found = re.search(rb"%b:(\d+)" % field.encode(), server.engine.execute("INFO"))
    assert found
    return int(found[1])


def fields(server: Server, name: str) -> dict[str, str]:
    """Give the fields of CLIENT LIST of the client with a name; none if it is gone."""
    lines = server.engine.execute("CLIENT", "LIST").decode().splitlines()
    line = next((line for line in lines if f" name={name} " in line), "")
    return dict(word.partition("=")[::2] for word in line.split())


# How many, and who


def test_too_many_clients_are_refused(server: Server, connect: Connect) -> None:
    configure(server, maxclients=1)
    first = connect()
    first.ask(b"PING", b"+PONG\r\n")
    assert connect().rest() == b"-ERR max number of clients reached\r\n"
    first.ask(b"PING", b"+PONG\r\n")
    assert info(server, "rejected_connections") == 1
    configure(server, maxclients=2)
    connect().ask(b"PING", b"+PONG\r\n")


def test_more_clients_than_the_system_allows_are_no_setting(
    server: Server, connect: Connect
) -> None:
    wire = connect()
    wire.send(b"CONFIG SET maxclients 4000000000\r\n")
    wire.expect(
        b"-ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating "
        b"system is not able to handle the specified number of clients, try with "
    )


@pytest.mark.parametrize(
    ("peer", "is_refused"),
    [
        (("192.0.2.1", 5000), True),
        (("2001:db8::1", 5000, 0, 0), True),
        (("::ffff:192.0.2.1", 5000, 0, 0), True),
        (("127.0.0.1", 5000), False),
        (("127.1.2.3", 5000), False),
        (("::1", 5000, 0, 0), False),
        (("::ffff:127.0.0.1", 5000, 0, 0), False),
        ("", False),  # a Unix socket
    ],
)
def test_without_a_password_only_this_machine_gets_in(
    server: Server, peer: object, is_refused: bool
) -> None:
    text = refusal_of(server, peer)
    assert (text is not None) is is_refused
    assert text is None or text.startswith(b"-DENIED Redis is running in protected mode because ")


def test_a_password_or_a_setting_lets_others_in(server: Server) -> None:
    peer = ("192.0.2.1", 5000)
    configure(server, requirepass="secret")
    assert refusal_of(server, peer) is None
    configure(server, requirepass="")
    assert refusal_of(server, peer)
    configure(server, protected_mode="no")
    assert refusal_of(server, peer) is None


def test_addresses_are_shown_as_the_reference_shows_them() -> None:
    assert address_of(("127.0.0.1", 5)) == "127.0.0.1:5"
    assert address_of(("::1", 5, 0, 0)) == "[::1]:5"
    assert address_of("/tmp/socket") == "/tmp/socket:0"


def test_silent_peers_are_asked_whether_they_are_there(server: Server, connect: Connect) -> None:
    configure(server, tcp_keepalive=30)
    connect().ask(b"PING", b"+PONG\r\n")
    (one,) = server.connections
    assert one.transport is not None
    accepted = one.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 10


# How long


def test_an_idle_client_is_disconnected_after_the_timeout(server: Server, connect: Connect) -> None:
    idle, subscriber, monitor = connect(), connect(), connect()
    waiting = connect()
    subscriber.ask(b"SUBSCRIBE c", _SUBSCRIBED)
    monitor.ask(b"MONITOR", b"+OK\r\n")
    waiting.send(b"BLPOP k 0\r\n")
    configure(server, timeout=1)
    assert idle.rest() == b""
    wait_until(lambda: len(server.connections) == 3)


# How much to send


@pytest.mark.parametrize("prefix", [b"", b"BLPOP k 0\r\n"])
def test_a_client_that_sends_too_far_ahead_is_disconnected(
    server: Server, connect: Connect, prefix: bytes
) -> None:
    configure(server, client_query_buffer_limit="1mb")
    wire = connect()
    wire.send(prefix + b"*1\r\n$5000000\r\n" + b"x" * 2_000_000)
    assert wire.rest() == b""
    assert info(server, "client_query_buffer_limit_disconnections") == 1


def test_what_multi_queues_counts_as_sent_ahead(server: Server, connect: Connect) -> None:
    configure(server, client_query_buffer_limit="3mb")
    wire = connect()
    wire.ask(b"MULTI", b"+OK\r\n")
    wire.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000000\r\n" + b"x" * 2_000_000 + b"\r\n")
    wire.expect(b"+QUEUED\r\n")
    wire.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000000\r\n" + b"x" * 1_900_000)
    assert wire.rest() == b""


def test_a_client_that_is_worked_off_may_send_any_amount(server: Server, connect: Connect) -> None:
    configure(server, client_query_buffer_limit="1mb")
    wire = connect()
    thread = threading.Thread(target=wire.send, args=(b"*1\r\n$4\r\nPING\r\n" * 100_000,))
    thread.start()
    due = 100_000 * len(b"+PONG\r\n")
    while due:
        due -= len(wire.socket.recv(due))
    thread.join()


def test_the_longest_word_is_a_setting(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"CONFIG SET proto-max-bulk-len 1mb", b"+OK\r\n")
    wire.send(b"*1\r\n$1048577\r\n")
    assert wire.rest() == b"-ERR Protocol error: invalid bulk length\r\n"


# How much to leave unread


def test_a_client_that_does_not_read_holds_up_nobody(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "OUTPUT_PAUSE", 1 << 20)
    lazy, other = connect(), connect()
    lazy.ask(b"SETRANGE k 999999 x", b":1000000\r\n")
    lazy.send(b"GET k\r\n" * 50 + b"PING\r\n")
    other.ask(b"PING", b"+PONG\r\n")
    due = 50 * len(b"$1000000\r\n" + bytes(1000000) + b"\r\n") + len(b"+PONG\r\n")
    while due:
        due -= len(lazy.socket.recv(due))


def test_a_subscriber_that_does_not_read_is_disconnected(server: Server, connect: Connect) -> None:
    configure(server, client_output_buffer_limit="pubsub 1mb 0 0")
    wire = connect()
    wire.ask(b"SUBSCRIBE c", _SUBSCRIBED)
    wait_until(lambda: server.engine.execute("PUBLISH", "c", b"x" * 100_000) == 0)
    assert info(server, "client_output_buffer_limit_disconnections") == 1


@pytest.mark.parametrize(
    "how", [b"LRANGE l 0 -1\r\n", b'EVAL \'return redis.call("LRANGE","l",0,-1)\' 0\r\n']
)
def test_a_reply_beyond_the_hard_limit_is_not_sent_at_all(
    server: Server, connect: Connect, how: bytes
) -> None:
    configure(server, client_output_buffer_limit="normal 100000 0 0")
    server.engine.execute("RPUSH", "l", *["x" * 1000] * 150)
    wire = connect()
    wire.send(how + b"SET k 1\r\n")
    assert wire.rest() == b""
    assert server.engine.execute("EXISTS", "k") == 0


def test_a_transaction_runs_to_its_end_beyond_the_limit(server: Server, connect: Connect) -> None:
    configure(server, client_output_buffer_limit="normal 100000 0 0")
    server.engine.execute("SET", "big", "x" * 200_000)
    wire = connect()
    wire.send(b"MULTI\r\nGET big\r\nSET k 1\r\nEXEC\r\n")
    assert b"x" not in wire.rest()
    assert server.engine.execute("GET", "k") == b"1"


def test_the_soft_limit_ends_only_who_is_over_it_for_its_seconds(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(server, client_output_buffer_limit="normal 0 1mb 60")
    server.engine.execute("SET", "big", "x" * 1_000_000)
    lazy, reader = connect(), connect()
    for name, wire in ((b"lazy", lazy), (b"reader", reader)):
        wire.ask(b"CLIENT SETNAME " + name, b"+OK\r\n")
        wire.send(b"GET big\r\n" * 20)
        wait_until(lambda name=name: int(fields(server, name.decode())["omem"]) > 1 << 20)  # type: ignore[misc]
    reader.expect((b"$1000000\r\n" + b"x" * 1_000_000 + b"\r\n") * 20)
    clock = server.loop.time
    monkeypatch.setattr(server.loop, "time", lambda: clock() + 61)
    wait_until(lambda: not fields(server, "lazy"))
    reader.ask(b"PING", b"+PONG\r\n")


# How much memory


def test_the_largest_clients_go_when_all_take_too_much(server: Server, connect: Connect) -> None:
    sizes = {"small": 1000, "middle": 300_000, "large": 900_000, "kept": 1_000_000}
    wires = {}
    for name, size in sizes.items():
        wires[name] = connect()
        wires[name].ask(b"CLIENT SETNAME " + name.encode(), b"+OK\r\n")
        if name == "kept":
            wires[name].ask(b"CLIENT NO-EVICT on", b"+OK\r\n")
        wires[name].send(b"*1\r\n$2000000\r\n" + b"x" * size)
        wait_until(lambda: int(fields(server, name).get("qbuf", 0)) >= size)  # noqa: B023
    configure(server, maxmemory_clients="1500kb")
    assert wires["large"].rest() == b""
    wait_until(lambda: not fields(server, "large"))
    assert fields(server, "middle")
    configure(server, maxmemory="1mb", maxmemory_clients="20%")
    assert wires["middle"].rest() == b""
    assert info(server, "evicted_clients") >= 2
    assert fields(server, "kept")


@pytest.mark.parametrize(
    "growth",
    [
        b"SUBSCRIBE %d" + b"x" * 10_000,
        b"WATCH %d" + b"x" * 10_000,
        b"CLIENT TRACKING on BCAST PREFIX %d" + b"x" * 10_000,
        b"SET k %d" + b"x" * 10_000,
        b"GET big%d",
    ],
)
def test_whatever_a_client_lets_grow_counts(
    server: Server, connect: Connect, growth: bytes
) -> None:
    configure(server, maxmemory_clients="3mb")
    for number in range(400):
        server.engine.execute("SETRANGE", f"big{number}", 100_000, "x")
    wire = connect()
    wire.send(b"HELLO 3\r\n" + b"MULTI\r\n" * growth.startswith(b"SET"))
    with suppress(OSError):  # it goes sooner or later
        for number in range(400):
            wire.send(growth % number + b"\r\n")
    wait_until(lambda: info(server, "evicted_clients") == 1)


# What CLIENT LIST tells of it


def test_client_list_tells_what_is_unread_and_unsent(server: Server, connect: Connect) -> None:
    server.engine.execute("SET", "big", "x" * 1_000_000)
    wire = connect()
    wire.ask(b"CLIENT SETNAME me", b"+OK\r\n")
    idle = fields(server, "me")
    assert (idle["qbuf"], idle["omem"], idle["obl"], idle["events"]) == ("0", "0", "0", "r")
    assert (idle["tot-net-in"], idle["tot-net-out"], idle["tot-cmds"]) == ("19", "5", "1")
    assert int(idle["fd"]) > 2
    wire.send(b"GET big\r\n" * 20)
    wait_until(lambda: int(fields(server, "me")["omem"]) > 1_000_000)
    lazy = fields(server, "me")
    assert (lazy["events"], lazy["obl"]) == ("rw", "16384")
    assert int(lazy["oll"]) == -(-int(lazy["omem"]) // 16384)
    assert int(lazy["tot-mem"]) > int(lazy["omem"])
    wire.expect((b"$1000000\r\n" + b"x" * 1_000_000 + b"\r\n") * 20)
    wire.send(b"*2\r\n$3\r\nGET\r\n$100\r\nabc")
    wait_until(lambda: fields(server, "me")["qbuf"] == "3")
    assert fields(server, "me")["argv-mem"] == "3"
