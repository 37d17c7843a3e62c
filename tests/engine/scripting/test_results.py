"""Lua's results into replies, in RESP2 and RESP3."""

from __future__ import annotations

from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.reply import BigNumber, ResponseError, SetReply, Status, Verbatim
from tests.engine.scripting.conftest import Evaluate

INT64_MIN = -(1 << 63)


@pytest.mark.parametrize(
    ("value", "resp2", "resp3"),
    [
        ("nil", None, None),
        ("false", None, False),
        ("true", 1, True),
        ("3.99", 3, 3),
        ("-3.99", -3, -3),
        ("2^53", 1 << 53, 1 << 53),
        ("2^63", INT64_MIN, INT64_MIN),
        ("0/0", INT64_MIN, INT64_MIN),
        ("'a\\0b'", b"a\0b", b"a\0b"),
        ("type", None, None),
        ("{}", [], []),
        ("{1, 'two', {3}}", [1, b"two", [3]], [1, b"two", [3]]),
        ("{1, nil, 3}", [1], [1]),
        ("{1, nil, {3}}", [1], [1]),
        ("{nil, 2}", [], []),
        ("{{1}, 2}", [[1], 2], [[1], 2]),
        ("{type, 2, type}", [None, 2, None], [None, 2, None]),
        ("{{{true}, 2.5}, false}", [[[1], 2], None], [[[True], 2], False]),
        ("{x = 1}", [], []),
        ("{false, true}", [None, 1], [False, True]),
        ("{1, 2.7, -3.9, 'x'}", [1, 2, -3, b"x"], [1, 2, -3, b"x"]),
        ("{1, x = 2}", [1], [1]),
        ("{[2] = 'two', [1] = 'one'}", [b"one", b"two"], [b"one", b"two"]),
        ("{string.rep('x', 100), 1}", [b"x" * 100, 1], [b"x" * 100, 1]),
        ("{ok = 'a\\r\\n\\0b'}", Status(b"a  "), Status(b"a  ")),
        ("{ok = 1}", [], []),
        ("{ok = 'fine'}", Status(b"fine"), Status(b"fine")),
        ("{double = 1.5}", 1.5, 1.5),
        ("{big_number = '12'}", BigNumber(b"12"), BigNumber(b"12")),
        ("{map = {k = 'v'}}", {b"k": b"v"}, {b"k": b"v"}),
        ("{set = {m = true}}", SetReply([b"m"]), SetReply([b"m"])),
        ("{{err = 'E x'}}", [ResponseError("E x")], [ResponseError("E x")]),
        ("setmetatable({}, {__index = function() return 1 end})", [], []),
        ("{[0] = setmetatable({}, {__index = error})}", [], []),
        ("{1, setmetatable({}, {__index = error})}", [1, []], [1, []]),
        ("{1, 2, 3, setmetatable({'x'}, {__index = error})}", [1, 2, 3, [b"x"]], [1, 2, 3, [b"x"]]),
        ("{1, {[0] = {}}}", [1, []], [1, []]),
    ],
)
def test_a_value_becomes_a_reply(evaluate: Evaluate, value: str, resp2: Any, resp3: Any) -> None:
    for prefix, expected in (("", resp2), ("redis.setresp(3) ", resp3)):
        reply = evaluate(f"{prefix}return {value}")
        assert (type(reply), reply) == (type(expected), expected)


def test_a_verbatim_string_keeps_its_format(evaluate: Evaluate) -> None:
    reply = evaluate("return {verbatim_string = {format = 'mkd', string = '# x'}}")
    assert isinstance(reply, Verbatim)
    assert (reply, reply.format) == (b"# x", b"mkd")


@pytest.mark.parametrize("library", ["_G", "redis", "string", "cjson", "getmetatable('')"])
def test_a_protected_table_shows_as_a_map_or_a_set_what_a_script_finds_in_it(
    evaluate: Evaluate, library: str
) -> None:
    names = evaluate(f"local n = {{}} for k in pairs({library}) do n[#n + 1] = k end return n")
    assert names
    assert sorted(evaluate(f"return {{map = {library}}}")) == sorted(names)
    assert sorted(evaluate(f"return {{set = {library}}}")) == sorted(names)


def test_an_error_table_is_raised(evaluate: Evaluate) -> None:
    with pytest.raises(ResponseError) as caught:
        evaluate("return {err = 'CODE text\\nmore'}")
    assert caught.value == ResponseError("CODE text more")
    assert caught.value.code == "CODE"


def test_a_table_that_is_too_deep_is_an_error_inside_the_reply(evaluate: Evaluate) -> None:
    script = "local t = {} for i = 1, %d do t = {t} end return t"
    reply = evaluate(script % 7994)
    for _ in range(7994):
        (reply,) = reply
    assert reply == []
    reply = evaluate(script % 10000)
    while isinstance(reply, list):
        (reply,) = reply
    assert reply == ResponseError("ERR reached lua stack limit")


@pytest.mark.parametrize(
    ("depth", "innermost"), [(7992, []), (7993, "ERR reached lua stack limit")]
)
def test_tables_around_count_for_the_depth(evaluate: Evaluate, depth: int, innermost: Any) -> None:
    script = "local t = {} for i = 1, %d do t = {t} end return {1, {t, 2}}"
    _, (reply, _) = evaluate(script % depth)
    while isinstance(reply, list) and reply:
        (reply,) = reply
    assert reply == (innermost and ResponseError(innermost))


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        ("{1, 'a', 2.5, false, true}", [1, b"a", 2, None, 1]),
        ("{{}, 1, {}}", [[], 1, []]),
        ("{1, {'a', {2, false}, 3.5}, 'b'}", [1, [b"a", [2, None], 3], b"b"]),
        ("{1, {true, 2}}", [1, [1, 2]]),
        ("{1, {2, nil, 3}, nil, 4}", [1, [2]]),
        ("{1, {2, name = 3}}", [1, [2]]),
        ("{{{{{{{{{{1}}}}}}}}}}", [[[[[[[[[[1]]]]]]]]]]),
        ("{1, {ok = 'FINE'}, {2}}", [1, b"FINE", [2]]),
        ("{1}, {2}", [1]),
        ("{1, 'a', {'b', 'c'}}", [1, b"a", [b"b", b"c"]]),
        ("{1, 2, 3, {}}", [1, 2, 3, []]),
        ("{1, 2, 3, 4, {5}}", [1, 2, 3, 4, [5]]),
        ("{1.5, {2.5, false, 'b'}}", [1, [2, None, b"b"]]),
        ("{1, nil, {2}}", [1]),
        ("{true, {1, nil, 2}}", [1, [1]]),
        ("{1, {{2}, 3}}", [1, [[2], 3]]),
        ("{1, {{ok = 'FINE'}, 2}}", [1, [b"FINE", 2]]),
        ("{type, {type, 2}}", [None, [None, 2]]),
    ],
)
def test_tables_within_tables_are_whole(evaluate: Evaluate, value: str, reply: Any) -> None:
    assert evaluate(f"return {value}") == reply


@pytest.mark.parametrize("count", [99, 199, 200, 201, 9000])
def test_a_table_of_any_length_may_hold_tables(evaluate: Evaluate, count: int) -> None:
    script = f"local t = {{}} for i = 1, {count} do t[i] = {{i, 'x'}} end return t"
    assert evaluate(script) == [[place, b"x"] for place in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 500, 9000])
def test_the_last_element_of_a_table_may_be_one_of_any_length(
    evaluate: Evaluate, count: int
) -> None:
    script = f"local t = {{}} for i = 1, {count} do t[i] = i end return {{'all', t}}"
    assert evaluate(script) == [b"all", [*range(1, count + 1)]]


def test_errors_around_and_within_the_last_element_make_one_failed_call(engine: Engine) -> None:
    script = "local e = redis.error_reply return {e('ONE x'), {e('TWO x'), 1}}"
    (one, (two, _)) = engine.execute("EVAL", script, 0)
    assert (one, two) == (ResponseError("ONE x"), ResponseError("TWO x"))
    assert b"failed_calls=1" in engine.execute("INFO", "commandstats")
    assert engine.execute("INFO", "errorstats").count(b"count=1") == 2


def test_the_protocol_of_a_script_is_2_again_in_the_next(evaluate: Evaluate) -> None:
    assert evaluate("redis.setresp(3) return true") is True
    assert evaluate("return true") == 1
