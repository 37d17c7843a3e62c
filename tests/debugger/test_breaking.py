"""Breakpoints: where they land, and when they stop."""

import pytest

from tests.debugger.client import SECONDS, Client

LOOP = """-- counts
local total = 0
for i = 1, 5 do

  total = total + i
end
return total"""

LIBRARY = """%keys

#!lua name=points
local function bonus(score)
  return score * 2
end
redis.register_function('add_points', function(keys, args)
  local gain = bonus(tonumber(args[1]))
  return redis.call('INCRBY', keys[1], gain)
end)"""

CALL = "%%fcall add_points player:1 , 5\n"


def test_a_line_without_code_gives_the_next_one(client: Client) -> None:
    first, moved, over = client.break_at(LOOP, 1, 4, 8)
    assert (first["verified"], first["line"]) == (True, 2)
    assert (moved["verified"], moved["line"]) == (True, 5)
    assert moved["message"] == "moved to the next line with code"
    assert (over["verified"], over["line"]) == (False, 8)
    assert over["message"] == "no code stands on this line, or after it"


def test_magics_are_no_lines_to_stop_on(client: Client) -> None:
    cell = "%keys a\n%%eval k , 1\n\nlocal n = ARGV[1]\nreturn n"
    assert client.break_at(cell, 1)[0]["line"] == 4
    end = client.run(cell)
    assert client.stopped() == 4
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == b"1"


def test_a_bare_expression_can_be_stopped_at(client: Client) -> None:
    assert client.break_at("#KEYS + 1", 1)[0]["verified"]
    end = client.run("#KEYS + 1")
    assert client.stopped() == 1
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 1


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("%keys a", "there is no Lua in this cell"),
        ("local = 1", "the cell is no Lua: line:1: '<name>' expected near '='"),
    ],
)
def test_a_cell_that_is_no_lua_refuses_breakpoints(client: Client, cell: str, reason: str) -> None:
    (refused,) = client.break_at(cell, 1)
    assert not refused["verified"]
    assert refused["message"] == reason


def test_a_breakpoint_of_an_unknown_cell_waits_until_the_cell_runs(client: Client) -> None:
    path = client.ask("dumpCell", code="return 1")["sourcePath"]
    client.panel.sources._by_path.clear()  # as after a restart of the kernel
    asked = {"source": {"path": path}, "breakpoints": [{"line": 1}]}
    (waiting,) = client.ask("setBreakpoints", **asked)["breakpoints"]
    assert waiting["message"] == "this cell has not run yet"
    client.run("return 1")
    assert client.event("breakpoint")["reason"] == "removed"
    assert client.event("breakpoint")["breakpoint"]["verified"]
    assert client.stopped() == 1


def test_a_condition_holds_it_back(client: Client) -> None:
    client.break_at(LOOP, {"line": 5, "condition": "i == 4 and total > 5"})
    client.run(LOOP)
    assert client.stopped() == 5
    assert client.scope("Locals") == {"total": "6", "i": "4"}


@pytest.mark.parametrize(("hits", "first"), [("== 2", 2), ("% 4", 4), (">4", 5)])
def test_a_hit_condition_counts_visits_anew_in_each_cell(
    client: Client, hits: str, first: int
) -> None:
    client.break_at(LOOP, {"line": 5, "hitCondition": hits})
    for _ in range(2):
        end = client.run(LOOP)
        client.stopped()
        assert client.evaluate("i") == str(first)
        client.ask("continue", threadId=1)
        assert end.result(SECONDS) == 15


def test_what_is_no_hit_condition_is_refused(client: Client) -> None:
    (refused,) = client.break_at(LOOP, {"line": 5, "hitCondition": "often"})
    assert not refused["verified"]
    assert "'often' is no hit condition" in refused["message"]


def test_a_logpoint_writes_and_does_not_stop(client: Client) -> None:
    client.break_at(LOOP, {"line": 5, "logMessage": "i={i} of {nope} {"})
    end = client.run(LOOP)
    assert end.result(SECONDS) == 15
    output = client.event("output")
    assert output["output"].startswith("i=1 of <")
    assert output["line"] == 5
    assert client.home.written.count("i=5") == 1


def test_a_failing_condition_shows_its_error_and_goes_on(client: Client) -> None:
    client.break_at(LOOP, {"line": 5, "condition": "i.x.y"})
    assert client.run(LOOP).result(SECONDS) == 15
    assert "breakpoint on line 5: " in client.event("output")["output"]
    assert "attempt to index" in client.home.written


def test_a_breakpoint_in_a_librarys_cell_stops_a_call_from_another(client: Client) -> None:
    path = client.ask("dumpCell", code=LIBRARY)["sourcePath"]
    client.run(LIBRARY).result(SECONDS)
    client.break_at(LIBRARY, 5)
    end = client.run(CALL)
    client.event("stopped")
    frames = [(each["name"], each["source"]["path"], each["line"]) for each in client.frames()]
    assert frames == [("bonus", path, 5), ("add_points", path, 8)]
    assert client.scope("KEYS and ARGV") == {"KEYS": '["player:1"]', "ARGV": '["5"]'}
    assert client.step("stepOut") == 9
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 10


def test_a_breakpoint_can_be_set_and_taken_away_while_a_script_runs(client: Client) -> None:
    cell = "local n = 0\nwhile n do\n  n = n + 1\nend"
    end = client.run(cell)
    client.break_at(cell, 3)
    assert client.stopped() == 3
    client.break_at(cell)
    client.ask("continue", threadId=1)
    client.event("continued")
    client.ask("terminate")
    assert isinstance(end.exception(SECONDS), Exception)


def test_the_stop_tells_which_breakpoint_was_hit(client: Client) -> None:
    _, second = client.break_at(LOOP, 2, 5)
    client.run(LOOP)
    client.stopped()
    client.ask("continue", threadId=1)
    assert client.event("stopped")["hitBreakpointIds"] == [second["id"]]


def test_the_lines_of_a_cell_that_can_be_stopped_on_are_told(client: Client) -> None:
    path = client.ask("dumpCell", code=LOOP)["sourcePath"]
    found = client.ask("breakpointLocations", source={"path": path}, line=1, endLine=9)
    assert [each["line"] for each in found["breakpoints"]] == [2, 3, 5, 7]


def test_cells_with_the_same_body_have_breakpoints_of_their_own(client: Client) -> None:
    client.break_at("%args 1\nreturn 1", 2)
    assert client.run("return 1").result(SECONDS) == 1
    client.run("%args 1\nreturn 1")
    assert client.stopped() == 2


def test_what_a_library_runs_while_it_is_loaded_is_no_place_to_stop(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where a function stands on the same line, nor after a step."""
    library = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
    client.run(library).result(SECONDS)
    client.break_at(library, 2)
    end = client.run("%%fcall f\n")
    assert client.stopped() == 2
    client.ask("stepIn", threadId=1)
    assert end.result(SECONDS) == 1
    assert client.run(library).result(SECONDS) == b"l"
    assert not client.panel.is_stopped
    assert not caplog.records


def test_a_line_outside_the_functions_of_a_library_gives_the_next_inside(client: Client) -> None:
    assert client.break_at(LIBRARY, 7)[0]["line"] == 8
