"""Coming and going, and requests that are none."""

from typing import Any

import pytest

from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.requests import REQUESTS
from redislua_kernel.engine.debugging.debugger import Debugger
from tests.debugger.client import SECONDS, Client


def test_the_debugger_tells_what_it_can_do(client: Client) -> None:
    capabilities = client.ask("initialize")
    assert capabilities["supportsConditionalBreakpoints"]
    assert [each["filter"] for each in capabilities["exceptionBreakpointFilters"]] == ["uncaught"]


def test_a_client_that_comes_back_finds_its_breakpoints_and_the_stop(client: Client) -> None:
    client.break_at("\nreturn 1", 1)
    client.run("\nreturn 1")
    client.stopped()
    info = client.ask("debugInfo")
    assert info["isStarted"]
    assert info["hashMethod"] == "Murmur2"
    assert info["stoppedThreads"] == [1]
    (source,) = info["breakpoints"]
    assert source["source"].startswith(info["tmpFilePrefix"])
    assert source["source"].endswith(info["tmpFileSuffix"])
    assert source["breakpoints"] == [{"line": 2}]


def test_before_attach_nothing_is_watched() -> None:
    client = Client()
    assert not client.ask("debugInfo")["isStarted"]
    client.break_at("return 1", 1)
    assert client.run("return 1").result(SECONDS) == 1
    assert client.engine.scripting.watchers.debugger is None


def test_lab_gets_the_names_of_types_that_it_knows(client: Client) -> None:
    client.ask("initialize", clientID="jupyterlab")
    cell = "local s, n, f, b, t = 'x', 1, 1.5, true, {1}\nreturn 1"
    client.break_at(cell, 2)
    client.run(cell)
    client.stopped()
    types = {each["name"]: each["type"] for each in client.variables("Locals")}
    assert types == {"s": "str", "n": "int", "f": "float", "b": "bool", "t": "{1}"}


def test_libraries_are_modules_whose_source_can_be_read(client: Client) -> None:
    library = "#!lua name=lib\nredis.register_function('f', function() return 1 end)"
    client.engine.execute("FUNCTION", "LOAD", library)
    (module,) = client.ask("modules")["modules"]
    assert module["name"] == "lib"
    assert client.ask("source", source={"path": module["path"]})["content"] == library
    client.ask("setBreakpoints", source={"path": module["path"]}, breakpoints=[{"line": 2}])
    end = client.run("%%fcall f\n")
    assert client.stopped() == 2
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 1


def test_an_unknown_request_is_refused(client: Client) -> None:
    assert client.refusal("fly") == "the request fly is not known here"
    assert client.refusal("copyToGlobals") == "Redis scripts may not create global variables"
    assert client.refusal("source", source={"path": "/nowhere"}) == "this source is not known"


def test_an_isolated_run_leaves_the_data_alone(client: Client) -> None:
    cell = "redis.call('SET', 'k', 'mine')\nreturn redis.call('GET', 'k')"
    client.engine.execute("SET", "k", "yours")
    client.home.session.execute("SCRIPT", "DEBUG", "YES")
    client.break_at(cell, 2)
    end = client.run(cell)
    assert client.stopped() == 2
    assert client.scope("Keyspace") == {"k": '"mine"'}
    assert client.engine.execute("GET", "k") == b"yours"  # others are not kept waiting
    client.engine.execute("SET", "other", "v")
    assert client.evaluate("redis.call('EXISTS', 'other')") == "0"
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == b"mine"
    assert client.engine.execute("GET", "k") == b"yours"


def test_an_isolated_run_is_interrupted(client: Client) -> None:
    client.home.session.execute("SCRIPT", "DEBUG", "YES")
    client.break_at("return 1", 1)
    end = client.run("return 1")
    client.stopped()
    client.home.interrupt()
    assert isinstance(end.exception(SECONDS), Exception)
    client.home.session.execute("SCRIPT", "DEBUG", "NO")
    client.run("return 1")
    assert client.stopped() == 1


def test_another_debugger_gives_the_place_back(client: Client) -> None:
    client.break_at("return 1", 1)
    client.home.run(lambda: None).result(SECONDS)

    class Other(Panel):
        """Stops nowhere."""

    def debug() -> object:
        other = Debugger(client.engine.scripting, Other(client.home))
        with client.engine.scripting.watchers.attached(other):
            return client.engine.execute("EVAL", "return 1", 0)

    assert client.home.run(debug).result(SECONDS) == 1
    client.run("return 1")
    assert client.stopped() == 1


WRONG = {"source": 1, "breakpoints": 3, "frameId": "x", "variablesReference": [], "filters": 1}


@pytest.mark.parametrize("arguments", [None, {}, [], WRONG], ids=["null", "empty", "list", "wrong"])
def test_every_request_is_answered_whatever_it_brings(client: Client, arguments: Any) -> None:
    for command in sorted(REQUESTS):
        message = {"seq": 3, "command": command, "arguments": arguments}
        response = client.adapter.answer(message).result(SECONDS)
        assert response["request_seq"] == 3
        assert response["command"] == command
        assert "internal error" not in response.get("message", "")
