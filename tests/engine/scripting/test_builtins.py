"""Lua's own functions, though wrapped, fail and answer as the C functions of the reference do."""

from __future__ import annotations

import pytest

from redislua_kernel.errors import ResponseError
from tests.engine.scripting.conftest import Evaluate


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("pairs()", "bad argument #1 to 'pairs' (table expected, got no value)"),
        ("next(nil)", "bad argument #1 to 'next' (table expected, got nil)"),
        ("rawget({})", "bad argument #2 to 'rawget' (value expected)"),
        ("rawget(1, 2)", "bad argument #1 to 'rawget' (table expected, got number)"),
        ("rawset({}, 2)", "bad argument #3 to 'rawset' (value expected)"),
        ("rawset(redis)", "bad argument #2 to 'rawset' (value expected)"),
        ("setmetatable({})", "bad argument #2 to 'setmetatable' (nil or table expected)"),
        ("getmetatable()", "bad argument #1 to 'getmetatable' (value expected)"),
        ("unpack()", "bad argument #1 to 'unpack' (table expected, got no value)"),
        ("load()", "bad argument #1 to 'load' (function expected, got no value)"),
        ("collectgarbage(nil, true)",
         "bad argument #2 to 'collectgarbage' (number expected, got boolean)"),
        ("coroutine.create(pairs)", "bad argument #1 to 'create' (Lua function expected)"),
        ("coroutine.wrap(redis.call)", "bad argument #1 to 'wrap' (Lua function expected)"),
        ("string.dump()", "bad argument #1 to 'dump' (function expected, got no value)"),
        ("table.foreach({})", "bad argument #2 to 'foreach' (function expected, got no value)"),
        ("table.getn()", "bad argument #1 to 'getn' (table expected, got no value)"),
        ("table.setn({}, 1)", "'setn' is obsolete"),
        ("table.insert(redis)", "wrong number of arguments to 'insert'"),
        ("table.sort(redis, true)",
         "bad argument #2 to 'sort' (function expected, got boolean)"),
        ("math.random(0/0)", "bad argument #1 to 'random' (interval is empty)"),
        ("math.random('12', nil)", "bad argument #2 to 'random' (number expected, got nil)"),
        ("math.randomseed(nil)", "bad argument #1 to 'randomseed' (number expected, got nil)"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_told_as_by_the_c_function(
    evaluate: Evaluate, call: str, text: str
) -> None:
    for script in (f"local x = {call}", f"return {call}"):
        with pytest.raises(ResponseError) as caught:
            evaluate(script)
        assert str(caught.value).startswith(f"ERR user_script:1: {text} script: ")
        assert str(caught.value).endswith(", on @user_script:1.")


@pytest.mark.parametrize(
    ("script", "reply"),
    [
        ("return select('#', pcall(function() end))", 1),
        ("return {pcall()}", [None, b"attempt to call a boolean value"]),
        ("return select('#', coroutine.resume(coroutine.create(function() end)))", 1),
        ("return {select(2, loadstring(1))}", [b"[string \"1\"]:1: unexpected symbol near '1'"]),
        (
            "return {select(2, loadstring('x', 2))}",
            [b"[string \"2\"]:1: '=' expected near '<eof>'"],
        ),
        ("return table.remove(redis)", None),
        ("return table.sort(_G)", None),
        ("return math.random(-5, -5)", -5),
        ("return type(__redis__err__handler)", b"function"),
    ],
)
def test_a_builtin_answers_as_the_c_function(
    evaluate: Evaluate, script: str, reply: object
) -> None:
    assert evaluate(script) == reply


def test_a_locked_metatable_stays(evaluate: Evaluate) -> None:
    with pytest.raises(ResponseError, match="user_script:1: cannot change a protected metatable"):
        evaluate("setmetatable(setmetatable({}, {__metatable = false}), {})")


def test_an_error_that_is_a_protected_table_fails_in_the_handler(evaluate: Evaluate) -> None:
    text = "^ERR err_handler_def:10: Attempt to modify a readonly table .*on @err_handler_def:10.$"
    with pytest.raises(ResponseError, match=text):
        evaluate("error(redis)")
