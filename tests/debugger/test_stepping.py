"""Going on, stopping again, and what ends a stop."""

import time
from concurrent.futures import Future

import pytest

from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Reply
from tests.debugger.client import SECONDS, Client
from tests.waiting import wait_until

CALLS = """local function double(n)
  local twice = n * 2
  return twice
end
local a = double(1)
local b = double(a)
return a + b"""

ENDLESS = """redis.call('SET', 'k', 'v')
local n = 1 redis.call('SET', 'l', n)
while true do
  n = n + 1
end"""


def run_endless(client: Client) -> Future[Reply]:
    """Run what does not end by itself, and wait until its variable is there."""
    end = client.run(ENDLESS)
    wait_until(lambda: len(client.engine.keyspace.journal.undo) == 2)
    return end


def test_steps_go_over_into_and_out_of_calls(client: Client) -> None:
    client.break_at(CALLS, 5)
    end = client.run(CALLS)
    assert client.stopped() == 5
    assert client.step("next") == 6
    assert client.step("stepIn") == 2
    assert [each["name"] for each in client.frames()] == ["double", "script"]
    assert client.step("stepOut") == 7  # the next line of the caller
    client.ask("next", threadId=1)
    assert end.result(SECONDS) == 6


def test_an_endless_loop_is_paused(client: Client) -> None:
    end = run_endless(client)
    client.ask("pause", threadId=1)
    assert client.event("stopped")["reason"] == "pause"
    assert int(client.scope("Locals")["n"]) > 0
    client.ask("continue", threadId=1)
    client.event("continued")
    client.ask("terminate")
    assert isinstance(end.exception(SECONDS), Interrupted)


@pytest.mark.parametrize("seconds_between_polls", [0.01, 1e-6])
def test_a_script_that_runs_already_is_paused_too(
    seconds_between_polls: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the script's own hook asks, the debugger's takes its place."""
    monkeypatch.setattr("redislua_kernel.engine.scripting.polling._SECONDS", seconds_between_polls)
    client = Client()
    end = run_endless(client)
    client.start()
    client.ask("pause", threadId=1)
    client.event("stopped")
    assert int(client.scope("Locals")["n"]) > 0
    assert client.step("next") in (3, 4)
    client.home.interrupt()
    assert isinstance(end.exception(SECONDS), Interrupted)
    client.break_at("return 1", 1)
    client.run("return 1")
    assert client.stopped() == 1
    client.close()


def test_a_pause_while_nothing_runs_stops_what_runs_next(client: Client) -> None:
    client.ask("pause", threadId=1)
    end = client.run("local a = 1\nreturn a")
    assert client.event("stopped")["reason"] == "pause"
    assert client.line == 1
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 1


def test_a_script_can_ask_for_a_stop(client: Client) -> None:
    client.run("local a = 1\nredis.breakpoint()\nreturn a")
    assert client.event("stopped")["description"] == "redis.breakpoint()"
    assert client.line == 3


def test_a_cell_can_be_stopped_at_its_first_line(client: Client) -> None:
    client.home.worker.submit(client.panel.stop_at_entry)
    client.run("local a = 1\nreturn a")
    assert client.event("stopped")["reason"] == "entry"


def test_what_redis_debug_prints_is_shown(client: Client) -> None:
    client.run("redis.debug('a', {1, 2})\nreturn 1").result(SECONDS)
    assert client.home.written == '"a", {1; 2}\n'


def test_an_error_stops_with_the_locals_it_was_raised_with(client: Client) -> None:
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    cell = "local t = {n = 3}\nlocal function f(x)\n  return x.a.b\nend\nf(t)"
    end = client.run(cell)
    stopped = client.event("stopped")
    assert stopped["reason"] == "exception"
    assert "attempt to index field 'a'" in stopped["text"]
    assert client.line == 3
    assert client.scope("Locals") == {"x": "{n=3}"}
    assert client.scope("Locals", frame=2)["t"] == "{n=3}"
    assert client.evaluate("x.n + 1") == "4"
    info = client.ask("exceptionInfo", threadId=1)
    assert info["description"] == stopped["text"]
    client.ask("continue", threadId=1)
    assert isinstance(end.exception(SECONDS), ResponseError)


def test_errors_do_not_stop_unless_the_client_wants_it(client: Client) -> None:
    end = client.run("return redis.call('nope')")
    assert isinstance(end.exception(SECONDS), ResponseError)
    assert not client.panel.is_stopped


def test_the_error_of_a_command_has_its_code(client: Client) -> None:
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    client.run("redis.call('SET', 'k', 'v')\nreturn redis.call('LPUSH', 'k', 'x')")
    client.event("stopped")
    assert client.line == 2
    assert client.ask("exceptionInfo", threadId=1)["exceptionId"] == "WRONGTYPE"


def test_an_interrupt_ends_the_stop_and_undoes_the_cell(client: Client) -> None:
    client.break_at(ENDLESS, 4)
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    end = client.run(ENDLESS)
    client.stopped()
    client.home.interrupt()
    assert isinstance(end.exception(SECONDS), Interrupted)
    assert client.engine.execute("EXISTS", "k") == 0
    client.event("continued")


def test_a_disconnect_lets_the_script_run_to_its_end(client: Client) -> None:
    client.break_at(CALLS, 5)
    end = client.run(CALLS)
    client.stopped()
    client.ask("disconnect", terminateDebuggee=False)
    assert end.result(SECONDS) == 6
    client.home.run(lambda: None).result(SECONDS)
    assert client.engine.scripting.watchers.debugger is None
    assert client.run(CALLS).result(SECONDS) == 6


def test_a_disconnect_that_ends_the_script_undoes_it(client: Client) -> None:
    client.break_at(ENDLESS, 4)
    end = client.run(ENDLESS)
    client.stopped()
    client.ask("disconnect", terminateDebuggee=True)
    assert isinstance(end.exception(SECONDS), Interrupted)
    assert client.engine.execute("EXISTS", "k") == 0


@pytest.mark.parametrize("command", ["continue", "next", "stackTrace", "scopes", "setVariable"])
def test_what_needs_a_stop_fails_without_one(client: Client, command: str) -> None:
    assert client.refusal(command) == "no script has stopped here"


def test_a_step_is_answered_quickly(client: Client) -> None:
    cell = "local t = {}\n" + "t[#t + 1] = {n = #t}\n" * 20
    client.engine.execute("MSET", *(f"{kind}{n}" for n in range(500) for kind in ("k", "v")))
    client.break_at(cell, 1)
    client.run(cell)
    client.stopped()
    took = []
    for _ in range(15):
        started = time.perf_counter()
        client.step("next")
        for scope in client.ask("scopes", frameId=1)["scopes"]:
            client.open(scope["variablesReference"])
        took.append(time.perf_counter() - started)
    assert min(took) < 0.05  # a busy machine delays most


def test_the_middle_of_a_very_deep_stack_is_left_out(client: Client) -> None:
    cell = """local function f(n)
  if n == 0 then
    return 0
  end
  return 1 + f(n - 1)
end
return f(1000)"""
    client.break_at(cell, 3)
    end = client.run(cell)
    assert client.stopped() == 3
    frames = client.frames()
    (label,) = (each for each in frames if each.get("presentationHint") == "label")
    assert label["name"] == "… 802 more"
    assert [frames[0]["name"], frames[-1]["name"]] == ["f", "script"]
    page = client.ask("stackTrace", threadId=1, startFrame=1, levels=2)
    assert page["totalFrames"] == len(frames)
    assert page["stackFrames"] == frames[1:3]
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 1000
