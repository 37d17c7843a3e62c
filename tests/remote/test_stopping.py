"""The stop button while a server runs a command: the cell says what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from redislua_kernel.engine import interrupts
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect, Interrupted
from redislua_kernel.remote.remote import Remote
from redislua_kernel.reply import ResponseError
from tests.remote.conftest import target_of
from tests.servers import Server, run_redis

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


def stopped(call: Callable[[], object], *after: float) -> str:
    """Interrupt a call after these times; give what it says then."""
    thread = threading.get_ident()
    timers = [
        threading.Timer(seconds, interrupts.ask, args=(thread,)) for seconds in after or (0.2,)
    ]
    for timer in timers:
        timer.start()
    try:
        with pytest.raises(Interrupted) as caught:
            call()
        return str(caught.value)
    finally:
        for timer in timers:
            timer.join()
        interrupts.forget()


def test_a_script_is_killed(remote: Remote) -> None:
    said: list[str] = []
    remote.tell = said.append
    told = stopped(lambda: remote.run_script(LOOP.encode(), [], []))
    assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert said == [f"No longer waiting; {remote.label} gets SCRIPT KILL …\n"]
    assert remote.connection.is_open
    assert remote.execute("PING") == b"PONG"


def test_a_function_is_killed(remote: Remote) -> None:
    remote.execute("FUNCTION", "LOAD", LIBRARY)
    told = stopped(lambda: remote.execute("FCALL", "loop", 0))
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
    told = stopped(lambda: remote.execute(*words))
    assert "it goes on, as it has written already (UNKILLABLE)" in told
    assert "%redis SHUTDOWN NOSAVE" in told
    with pytest.raises(ResponseError, match="BUSY"):
        remote.execute("PING")
    remote.execute("SHUTDOWN", "NOSAVE")
    time.sleep(0.1)
    with pytest.raises(CannotConnect):
        remote.execute("PING")


def test_the_script_of_somebody_else_is_not_killed(remote: Remote) -> None:
    remote.execute("CONFIG", "SET", "busy-reply-threshold", 700)
    other = Connection(remote.target)
    other.call([b"PING"])
    other.send([b"EVAL", LOOP.encode(), b"0"])
    time.sleep(0.1)
    told = stopped(lambda: remote.execute("EVAL", "return 1", 0))
    assert told.startswith("Interrupted: it had ended with an error: BUSY ")
    with pytest.raises(ResponseError, match="BUSY"):
        remote.execute("PING")
    remote.ask("SCRIPT", "KILL")
    assert "killed by user" in str(other.receive([b"EVAL"]))
    assert remote.execute("PING") == b"PONG"
    other.close()


def test_a_script_in_another_database_is_killed_too(remote: Remote) -> None:
    remote.execute("SELECT", 3)
    told = stopped(lambda: remote.execute("EVAL", LOOP, 0))
    assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert remote.database == 3


def test_a_second_interrupt_ends_the_wait_for_the_kill(reference_program: Path) -> None:
    with run_redis(reference_program, "--busy-reply-threshold", "3000") as server:
        remote = Remote(target_of(server))
        began = time.monotonic()
        told = stopped(lambda: remote.execute("EVAL", LOOP, 0), 0.2, 0.5)
        assert time.monotonic() - began < 2
        assert told.endswith("has not answered SCRIPT KILL yet")
        remote.close()


def test_a_command_that_blocks_is_not_waited_for(remote: Remote) -> None:
    told = stopped(lambda: remote.execute("BLPOP", "nothing", 0))
    assert told.startswith("Interrupted: no longer waiting; the server may still run the command")
    assert remote.execute("PING") == b"PONG"
    assert b"cmd=blpop" not in remote.execute("CLIENT", "LIST")


def test_in_a_cluster_the_node_that_runs_it_hears_of_it(cluster: Cluster) -> None:
    for place in cluster.primaries:
        cluster.node(place).call([b"CONFIG", b"SET", b"busy-reply-threshold", b"50"])
    for key in ("a", "b", "c"):
        told = stopped(lambda key=key: cluster.execute("EVAL", LOOP, 1, key))
        assert told == "Interrupted: the script was killed by SCRIPT KILL"
    assert cluster.execute("DBSIZE") == 0
