"""Looking at variables, and setting them."""

from typing import Any

import pytest

from tests.debugger.client import SECONDS, Client

CELL = """local outer = 'up'
local t = {a = {b = 'deep'}, 'x', 'y', ['two words'] = true}
local big, bytes, text, none = {}, 'a\\0\\255', 'schön "q"', nil
for i = 1, 500 do big[i] = i end
local function f(n)
  local inner = n / 2
  return outer, inner
end
f(3)
return t.a.b"""


@pytest.fixture
def stopped(client: Client) -> Client:
    """A client whose script stands on line 7."""
    client.break_at(CELL, 7)
    client.end = client.run(CELL)  # type: ignore[attr-defined]
    assert client.stopped() == 7
    return client


def named(variables: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in variables if each["name"] == name)


def test_scopes_are_those_of_a_redis_script(stopped: Client) -> None:
    scopes = stopped.ask("scopes", frameId=1)["scopes"]
    names = ["Locals", "Upvalues", "KEYS and ARGV", "redis.call log", "Keyspace"]
    assert [each["name"] for each in scopes] == names
    assert stopped.scope("Locals") == {"n": "3", "inner": "1.5"}
    assert stopped.scope("Upvalues") == {"outer": '"up"'}


def test_values_are_shown_as_lua_writes_them(stopped: Client) -> None:
    shown = stopped.scope("Locals", frame=2)
    assert shown["t"] == '{"x", "y", a={b="deep"}, ["two words"]=true}'
    assert shown["bytes"] == '"a\\x00\\xff"'
    assert shown["text"] == '"schön \\"q\\""'
    assert shown["none"] == "nil"
    assert shown["big"] == "{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …}"
    assert shown["f"].startswith("function: 0x")
    assert "(for index)" not in shown


def test_tables_expand_and_tell_the_expression_of_each_entry(stopped: Client) -> None:
    t = named(stopped.variables("Locals", 2), "t")
    assert (t["type"], t["evaluateName"]) == ("table", "t")
    entries = stopped.open(t["variablesReference"])
    assert {each["name"]: each["evaluateName"] for each in entries} == {
        "[1]": "t[1]",
        "[2]": "t[2]",
        "a": "t.a",
        "two words": 't["two words"]',
    }
    (deep,) = stopped.open(named(entries, "a")["variablesReference"])
    assert (deep["name"], deep["value"], deep["evaluateName"]) == ("b", '"deep"', "t.a.b")
    assert stopped.evaluate(deep["evaluateName"], frame=2) == '"deep"'


def test_a_long_table_comes_in_pages(stopped: Client) -> None:
    big = named(stopped.variables("Locals", 2), "big")
    assert (big["indexedVariables"], big["namedVariables"]) == (500, 0)
    reference = big["variablesReference"]
    page = stopped.open(reference, filter="indexed", start=100, count=2)
    assert [(each["name"], each["value"]) for each in page] == [("[101]", "101"), ("[102]", "102")]
    assert stopped.open(reference, filter="named", start=0, count=9) == []
    assert stopped.open(reference)[-1]["value"] == "300 more"


def test_a_variable_is_set_in_the_script_itself(stopped: Client) -> None:
    locals_, t = stopped.reference("Locals", 2), named(stopped.variables("Locals", 2), "t")
    changed = stopped.ask("setVariable", variablesReference=locals_, name="none", value="{1}")
    assert changed["value"] == "{1}"
    entries = stopped.open(t["variablesReference"])
    inner = named(entries, "a")["variablesReference"]
    stopped.ask("setVariable", variablesReference=inner, name="b", value="'new' .. 1")
    assert named(stopped.open(locals_), "none")["value"] == "{1}"
    upvalues = stopped.reference("Upvalues")
    stopped.ask("setVariable", variablesReference=upvalues, name="outer", value="7")
    assert stopped.evaluate("outer") == "7"
    stopped.ask("setExpression", expression="t.c", value="3", frameId=2)
    assert stopped.evaluate("t.c", frame=2) == "3"
    stopped.ask("continue", threadId=1)
    assert stopped.end.result(SECONDS) == b"new1"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("scope", "name", "value", "reason"),
    [
        ("Locals", "n", "nope()", "nonexistent global variable 'nope'"),
        ("Locals", "missing", "1", "there is no variable missing"),
        ("Keyspace", "k", "1", "k cannot be set here"),
        ("Locals", "n", "1 +", "unexpected symbol"),
    ],
)
def test_what_cannot_be_set_says_why(
    stopped: Client, scope: str, name: str, value: str, reason: str
) -> None:
    reference = stopped.reference(scope)
    told = stopped.refusal("setVariable", variablesReference=reference, name=name, value=value)
    assert reason in told


def test_expressions_are_evaluated_where_the_script_stands(stopped: Client) -> None:
    assert stopped.evaluate("n + inner") == "4.5"
    assert stopped.evaluate("f", frame=2).startswith("function")
    assert stopped.evaluate("f(10)", frame=2) == '"up"'
    assert stopped.evaluate("redis.call('SET', 'k', 'v')") == '{ok="OK"}'
    assert stopped.evaluate("redis.call('GET', 'k')") == '"v"'
    assert stopped.evaluate("n = 8") == "nil"
    assert stopped.evaluate("n") == "8"
    assert stopped.scope("redis.call log") == {}
    shown = stopped.ask("evaluate", expression="t", frameId=2, context="hover")
    assert len(stopped.open(shown["variablesReference"])) == 4


def test_a_failing_expression_shows_its_error(stopped: Client) -> None:
    assert "attempt to perform arithmetic" in stopped.refusal(
        "evaluate", expression="t + 1", frameId=2
    )
    assert "WRONGTYPE" in stopped.refusal(
        "evaluate", expression="redis.call('SET','k',1) and redis.call('LPUSH','k',1)", frameId=1
    )
    assert stopped.evaluate("n") == "3"


def test_a_whole_value_can_be_copied(stopped: Client) -> None:
    shown = stopped.evaluate("big", frame=2)
    assert shown.endswith("…}")
    assert stopped.evaluate("big", frame=2, context="clipboard").endswith("499, 500}")


def test_an_expression_without_end_is_stopped_by_an_interrupt(stopped: Client) -> None:
    message = {"command": "evaluate", "arguments": {"expression": "f() while true do end"}}
    answer = stopped.adapter.answer(message)
    stopped.home.interrupt()
    assert not answer.result(SECONDS)["success"]


def test_the_calls_of_the_script_are_listed_with_their_replies(client: Client) -> None:
    cell = """redis.call('RPUSH', 'l', 'a', 'b c')
redis.pcall('GET', 'l')
local got = redis.call('LRANGE', 'l', 0, -1)
return got"""
    client.break_at(cell, 4)
    client.run(cell)
    client.stopped()
    wrong = "(error) WRONGTYPE Operation against a key holding the wrong kind of value"
    assert client.scope("redis.call log") == {
        "3: LRANGE l 0 -1": '["a", "b c"]',
        "2: GET l": wrong,
        '1: RPUSH l a "b c"': "2",
    }


def test_the_keyspace_opens_key_by_key(client: Client) -> None:
    engine = client.engine
    engine.execute("SET", "s", "text")
    engine.execute("RPUSH", "l", "a", "b")
    engine.execute("HSET", "h", "f", "v")
    engine.execute("SADD", "set", "1", "2")
    engine.execute("ZADD", "z", "1.5", "m")
    engine.execute("XADD", "x", "1-1", "f", "v")
    engine.execute("SET", "soon", "v", "PX", "60000")
    client.break_at("return 1", 1)
    client.run("return 1")
    client.stopped()
    keys = {each["name"]: each for each in client.variables("Keyspace")}
    assert list(keys) == ["h", "l", "s", "set", "soon", "x", "z"]
    assert keys["s"]["value"] == '"text"'
    assert keys["l"]["value"] == "list, 2 elements"

    def inside(key: str) -> list[tuple[str, str]]:
        shown = client.open(keys[key]["variablesReference"])
        return [(each["name"], each["value"]) for each in shown]

    assert inside("l") == [("[0]", '"a"'), ("[1]", '"b"')]
    assert inside("h") == [('"f"', '"v"')]
    assert inside("set") == [("[0]", '"1"'), ("[1]", '"2"')]
    assert inside("z") == [('"m"', '"1.5"')]
    assert inside("x") == [("1-1", '["f", "v"]')]


def test_a_large_keyspace_is_shown_in_part(client: Client) -> None:
    client.engine.execute("MSET", *(word for n in range(1000) for word in (f"k{n:04}", "v")))
    client.break_at("return 1", 1)
    client.run("return 1")
    client.stopped()
    shown = client.variables("Keyspace")
    assert (len(shown), shown[-1]["value"]) == (201, "800 more")


def test_the_idle_view_shows_what_the_next_script_meets(client: Client) -> None:
    client.home.session.keys = [b"a"]
    client.run("redis.call('HSET', 'h', 'f', 'v')").result(SECONDS)
    shown = client.ask("inspectVariables")["variables"]
    assert {each["name"]: each["value"] for each in shown} == {
        "KEYS": '["a"]',
        "ARGV": "[]",
        "Keyspace (db 0)": "1 key",
        "Last effects": "1 command",
        "redis.call log": "1 call",
        "Libraries": "none",
    }
    (key,) = client.open(named(shown, "Keyspace (db 0)")["variablesReference"])
    assert client.open(key["variablesReference"])[0]["value"] == '"v"'


def test_the_idle_view_waits_for_no_script(client: Client) -> None:
    end = client.run("while true do end")
    while client.panel.running is None:
        pass
    (shown,) = client.ask("inspectVariables")["variables"]
    assert shown["value"] == "a script is running"
    client.ask("terminate")
    end.exception(SECONDS)


def test_expressions_are_evaluated_while_nothing_runs_too(client: Client) -> None:
    client.engine.execute("SET", "k", "v")
    assert client.evaluate("redis.call('GET', 'k')", frame=None) == '"v"'
    assert client.evaluate("1 + 1", frame=None) == "2"
    assert "nope" in client.refusal("evaluate", expression="nope")


def test_the_idle_view_is_there_while_stopped_too(stopped: Client) -> None:
    shown = stopped.ask("inspectVariables")["variables"]
    assert named(shown, "KEYS")["value"] == "[]"


def test_the_code_of_loadstring_is_a_frame_without_a_cell(client: Client) -> None:
    client.ask("setExceptionBreakpoints", filters=["uncaught"])
    client.run("local f = loadstring('local a = 1; error(a)')\nf()")
    client.event("stopped")
    inner, outer = client.frames()
    assert inner["presentationHint"] == "subtle"
    assert "source" not in inner
    assert outer["line"] == 2
