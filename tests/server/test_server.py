"""The server over real sockets: pipelines, pub/sub, limits, bad clients."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.server import Server
from tests.ports import free_port
from tests.server.wire import Wire
from tests.waiting import wait_until

Connect = Callable[[], Wire]

_EVAL_INCR = b"EVAL 'return redis.call(\"INCR\",KEYS[1])' 1 k\r\n"


def test_a_pipeline_is_answered_in_order(connect: Connect) -> None:
    wire = connect()
    wire.send(
        b"SET k 1\r\nINCR k\r\nEVAL 'return redis.call(\"INCR\",KEYS[1])' 1 k\r\nGET k\r\n" * 50
    )
    wire.expect(b"+OK\r\n:2\r\n:3\r\n$1\r\n3\r\n" * 50)


def test_a_transaction_with_a_script_runs_as_one(connect: Connect) -> None:
    wire = connect()
    wire.send(
        b"MULTI\r\nSET k 1\r\nEVAL 'return redis.call(\"INCR\",KEYS[1])' 1 k\r\nEXEC\r\nPING\r\n"
    )
    wire.expect(b"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:2\r\n+PONG\r\n")


def test_a_bad_frame_closes_its_own_connection_only(connect: Connect) -> None:
    good, bad = connect(), connect()
    bad.send(b"PING\r\n*1\r\n!3\r\n")
    assert bad.rest() == b"+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n"
    good.ask(b"PING", b"+PONG\r\n")


def test_a_browser_is_turned_away(connect: Connect) -> None:
    wire = connect()
    wire.send(b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k 1\r\n")
    assert wire.rest() == b""
    connect().ask(b"EXISTS k", b":0\r\n")


def test_a_client_that_closed_its_half_gets_its_replies(connect: Connect) -> None:
    wire = connect()
    wire.send(b"PING\r\nEVAL 'return 7' 0\r\nPING\r\n")
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest() == b"+PONG\r\n:7\r\n+PONG\r\n"


def test_quit_says_ok_and_closes(connect: Connect) -> None:
    wire = connect()
    wire.send(b"QUIT\r\nPING\r\n")
    assert wire.rest() == b"+OK\r\n"


def test_hello_switches_the_connection_to_resp3(connect: Connect) -> None:
    wire = connect()
    wire.send(
        b"HELLO 3\r\nEVAL 'redis.setresp(3); return {map={a=true}}' 0\r\nGET nothing\r\nQUIT\r\n"
    )
    assert wire.rest().endswith(b"%1\r\n$1\r\na\r\n#t\r\n_\r\n+OK\r\n")


def test_messages_reach_subscribers_of_both_versions(connect: Connect) -> None:
    old, new, sender = connect(), connect(), connect()
    old.ask(b"SUBSCRIBE c", b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
    new.send(b"HELLO 3\r\nPING\r\n")
    new.until(b"+PONG\r\n")
    new.ask(b"SUBSCRIBE c", b">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
    sender.ask(b"PUBLISH c 1", b":2\r\n")
    sender.ask(b'EVAL \'return redis.call("PUBLISH","c","2")\' 0', b":2\r\n")
    for wire, mark in ((old, b"*"), (new, b">")):
        for number in (b"1", b"2"):
            wire.expect(mark + b"3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n" + number + b"\r\n")


def test_a_message_to_oneself_follows_the_reply(connect: Connect) -> None:
    wire = connect()
    wire.send(b"HELLO 3\r\nSUBSCRIBE c\r\nPUBLISH c x\r\nQUIT\r\n")
    message = b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n"
    assert wire.rest().endswith(b":1\r\n:1\r\n" + message + b"+OK\r\n")


def test_the_notebook_can_publish_from_its_own_thread(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"SUBSCRIBE c", b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
    assert server.engine.execute("PUBLISH", "c", "x") == 1
    wire.expect(b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n")


def test_clients_wait_while_the_notebook_holds_the_engine(server: Server, connect: Connect) -> None:
    wire = connect()
    with server.engine.lock:
        wire.send(b"PING\r\n")
        wire.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
        wire.socket.settimeout(60)
    wire.expect(b"+PONG\r\n")


def test_a_killed_client_is_disconnected(connect: Connect) -> None:
    victim, killer = connect(), connect()
    victim.send(b"CLIENT ID\r\n")
    number = victim.socket.recv(100).strip(b":\r\n")
    killer.ask(b"CLIENT KILL ID " + number, b":1\r\n")
    assert victim.rest() == b""


def test_keys_expire_without_being_touched(server: Server, connect: Connect) -> None:
    connect().ask(b"SET k v PX 20", b"+OK\r\n")
    wait_until(lambda: not server.engine.keyspace[0].entries)


def test_two_hundred_clients_work_at_once(server: Server, connect: Connect) -> None:
    wires = [connect() for _ in range(200)]
    for wire in wires:
        wire.send((b"INCR k\r\n" + _EVAL_INCR) * 3)
    for wire in wires:
        received = b""
        while received.count(b"\r\n") < 6:
            received += wire.socket.recv(4096)
        numbers = [int(line[1:]) for line in received.split()]
        assert numbers == sorted(set(numbers))
    assert server.engine.execute("GET", "k") == b"1200"


def test_clients_that_leave_take_their_state_along(server: Server, connect: Connect) -> None:
    before = len(server.engine.clients)
    wire = connect()
    wire.ask(b"SUBSCRIBE c", b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
    wire.socket.close()
    wait_until(lambda: len(server.engine.clients) == before)
    assert server.engine.execute("PUBLISH", "c", "x") == 0


def test_a_unix_socket_serves_too_and_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    server = Server(Engine(), port=0, unix_socket=path)
    server.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        assert client.recv(100) == b"+PONG\r\n"
    server.stop()
    assert not path.exists()
    server.worker.close()


def test_a_taken_port_is_an_error_of_start(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(Engine(), port=server.port, worker=server.worker).start()


def test_a_stopped_server_leaves_the_engine_and_can_start_again(server: Server) -> None:
    server.stop()
    assert server.engine.execute("SET", "k", "v") == b"OK"
    server.start()
    with Wire(server.port) as wire:
        wire.ask(b"GET k", b"$1\r\nv\r\n")


def test_config_set_port_moves_the_server(server: Server, connect: Connect) -> None:
    client = connect()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = b"-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen"
        client.send(b"CONFIG SET maxmemory 100 port %d\r\n" % taken.getsockname()[1])
        client.expect(refused)
    free = free_port()
    client = connect()
    client.ask(b"CONFIG GET maxmemory", b"*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n")
    client.ask(b"CONFIG SET port %d" % free, b"+OK\r\n")
    client.ask(b"PING", b"+PONG\r\n")
    assert server.port == free
    connect().ask(b"PING", b"+PONG\r\n")


def reachable(server: Server, host: str) -> bool:
    try:
        with socket.create_connection((host, server.port), timeout=5) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(7) == b"+PONG\r\n"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_bind_moves_the_server_to_other_addresses(server: Server, connect: Connect) -> None:
    def bound(words: str) -> list[bool]:
        server.engine.execute("CONFIG", "SET", "bind", words)
        assert server.engine.execute("CONFIG", "GET", "bind") == {b"bind": words.encode()}
        return [reachable(server, "127.0.0.1"), reachable(server, "127.0.0.2")]

    client = connect()
    client.ask(b"PING", b"+PONG\r\n")
    assert bound("127.0.0.2") == [False, True]
    assert bound("127.0.0.1 127.0.0.2") == [True, True]
    assert bound("*") == [True, True]
    assert bound("-192.0.2.1 127.0.0.1") == [True, False]
    with pytest.raises(ResponseError, match="Failed to bind to specified addresses"):
        bound("127.0.0.2 192.0.2.1")
    with pytest.raises(ResponseError, match="Too many bind addresses"):
        bound("127.0.0.1 " * 17)
    assert reachable(server, "127.0.0.1")
    client.ask(b"PING", b"+PONG\r\n")  # who is connected stays so
    client.ask(b"CONFIG SET bind 127.0.0.2", b"+OK\r\n")
    assert reachable(server, "127.0.0.2")


def test_as_many_clients_as_can_be_counted_are_asked_for(server: Server) -> None:
    assert server.engine.execute("CONFIG", "SET", "maxclients", 4294967295) == b"OK"
