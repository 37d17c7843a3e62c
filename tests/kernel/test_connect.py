"""%connect in a notebook: cells run on a server, and no password gets into the notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from redislua_kernel.errors import ResponseError
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target
from tests.kernel.notebook import Notebook
from tests.resp_client import RespClient
from tests.servers import Server, run_redis
from tests.waiting import wait_until

LIBRARY = """#!lua name=points
redis.register_function('add', function(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end)
"""


@pytest.fixture
def connected(notebook: Notebook, reference_server: Server) -> Iterator[Notebook]:
    """A notebook whose cells go to the reference, which is empty."""
    outcome = notebook.run(f"%connect -h {reference_server.host} -p {reference_server.port}")
    assert outcome.stream() == (
        f"connected to {reference_server.host}:{reference_server.port}: redis 8.2.3\n"
    )
    notebook.run("%%redis\nFLUSHALL\nFUNCTION FLUSH\nSCRIPT FLUSH")
    yield notebook
    notebook.run("%connect embedded")


def test_every_form_of_cell_runs_on_the_server(connected: Notebook) -> None:
    run = connected.run
    assert run("%redis SET k 41").result == "OK"
    assert run("%%eval k\nreturn redis.call('INCR', KEYS[1])").result == "(integer) 42"
    assert run("%%eval_ro k\nreturn redis.call('GET', KEYS[1])").result == '"42"'
    assert run("redis.call('GET', 'k') .. '!'").result == '"42!"'
    assert run(LIBRARY).stream() == "library points loaded: added add\n"
    assert run(LIBRARY).stream() == "library points replaced: kept add\n"
    assert run("%fcall add k , 8").result == "(integer) 50"
    sha = run("%%script load\nreturn ARGV[1]").result
    assert sha is not None
    assert run(f"%evalsha {json.loads(sha)} , x").result == '"x"'
    assert run(f"%script exists {json.loads(sha)}").result == "1) (integer) 1"
    assert run("%function stats").result is not None
    assert run("%%redis\nMULTI\nINCR k\nEXEC").result == "1) (integer) 51"
    info = run("%redis INFO server").result
    assert info is not None
    assert "redis_version:8.2.3\r\n" in info
    run("%connect embedded")
    assert run("%redis EXISTS k").result == "(integer) 0"


def test_a_reply_says_where_it_is_from(connected: Notebook, reference_server: Server) -> None:
    (result,) = connected.run("return 1").of("execute_result")
    place = f"{reference_server.host}:{reference_server.port}"
    assert result["data"]["text/plain"] == "(integer) 1"
    assert f"{place}&gt;" in result["data"]["text/html"]
    assert result["metadata"] == {"redislua": {"server": place}}
    assert connected.run("%status").stream().startswith(f"cells go to {place}: redis 8.2.3\n")
    connected.run("%connect embedded")
    (result,) = connected.run("return 1").of("execute_result")
    assert result["metadata"] == {}
    assert place not in result["data"]["text/html"]


def test_an_error_of_the_server_shows_the_line_of_the_cell(connected: Notebook) -> None:
    outcome = connected.run("%keys a\n\nlocal x = 1\nreturn redis.call('NOPE')")
    assert outcome.reply["ename"] == "ResponseError"
    assert "line 4 | return redis.call('NOPE')" in outcome.traceback
    connected.run("%redis RPUSH l a")
    assert "WRONGTYPE" in connected.run("%redis GET l").traceback


@pytest.mark.parametrize(
    "cell",
    ["%snapshot a", "%effects", "%%trace\nreturn 1", "%%profile\nreturn 1", "%config strict yes"],
)
def test_what_a_server_cannot_do_is_said_in_one_line(connected: Notebook, cell: str) -> None:
    error = connected.run(cell).reply
    assert error["ename"] == "NotThere"
    assert error["evalue"].endswith(" needs the embedded engine: %connect embedded goes back to it")


def test_messages_are_not_waited_for(connected: Notebook) -> None:
    error = connected.run("%redis SUBSCRIBE news").reply["evalue"]
    assert error.startswith("SUBSCRIBE waits for messages, and a cell waits for no messages")
    assert connected.run("%redis PING").result == "PONG"


def test_an_endless_script_is_killed_at_the_server(notebook: Notebook) -> None:
    notebook.run("%connect --spawn redis")
    notebook.run("%redis CONFIG SET busy-reply-threshold 1")
    with another_client(notebook) as other:
        request = notebook.begin("while true do end")
        wait_until(lambda: is_busy(other))
        notebook.manager.interrupt_kernel()
        outcome = notebook.finish(request)
        assert outcome.reply["ename"] == "Interrupted"
        assert outcome.reply["evalue"] == "Interrupted: the script was killed by SCRIPT KILL"
        assert "gets SCRIPT KILL" in outcome.stream()
        assert notebook.run("return 1").result == "(integer) 1"
    notebook.run("%connect embedded")


@contextmanager
def another_client(notebook: Notebook) -> Iterator[Remote]:
    """Give another connection to the server that the notebook has spawned."""
    path = (notebook.run("%redis CONFIG GET unixsocket").result or "").split('"')[3]
    other = Remote(Target(socket=path))
    yield other
    other.close()


def is_busy(server: Remote) -> bool:
    try:
        server.execute("PING")
    except ResponseError as error:
        return error.code == "BUSY"
    return False


def test_a_blocking_command_is_waited_for_until_the_stop_button(
    connected: Notebook, reference_server: Server
) -> None:
    request = connected.begin("%redis BLPOP nothing 0")
    with RespClient(reference_server.host, reference_server.port) as other:
        wait_until(lambda: "blocked_clients:1\r" in other.command("INFO", "clients")["v"])
    connected.manager.interrupt_kernel()
    outcome = connected.finish(request)
    assert outcome.reply["evalue"].startswith("Interrupted: no longer waiting")
    assert connected.run("%redis PING").result == "PONG"


def test_a_password_is_asked_for_and_shown_nowhere(
    notebook: Notebook, reference_program: Path
) -> None:
    with run_redis(reference_program, "--requirepass", "s3cret") as server:
        place = f"-h {server.host} -p {server.port}"
        seen = []
        for cell in (
            f"%connect {place}",
            "%redis GET k",
            f"%connect {place} -a s3cret",
            "%status",
            f"%connect redis://:s3cret@{server.host}:{server.port}/99",
            f"%connect {place} -a wrongs3cret",
            "%redis GET k",
            "%connect -a s3cret --nope",
        ):
            outcome = notebook.run(cell)
            seen.append(outcome)
        texts = json.dumps([[each.reply, each.messages] for each in seen])
        request = notebook.begin(f"%connect {place} -a s3cret")
        _, told = notebook.next_message(request), notebook.next_message(request)
        assert "-a •••" in told[1]["code"]
        notebook.finish(request)
        assert "s3cret" not in texts
        assert "NOAUTH" in seen[1].traceback
        assert "the password stands in the cell" in seen[2].stream("stderr")
        assert "DB index is out of range" in seen[4].traceback
        assert "WRONGPASS" in seen[5].traceback
        assert seen[6].result == "(nil)"  # still the connection that was there
        assert "•••" in seen[7].traceback

        request = notebook.begin(f"%connect {place} --askpass", allow_stdin=True)
        question = notebook.client.get_stdin_msg(timeout=60)["content"]
        assert question["password"]
        notebook.client.input("s3cret")
        outcome = notebook.finish(request)
        assert outcome.stream().startswith("connected to")
        history = notebook.client.history(
            raw=True, output=True, hist_access_type="tail", n=1000, reply=True, timeout=60
        )
        assert "s3cret" not in json.dumps(history["content"])
        notebook.run("%connect embedded")


def test_a_lost_server_is_an_error_and_the_next_cell_connects_again(notebook: Notebook) -> None:
    notebook.run("%connect --spawn valkey")
    outcome = notebook.run("return server.call('PING')")
    assert (outcome.result, outcome.displayed) == ("PONG", [])  # no warning: it is a Valkey
    assert notebook.run("%redis INCR n").result == "(integer) 1"
    with another_client(notebook) as other:
        assert other.execute("CLIENT", "KILL", "TYPE", "normal")
    assert notebook.run("%redis INCR n").result == "(integer) 2"
    assert notebook.run("%redis SHUTDOWN NOSAVE").result == "OK"
    assert notebook.run("%redis INCR n").reply["ename"] == "CannotConnect"
    notebook.run("%connect --spawn valkey")
    assert notebook.run("%redis INCR n").result == "(integer) 1"
    notebook.run("%connect embedded")


def test_a_cluster_of_the_notebooks_own_takes_a_library_and_routes_calls(
    notebook: Notebook,
) -> None:
    notebook.run(
        "#!lua name=spawned\nredis.register_function('where', function(keys) return keys end)"
    )
    loaded = notebook.run("%deploy spawned --spawn cluster --yes")
    assert loaded.reply["status"] == "ok"
    said = notebook.run("%connect --spawn cluster").stream()
    assert said == "connected to cluster of three spawned servers: redis 8.2.3\n"
    assert [notebook.run(f"%fcall where {key}").result for key in "abc"] == [
        f'1) "{key}"' for key in "abc"
    ]
    notebook.run("%connect embedded")


def test_a_spawned_server_ends_with_the_kernel(kernelspec: str) -> None:
    with Notebook.start(kernelspec) as notebook:
        said = notebook.run("%connect --spawn").stream()
        assert said == "connected to spawned redis: redis 8.2.3\n"
        info = notebook.run("%redis INFO server").result or ""
        pid = int(info.split("process_id:")[1].split()[0])
        folder = notebook.run("%redis CONFIG GET dir").result or ""
        notebook.manager.shutdown_kernel(now=True)
        wait_until(lambda: not Path(f"/proc/{pid}").exists())
        wait_until(lambda: not os.path.exists(folder.split('"')[3]))


def test_names_of_the_server_are_completed(connected: Notebook) -> None:
    connected.run(LIBRARY)
    connected.run("%%redis\nSET user:1 a\nSET user:2 b\nSET other c")

    def matches(code: str) -> list[str]:
        reply = connected.client.complete(code, reply=True, timeout=60)
        found: list[str] = reply["content"]["matches"]
        return found

    # A server that does not answer at once is not waited for.
    wait_until(lambda: matches("%redis GET user:") == ["user:1", "user:2"])
    wait_until(lambda: matches("%fcall a") == ["add"])
    wait_until(lambda: matches("%function delete p") == ["points"])
    wait_until(lambda: "maxmemory-policy" in matches("%redis CONFIG GET maxmemory-p"))
