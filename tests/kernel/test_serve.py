"""%serve: a notebook's cells and the clients of its engine, side by side."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.notebook import Notebook
from tests.ports import free_port
from tests.server.wire import Wire

_BUSY = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
_READY = "redis.log(redis.LOG_NOTICE, 'ready')"


@pytest.fixture
def served(notebook: Notebook) -> Iterator[Notebook]:
    """A notebook that serves, and calls a script overdue after 50 ms."""
    notebook.run("%serve\n%redis CONFIG SET busy-reply-threshold 50")
    yield notebook
    notebook.run("%redis CONFIG SET busy-reply-threshold 5000\n%serve stop")


def port_of(notebook: Notebook) -> int:
    return int(notebook.run("%serve").stream().splitlines()[0].rpartition(":")[2])


def test_it_says_where_it_serves_and_since_when_not(notebook: Notebook) -> None:
    port = free_port()
    begun = notebook.run(f"%serve --port {port}").stream()
    assert begun == f"Serving on 127.0.0.1:{port}\nredis-cli -p {port}\n"
    with Wire(port) as wire:
        wire.ask(b"PING", b"+PONG\r\n")
        assert notebook.run("%serve").stream() == begun + "1 client\n"
        assert f"already serving on port {port}" in notebook.run("%serve --port 1").traceback
        assert notebook.run("%serve stop").stream() == f"No longer serving on 127.0.0.1:{port}\n"
        assert wire.rest() == b""
    assert "nothing is served" in notebook.run("%serve stop").traceback
    assert notebook.run("%redis CLIENT LIST").result.count("id=") == 1  # type: ignore[union-attr]


def test_a_port_that_is_taken_or_none_at_all_is_a_clear_error(served: Notebook) -> None:
    served.run("%serve stop")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        failed = served.run(f"%serve --port {number}").traceback
        assert f"cannot listen on port {number}: Address already in use" in failed
    for words in ("x", "--port", "--port x", "--port 70000"):
        assert "usage: %serve [--port N]" in served.run(f"%serve {words}").traceback
    assert served.run(f"%serve --port {free_port()}").stream().startswith("Serving")


def test_cells_and_clients_see_the_same_data(served: Notebook) -> None:
    with Wire(port_of(served)) as wire:
        served.run("redis.call('SET', 'k', 'cell')")
        wire.ask(b"GET k", b"$4\r\ncell\r\n")
        wire.ask(b"EVAL \"return redis.call('SET','k','client')\" 0", b"+OK\r\n")
        assert served.run("redis.call('GET', 'k')").result == '"client"'


def test_redis_cli_gets_in_with_the_line_that_is_shown(served: Notebook, redis_cli: Path) -> None:
    line = served.run("%serve").stream().splitlines()[1]
    name, *words = line.split()
    assert name == "redis-cli"
    done = subprocess.run([redis_cli, *words, "SET", "k", "v"], capture_output=True, check=True)
    assert done.stdout == b"OK\n"
    assert served.run("%redis GET k").result == '"v"'


def test_an_overdue_cell_makes_clients_busy_and_they_can_kill_it(served: Notebook) -> None:
    with Wire(port_of(served)) as wire:
        request = served.begin("while true do end")
        wire.wait_until_busy()
        wire.ask(b"SCRIPT KILL", b"+OK\r\n")
        assert "Script killed by user" in served.finish(request).traceback
        wire.ask(b"PING", b"+PONG\r\n")


def test_an_overdue_client_makes_cells_busy_and_they_can_kill_it(served: Notebook) -> None:
    with Wire(port_of(served)) as wire:
        wire.send(b"EVAL 'while true do end' 0\r\n")
        for cell in ("return 1", "%redis GET k", "%config strict yes"):
            while _BUSY not in (outcome := served.run(cell)).reply.get("evalue", ""):
                assert outcome.reply["status"] == "ok"  # the client's script has not begun
        assert served.run("%script kill").result == "OK"
        wire.expect(b"-ERR Script killed by user with SCRIPT KILL...")
        assert served.run("return 1").result == "(integer) 1"


def test_a_stopped_cell_is_undone_and_its_clients_go_on(served: Notebook) -> None:
    with Wire(port_of(served)) as wire:
        wire.ask(b"SET k before", b"+OK\r\n")
        request = served.begin(f"redis.call('SET', 'k', 'after') {_READY} while true do end")
        served.wait_for_stream(request, "ready\n")
        served.manager.interrupt_kernel()
        assert served.finish(request).reply["ename"] == "Interrupted"
        wire.ask(b"GET k", b"$6\r\nbefore\r\n")


def test_the_stop_button_ends_a_client_s_script_too(served: Notebook) -> None:
    with Wire(port_of(served)) as wire, Wire(port_of(served)) as other:
        wire.send(b"EVAL \"redis.call('SET','k',1) while true do end\" 0\r\n")
        other.wait_until_busy()
        served.manager.interrupt_kernel()
        wire.expect(b"-ERR Interrupted\r\n")
        other.ask(b"EXISTS k", b":0\r\n")


def test_a_client_s_shutdown_ends_the_serving_alone(notebook: Notebook) -> None:
    notebook.run("%serve\n%redis SET k v")
    with Wire(port_of(notebook)) as wire:
        wire.send(b"SHUTDOWN NOSAVE\r\n")
        assert wire.rest() == b""
    assert notebook.run("%redis GET k").result == '"v"'
    assert "nothing is served" in notebook.run("%serve stop").traceback


def test_the_end_of_the_kernel_ends_the_serving(kernelspec: str) -> None:
    with Notebook.start(kernelspec) as notebook:
        notebook.run("%serve")
        with Wire(port_of(notebook)) as wire:
            notebook.manager.shutdown_kernel()
            assert wire.rest() == b""
