"""Slow, half-open and hostile clients of a live `serve`: the others hardly notice."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from select import select
from statistics import median

import pytest

from tests.processor_time import processor_timer
from tests.server.wire import Wire
from tests.servers import Server
from tests.waiting import wait_until

#: What the server may do before a bystander has an answer, in seconds of processor time, as the
#: middle of several. It is some milliseconds; a machine that runs other tests besides makes the
#: wait longer, and this not.
_SOON = 0.5


@pytest.fixture
def bystander(serve: Server) -> Iterator[Wire]:
    """A client that means well; the data are empty but for `big` and `list`."""
    with Wire(serve.port) as wire:
        wire.ask(b"FLUSHALL", b"+OK\r\n")
        wire.ask(b"SETRANGE big 999999 x", b":1000000\r\n")
        fill = b"for i = 1, 1e5, 1000 do local t = {} for j = 1, 1000 do t[j] = i + j end "
        wire.ask(b"EVAL \"%bredis.call('RPUSH', 'list', unpack(t)) end\" 0" % fill, b"$-1\r\n")
        yield wire


def assert_quick(serve: Server, wire: Wire) -> None:
    worked, times = processor_timer(serve.pid), []
    for _ in range(15):
        start = worked()
        wire.ask(b"PING", b"+PONG\r\n")
        times.append(worked() - start)
        time.sleep(0.005)
    assert median(times) < _SOON


def is_alone(wire: Wire) -> bool:
    """Tell whether the server has no other client."""
    wire.send(b"INFO clients\r\n")
    return b"\r\nconnected_clients:1\r\n" in wire.until(b"\r\n\r\n")


@contextmanager
def flooding(port: int, data: bytes, clients: int = 3, *, read: bool = False) -> Iterator[None]:
    """Let clients send the same again and again as fast as they can; without reading, for a while.

    What nobody reads piles up in the system's buffers, and is worked off when they are gone.
    """
    stop = threading.Event()

    def flood() -> None:
        with Wire(port) as wire, suppress(OSError):
            wire.socket.settimeout(0.05)
            rounds = count() if read else range(200_000 // len(data))
            for _ in rounds:
                if stop.is_set():
                    break
                with suppress(TimeoutError):
                    wire.send(data)
                while read:
                    try:
                        wire.socket.recv(1 << 20)
                    except TimeoutError:
                        break

    threads = [threading.Thread(target=flood) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.1)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(
    "data",
    [
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n" * 2000,
        b"*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n" * 500,
    ],
    ids=["commands", "scripts"],
)
def test_long_pipelines_leave_others_their_turn(
    serve: Server, bystander: Wire, data: bytes
) -> None:
    with flooding(serve.port, data, read=True):
        assert_quick(serve, bystander)


@pytest.mark.parametrize("command", [b"GET big", b"LRANGE list 0 -1"])
def test_replies_that_nobody_reads_hold_up_nobody(
    serve: Server, bystander: Wire, command: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            lazy = stack.enter_context(Wire(serve.port))
            lazy.send((command + b"\r\n") * 20)
        assert_quick(serve, bystander)


@pytest.mark.parametrize("first", [b"SUBSCRIBE c", b"MONITOR"])
def test_messages_that_nobody_reads_hold_up_nobody(
    serve: Server, bystander: Wire, first: bytes
) -> None:
    with Wire(serve.port) as lazy:
        lazy.send(first + b"\r\n")
        lazy.socket.recv(5)
        for _ in range(50):
            bystander.send(
                b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$90000\r\n" + bytes(90_000) + b"\r\n"
            )
            assert bystander.socket.recv(100).startswith(b":")
        assert_quick(serve, bystander)


@pytest.mark.parametrize(
    "data",
    [b"\x00\xff\r\n" * 500, b"*1\r\n$3\r\nNO!\r\n" * 500, b"*3\r\n" * 100, b"x" * 99],
    ids=["binary", "unknown", "headers", "endless line"],
)
def test_garbage_hurts_nobody(serve: Server, bystander: Wire, data: bytes) -> None:
    with flooding(serve.port, data):
        assert_quick(serve, bystander)


def test_a_thousand_connections_and_their_giant_announcements_hurt_nobody(
    serve: Server, bystander: Wire
) -> None:
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(serve.port)) for _ in range(1000)]
        for wire in wires:
            wire.send(b"*1000000\r\n$536870912\r\nabc")
        assert_quick(serve, bystander)
        wires[-1].send(b"d")
    assert_quick(serve, bystander)


def test_a_client_that_sends_byte_by_byte_is_served_like_others(
    serve: Server, bystander: Wire
) -> None:
    with Wire(serve.port) as slow:
        slow.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\nGET k\r\n":
            slow.send(bytes([byte]))
        assert_quick(serve, bystander)
        slow.expect(b"+OK\r\n$3\r\na\r\n\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        b"MULTI\r\nSET k v\r\nSET k w\r\n",
        b"WATCH k\r\nBLPOP k 0\r\nSET k after\r\n",
        b"BLPOP k 0\r\nSET k after\r\n",
        b"XREAD BLOCK 0 STREAMS k $\r\n",
        b"EVAL 'for i = 1, 1e7 do end' 0\r\n",
        b"SUBSCRIBE c\r\n",
        b"CLIENT TRACKING on\r\nGET k\r\n",
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nabc",
        b"*3\r\n$3\r\nSET\r\n$1",
        b"GET big\r\n" * 10,
    ],
    ids=lambda request: request[:20].decode(),
)
@pytest.mark.parametrize("how", ["close", "reset"])
def test_who_leaves_in_the_midst_leaves_nothing_behind(
    serve: Server, bystander: Wire, request_: bytes, how: str
) -> None:
    leaver = Wire(serve.port)
    leaver.send(request_)
    time.sleep(0.01)
    if how == "reset":
        leaver.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaver.socket.close()
    wait_until(lambda: is_alone(bystander))
    bystander.ask(b"PUBLISH c m", b":0\r\n")
    bystander.ask(b"EXISTS k", b":0\r\n")
    bystander.ask(b"RPUSH k a", b":1\r\n")
    bystander.ask(b"LLEN k", b":1\r\n")


def test_a_library_that_is_stuck_while_it_is_loaded_ends_for_the_others(
    serve: Server, bystander: Wire
) -> None:
    code = "#!lua name=stuck\n('a'):rep(150):find(('a-'):rep(20) .. 'b')"
    with Wire(serve.port) as loader:
        loader.send(
            b"*3\r\n$8\r\nFUNCTION\r\n$4\r\nLOAD\r\n$%d\r\n%b\r\n" % (len(code), code.encode())
        )
        bystander.socket.settimeout(60)

        def has_ended() -> bool:
            bystander.ask(b"PING", b"+PONG\r\n")
            return bool(select([loader.socket], [], [], 0)[0])

        wait_until(has_ended)
        loader.expect(b"-ERR FUNCTION LOAD timeout\r\n")
    bystander.ask(b"EVAL 'return 2' 0", b":2\r\n")
