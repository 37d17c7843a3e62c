"""The stop button while a server runs a command: the cell says what became of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from redislua_kernel.engine import interrupts
from redislua_kernel.remote import stopping
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect, Interrupted
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import ResponseError
from tests.ports import HOST
from tests.remote.conftest import target_of
from tests.resp_client import RespClient
from tests.servers import Server, run_redis
from tests.waiting import wait_until

LOOP = "while true do end"
LIBRARY = f"""#!lua name=l
redis.register_function('loop', function() {LOOP} end)
redis.register_function('write', function(keys) redis.call('SET', keys[1], '1') {LOOP} end)
"""


@pytest.fixture
def server(reference_program: Path) -> Iterator[Server]:
    """A server that says BUSY soon, for one test to hang."""
    with run_redis(reference_program, "--busy-reply-threshold", "50") as server:
        yield server


@pytest.fixture
def remote(server: Server) -> Iterator[Remote]:
    remote = Remote(target_of(server))
    yield remote
    remote.close()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give servers on a busy machine their time."""
    for name in ("_UNTIL_HEARD", "_UNTIL_ENDED"):
        monkeypatch.setattr(stopping, name, 60.0)


def stopped(call: Callable[[], object], has_begun: Callable[[], object]) -> str:
    """Interrupt a call once it has begun; give what it says then."""
    caller = threading.get_ident()

    def interrupt() -> None:
        try:
            wait_until(has_begun)
        finally:
            interrupts.ask(caller)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(Interrupted) as caught:
            call()
        return str(caught.value)
    finally:
        thread.join()
        interrupts.forget()


def is_busy(server: Server) -> bool:
    """Tell whether a script has run for so long that a server says so."""
    with RespClient(server.host, server.port) as client:
        return client.command("PING")["t"] == "-"


def is_waiting(remote: Remote) -> bool:
    """Tell whether a command was sent, and not answered yet."""
    return remote.connection._awaited > 0


def test_a_script_is_killed(remote: Remote, server: Server) -> None:
    said: list[str] = []
    remote.tell = said.append
    told = stopped(lambda: remote.run_script(LOOP.encode(), [], []), lambda: is_busy(server))
    assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert said == [f"No longer waiting; {remote.label} gets SCRIPT KILL …\n"]
    assert remote.connection.is_open
    assert remote.execute("PING") == b"PONG"


def test_a_function_is_killed(remote: Remote, server: Server) -> None:
    remote.execute("FUNCTION", "LOAD", LIBRARY)
    told = stopped(lambda: remote.execute("FCALL", "loop", 0), lambda: is_busy(server))
    assert told == "Interrupted: the function was killed by FUNCTION KILL"
    assert remote.execute("PING") == b"PONG"


@pytest.mark.parametrize("is_function", [False, True])
def test_what_has_written_goes_on_and_the_cell_says_how_to_end_it(
    remote: Remote, server: Server, is_function: bool
) -> None:
    remote.execute("FUNCTION", "LOAD", LIBRARY)
    words = (
        ("FCALL", "write", 1, "k")
        if is_function
        else ("EVAL", f"redis.call('SET', KEYS[1], 1) {LOOP}", 1, "k")
    )
    told = stopped(lambda: remote.execute(*words), lambda: is_busy(server))
    assert "it goes on, as it has written already (UNKILLABLE)" in told
    assert "%redis SHUTDOWN NOSAVE" in told
    with pytest.raises(ResponseError, match="BUSY"):
        remote.execute("PING")
    remote.execute("SHUTDOWN", "NOSAVE")
    with pytest.raises(CannotConnect):
        remote.execute("PING")


def test_the_script_of_somebody_else_is_not_killed(remote: Remote) -> None:
    remote.execute("CONFIG", "SET", "busy-reply-threshold", 3000)
    other = Connection(remote.target)
    other.call([b"PING"])
    other.send([b"EVAL", LOOP.encode(), b"0"])
    told = stopped(lambda: remote.execute("EVAL", "return 1", 0), lambda: is_waiting(remote))
    assert told.startswith("Interrupted: it had ended with an error: BUSY ")
    with pytest.raises(ResponseError, match="BUSY"):
        remote.execute("PING")
    remote.ask("SCRIPT", "KILL")
    assert "killed by user" in str(other.receive([b"EVAL"]))
    assert remote.execute("PING") == b"PONG"
    other.close()


def test_an_answer_that_is_on_its_way_is_waited_for() -> None:
    refused = b"-BUSY Redis is busy running a script.\r\n"
    evaluated = threading.Event()

    def serve() -> None:
        first, _ = listening.accept()
        first.recv(1000)
        first.sendall(b"+PONG\r\n")
        first.recv(1000)
        evaluated.set()
        probe, _ = listening.accept()
        probe.recv(1000)
        probe.sendall(refused)
        asked = probe.recv(1000)
        first.sendall(refused)
        probe.sendall(b"+OK\r\n" if b"KILL" in asked else refused)
        ends.extend((first, probe))

    ends: list[socket.socket] = []
    with socket.create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        remote = Remote(Target(((HOST, listening.getsockname()[1]),)))
        told = stopped(lambda: remote.execute("EVAL", "return 1", 0), evaluated.is_set)
        thread.join()
    assert told.startswith("Interrupted: it had ended with an error: BUSY ")
    remote.close()
    for end in ends:
        end.close()


def test_a_script_in_another_database_is_killed_too(remote: Remote, server: Server) -> None:
    remote.execute("SELECT", 3)
    told = stopped(lambda: remote.execute("EVAL", LOOP, 0), lambda: is_busy(server))
    assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert remote.database == 3


def test_a_second_interrupt_ends_the_wait_for_the_kill(reference_program: Path) -> None:
    with run_redis(reference_program, "--busy-reply-threshold", "600000") as server:
        remote = Remote(target_of(server))
        caller = threading.get_ident()
        remote.tell = lambda text: interrupts.ask(caller)
        told = stopped(lambda: remote.execute("EVAL", LOOP, 0), lambda: is_waiting(remote))
        assert told.endswith("has not answered SCRIPT KILL yet")
        remote.close()


def test_a_command_that_blocks_is_not_waited_for(remote: Remote, server: Server) -> None:
    with RespClient(server.host, server.port) as other:
        told = stopped(
            lambda: remote.execute("BLPOP", "nothing", 0),
            lambda: "blocked_clients:1\r" in other.command("INFO", "clients")["v"],
        )
    assert told.startswith("Interrupted: no longer waiting; the server may still run the command")
    assert remote.execute("PING") == b"PONG"
    assert b"cmd=blpop" not in remote.execute("CLIENT", "LIST")


def test_in_a_cluster_the_node_that_runs_it_hears_of_it(
    cluster: Cluster, cluster_servers: list[Server]
) -> None:
    for place in cluster.primaries:
        cluster.node(place).call([b"CONFIG", b"SET", b"busy-reply-threshold", b"50"])
    for key in ("a", "b", "c"):
        told = stopped(
            lambda key=key: cluster.execute("EVAL", LOOP, 1, key),  # type: ignore[misc]
            lambda: any(map(is_busy, cluster_servers)),
        )
        assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert cluster.execute("DBSIZE") == 0
