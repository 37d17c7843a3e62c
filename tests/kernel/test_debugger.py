"""The visual debugger over the control channel, in JupyterLab's own order of requests."""

import time
from collections.abc import Iterator

import pytest

from tests.kernel.debugging import DebugClient
from tests.kernel.notebook import Notebook

SCRIPT = """%%eval counter , 5
local n = tonumber(ARGV[1])
redis.call('SET', KEYS[1], n)
return redis.call('INCR', KEYS[1])"""

LIBRARY = """#!lua name=points
local function bonus(score)
  return score * 2
end
redis.register_function('add_points', function(keys, args)
  local gain = bonus(tonumber(args[1]))
  return redis.call('INCRBY', keys[1], gain)
end)"""

ENDLESS = "redis.call('SET', 'k', 'v')\nlocal n = 0\nwhile true do\n  n = n + 1\nend"


@pytest.fixture
def client(notebook: Notebook) -> Iterator[DebugClient]:
    client = DebugClient(notebook)
    client.start()
    yield client
    client.stop()
    notebook.quiet()


def test_a_cell_stops_at_a_breakpoint_steps_and_goes_on(client: DebugClient) -> None:
    path = client.break_at(SCRIPT, 3)
    request = client.notebook.begin(SCRIPT)
    frames, scopes = client.look()
    assert frames == [("script", path, 3)]
    assert scopes["Locals"] == {"n": "5"}
    assert scopes["KEYS and ARGV"] == {"KEYS": '{"counter"}', "ARGV": '{"5"}'}
    client.ask("next", threadId=1)
    frames, scopes = client.look()
    assert frames == [("script", path, 4)]
    assert scopes["Keyspace"] == {"counter": '"5"'}
    assert scopes["redis.call log"] == {"1: SET counter 5": "OK"}
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).result == "(integer) 6"


def test_a_library_stops_when_another_cell_calls_its_function(client: DebugClient) -> None:
    client.notebook.run(LIBRARY)
    path = client.break_at(LIBRARY, 6)
    request = client.notebook.begin("%fcall add_points player:1 , 5")
    frames, scopes = client.look()
    assert frames == [("add_points", path, 6)]
    assert scopes["Locals"] == {"keys": '{"player:1"}', "args": '{"5"}'}
    client.ask("stepIn", threadId=1)
    frames, scopes = client.look()
    assert frames == [("bonus", path, 3), ("add_points", path, 6)]
    assert scopes["Locals"] == {"score": "5"}
    client.ask("stepOut", threadId=1)
    frames, scopes = client.look()
    assert frames == [("add_points", path, 7)]
    assert scopes["Locals"]["gain"] == "10"
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).result == "(integer) 10"


def test_variables_are_set_and_expressions_evaluated_while_stopped(client: DebugClient) -> None:
    client.break_at(SCRIPT, 3)
    request = client.notebook.begin(SCRIPT)
    client.look()
    assert client.ask("evaluate", expression="n * 2", frameId=1, context="repl")["result"] == "10"
    failed = client.response("evaluate", expression="n.x.y", frameId=1, context="repl")
    assert "attempt to index" in failed["message"]
    scope = client.ask("scopes", frameId=1)["scopes"][0]["variablesReference"]
    client.ask("setVariable", variablesReference=scope, name="n", value="41")
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).result == "(integer) 42"


def test_a_logpoint_writes_below_the_cell(client: DebugClient) -> None:
    path = client.ask("dumpCell", code=SCRIPT)["sourcePath"]
    wish = {"line": 3, "logMessage": "n is {n}"}
    client.ask("setBreakpoints", source={"path": path}, breakpoints=[wish])
    assert client.notebook.run(SCRIPT).stream() == "n is 5\n"


def test_an_error_stops_with_its_locals(client: DebugClient) -> None:
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    request = client.notebook.begin("local who = 'me'\nerror('no ' .. who)")
    _, scopes = client.look()
    assert scopes["Locals"] == {"who": '"me"'}
    assert "no me" in client.ask("exceptionInfo", threadId=1)["description"]
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).reply["status"] == "error"


def test_an_endless_loop_is_paused_and_interrupted(client: DebugClient) -> None:
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    request = client.notebook.begin(f"redis.log(redis.LOG_NOTICE, 'ready') {ENDLESS}")
    client.notebook.wait_for_stream(request, "ready\n")
    client.ask("pause", threadId=1)
    frames, scopes = client.look()
    assert frames[0][2] in (1, 2, 3, 4)
    assert scopes["Keyspace"] == {"k": '"v"'}
    client.notebook.manager.interrupt_kernel()
    outcome = client.notebook.finish(request)
    assert outcome.traceback.endswith("The cell's writes were undone: 1.")
    assert client.notebook.run("%redis EXISTS k").result == "(integer) 0"


def test_an_expression_without_end_leaves_the_control_channel_free(client: DebugClient) -> None:
    client.break_at(ENDLESS, 4)
    request = client.notebook.begin(ENDLESS)
    client.look()
    answer = client.send("evaluate", expression="(function() while true do end end)()", frameId=1)
    time.sleep(0.2)
    client.notebook.manager.interrupt_kernel()
    assert not client.answer_to(answer)["success"]
    assert client.notebook.finish(request).reply["ename"] == "Interrupted"


def test_a_disconnect_lets_the_cell_run_on(client: DebugClient) -> None:
    client.break_at(SCRIPT, 3)
    request = client.notebook.begin(SCRIPT)
    client.look()
    client.stop()
    assert client.notebook.finish(request).result == "(integer) 6"
    assert not client.ask("debugInfo")["isStarted"]
    assert client.notebook.run(SCRIPT).result == "(integer) 6"


def test_completion_and_widgets_answer_while_a_cell_is_stopped(client: DebugClient) -> None:
    notebook = client.notebook
    notebook.run("%keyspace")
    client.break_at(SCRIPT, 3)
    request = notebook.begin(SCRIPT)
    client.look()
    subshell = client.create_subshell()
    for kind, content in (
        ("comm_info_request", {}),
        ("complete_request", {"code": "redis.ca", "cursor_pos": 8}),
    ):
        reply = client.ask_subshell(subshell, kind, content)
        assert reply["status"] == "ok"
    assert reply["matches"] == ["call"]
    client.ask("continue", threadId=1)
    assert notebook.finish(request).result == "(integer) 6"


def test_a_cell_under_the_magic_stops_at_its_first_line(client: DebugClient) -> None:
    cell = f"%%debug\n{SCRIPT}"
    request = client.notebook.begin(cell)
    assert client.event("stopped")["reason"] == "entry"
    assert client.ask("stackTrace", threadId=1)["stackFrames"][0]["line"] == 3
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).result == "(integer) 6"


def test_a_shutdown_ends_a_stop(kernelspec: str) -> None:
    with Notebook.start(kernelspec) as notebook:
        client = DebugClient(notebook)
        client.start()
        client.break_at(SCRIPT, 3)
        notebook.begin(SCRIPT)
        client.look()
        assert notebook.shut_down() == 0


def test_answers_come_quickly_while_a_cell_is_stopped(client: DebugClient) -> None:
    cell = "local t = {a = {1, 2, 3}}\n" + "t.n = (t.n or 0) + 1\n" * 30
    client.break_at(cell, 1)
    request = client.notebook.begin(cell)
    client.look()
    took = []
    for _ in range(15):
        started = time.perf_counter()
        client.ask("next", threadId=1)
        client.event("stopped")
        took.append(time.perf_counter() - started)
        client.ask("stackTrace", threadId=1)
    client.ask("continue", threadId=1)
    client.notebook.finish(request)
    assert min(took) < 0.05  # a busy machine delays most


def test_a_cell_is_profiled_and_traced_while_the_debugger_is_on(client: DebugClient) -> None:
    client.break_at(SCRIPT, 3)
    notebook = client.notebook
    # Above the body the cell's text is another: the breakpoint stands on the body, and waits.
    profiled = notebook.run(f"%%profile\n%%trace\n{SCRIPT}").displayed
    assert [text.partition(":")[0].partition(",")[0] for text in profiled] == [
        "(integer) 6",
        "2 calls",
        "script",
    ]
    request = notebook.begin(SCRIPT)
    frames, _ = client.look()
    assert frames[0][2] == 3
    client.ask("continue", threadId=1)
    assert notebook.finish(request).result == "(integer) 6"
