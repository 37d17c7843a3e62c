"""Calls of `redis.call` reach the function for as many words as they have, where that is sure."""

from __future__ import annotations

import re

import pytest

from redislua_kernel import Engine, RedisError
from redislua_kernel.engine.scripting import compiler
from redislua_kernel.engine.scripting.bytecode.call_sites import bind_calls, hidden_name
from redislua_kernel.engine.scripting.bytecode.rewriting import rewrite
from redislua_kernel.reply import Reply
from tests.engine.scripting.bytecode.compiling import compiled
from tests.engine.scripting.conftest import Evaluate


def bound(script: str) -> list[str]:
    """Give what the calls of a script are bound to, in the order of its functions.

    That is `call 2`, or `call 2 dropped` where nobody takes the reply.
    """
    function = compiled(script.encode())
    bind_calls(function)
    names = {
        hidden_name(field, words, drops): f"{field.decode()} {words}{' dropped' * drops}"
        for field in (b"call", b"pcall")
        for words in range(10)
        for drops in (False, True)
    }
    return [
        names[each.constants[word >> 14][9:-1]]
        for each in function.tree()
        for word in each.code
        if word & 0x3F == 5 and each.constants[word >> 14][9:-1] in names
    ]


def outcome(engine: Engine, script: str) -> Reply:
    try:
        return engine.execute("EVAL", script, 1, "key", "x")
    except RedisError as error:
        return str(error)


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ("redis.call('PING')", ["call 1 dropped"]),
        ("return redis.call('GET', KEYS[1])", ["call 2"]),
        ("local v = redis.pcall('SET', KEYS[1], 'v') return v", ["pcall 3"]),
        ("redis.call(ARGV[1], 'a' .. 1, 2, {}, nil, true)", ["call 6 dropped"]),
        (
            "return redis.call('SET', 'k', redis.call('GET', 'k') or redis.pcall('ECHO', 1))",
            ["call 3", "call 2", "pcall 2"],
        ),
        (
            "if redis.call('GET', 'k') == 'v' then redis.call('DEL', 'k') end",
            ["call 2", "call 2 dropped"],
        ),
        ("return function() return redis.call('GET', 'k') end", ["call 2"]),
        ("redis.call('SET', 'k', 1 < 2 and 'a' or 'b')", ["call 3 dropped"]),
        ("redis.call('SET', 'k', ((function() return 1 end)()))", ["call 3 dropped"]),
    ],
)
def test_a_call_is_bound_by_its_number_of_words(script: str, calls: list[str]) -> None:
    assert bound(script) == calls


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        (
            "local call = redis.call call('GET', 'k') return call('PING')",
            ["call 2 dropped", "call 1"],
        ),
        ("local x, call, y = 1, redis.call, KEYS return call('GET', y)", ["call 2"]),
        ("local try = redis.pcall for i = 1, 2 do try('GET', i) end", ["pcall 2 dropped"]),
        ("local call = redis.call while true do call('GET', 'k') break end", ["call 2 dropped"]),
        (
            "local call = redis.call "
            "local function f(k) return call('GET', k), function() call('DEL', k) end end",
            ["call 2", "call 2 dropped"],
        ),
        ("local a = 1 local call = redis.call a = call('GET', 'k') return a", ["call 2"]),
        (
            "do local call = redis.call call('PING') end local call = f call('PING')",
            ["call 1 dropped"],
        ),
    ],
)
def test_so_are_the_calls_of_a_local_that_is_nothing_else(script: str, calls: list[str]) -> None:
    assert bound(script) == calls


@pytest.mark.parametrize(
    "script",
    [
        "redis.call()",
        "redis.call(unpack(ARGV))",
        "redis.call('SET', 'k', redis.sha1hex('x'), ...)",
        "redis.call('RPUSH', 'k', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)",
        "return (x or redis.call)('GET', 'k')",
        "return (x or redis).call('GET', 'k')",
        "return (x and redis.call or y)('GET', 'k')",
        "local redis = ... return redis.call('GET', 'k')",
        "local field = 'call' return redis[field]('GET', 'k')",
        "return redis:call('GET', 'k')",
        "return redis.log(redis.LOG_NOTICE, 'k')",
        "return f(redis.call, 'GET', 'k')",
        "local t = {redis.call, redis.pcall} return t[1]('GET', 'k')",
        "local call = redis.call call = f call('GET', 'k')",
        "local call = redis.call local a, b a, call = 1, 2 call('GET', 'k')",
        "local a local call = redis.call a = nil call = nil call('GET', 'k')",
        "local call = redis.call local function f() call = g end call('GET', 'k')",
        "local call = redis.call local function f() return function() call = g end end "
        "call('PING')",
        "local call = x and redis.call call('GET', 'k')",
        "local call = x or redis.call call('GET', 'k')",
        "local call = redis.call or x call('GET', 'k')",
        "local call if x then call = redis.call end call('GET', 'k')",
    ],
)
def test_what_may_be_another_call_is_left_as_it_is(script: str) -> None:
    assert bound(script) == []


def test_a_long_list_is_not_taken_for_calls() -> None:
    items = "1," * 30_000
    assert bound(f"redis.call('SET', 'k', #{{{items}}}) return {{{items}}}") == []


SCRIPTS = [
    "return redis.call('INCR', KEYS[1])",
    "return {redis.call('SET', KEYS[1], 'v'), redis.call('GET', KEYS[1])}",
    "return redis.call('SET', KEYS[1], 'v', 'EX', 10)",
    "return {redis.call('HSET', KEYS[1], 'f', 1), redis.call('HGET', KEYS[1], 'f')}",
    "return {redis.call('ZADD', KEYS[1], 'NX', 1, 'm'), redis.call('ZSCORE', KEYS[1], 'm')}",
    "\nredis.call('GET', nil)",
    "\nredis.call('GET', {})",
    "\nredis.call('SET', KEYS[1], true)",
    "\nredis.call(nil, KEYS[1])",
    "\nreturn redis.call('GET')",
    "\n\nreturn redis.call('NOSUCH', 1, 2)",
    "local call = redis.call\nlocal function f()\nreturn call('HGET', KEYS[1])\nend\nreturn f()",
    "redis.call('SET', KEYS[1], 'v')\nreturn redis.call(\n'LPUSH',\nKEYS[1],\n1)",
    "redis.call('SET', KEYS[1], 'v') return redis.pcall('LPUSH', KEYS[1], 1)",
    "local ok, problem = pcall(redis.call, 'GET') return problem",
    "local ok, problem = pcall(function() return redis.call('GET') end) return problem",
    "\nredis.call('GET', KEYS[1].x.y)",
    "\nredis.call('GET', 'a' .. {})",
    "\nredis.cal('GET', KEYS[1])",
    "\nlocal call = redis.cal\nreturn call('GET', KEYS[1])",
    "\nreturn redis.call('GET', nosuch)",
    "return loadstring(\"return redis.call('ECHO', 'x')\")()",
    "return redis.call('ECHO', 1, 2, 3, 4, 5, 6)",
    "local words = {'ECHO', 'x'} "
    "return {redis.call(unpack(words)), redis.call(unpack(words, 1, 2))}",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_bound_call_does_what_the_same_call_does_unbound(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outcome(Engine(), script)
    monkeypatch.setattr(compiler, "rewrite", lambda dump, **_: rewrite(dump, binds_calls=False))
    assert found == outcome(Engine(), script)


def test_a_local_that_is_set_by_an_inner_function_is_called_as_it_is_then(
    evaluate: Evaluate,
) -> None:
    assert evaluate(
        "local call = redis.call local function change() call = function() return 5 end end "
        "local before = call('ECHO', 'x') change() return {before, call('ECHO', 'x')}"
    ) == [b"x", 5]


def test_while_a_library_loads_its_calls_fail_as_ever(engine: Engine) -> None:
    library = "#!lua name=lib\nlocal function f() return redis.call('GET', 'k') end\n{}\n"
    library += "redis.register_function('f', f)"
    problem = re.escape("attempted to access nonexistent global variable 'call'")
    with pytest.raises(RedisError, match=problem):
        engine.execute("FUNCTION", "LOAD", library.format("f()"))
    with pytest.raises(RedisError, match=f"user_function:4: .*{problem}"):
        engine.execute("FUNCTION", "LOAD", library.format("redis\n.call(\n'GET', 'k')"))
    engine.execute("FUNCTION", "LOAD", library.format(""))
    engine.execute("SET", "k", "v")
    assert engine.execute("FCALL", "f", 0) == b"v"


def test_another_name_of_the_api_does_the_same() -> None:
    engine = Engine(dialect="valkey")
    assert engine.execute("EVAL", "return server.call('ECHO', redis.call('ECHO', 'x'))", 0) == b"x"


def test_no_script_sees_what_calls_are_bound_to(evaluate: Evaluate) -> None:
    assert (
        evaluate("for name in pairs(_G) do if name:find('%z') then return name end end return 0")
        == 0
    )
