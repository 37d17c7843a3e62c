"""Calls that can do no harm reach Lua's own functions; the others do not."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine, ResponseError

#: Bodies that are to fail in a second line, and how, whether it is caught or not.
FAILING = {
    "s:find('[')": "malformed pattern (missing ']')",
    "s:find('(' .. s)": "unfinished capture",
    "string.find({}, 'x')": "bad argument #1 to 'find' (string expected, got table)",
    "string.find(s, nil)": "bad argument #2 to 'find' (string expected, got nil)",
    "s:match('x', {})": "bad argument #2 to 'match' (number expected, got table)",
    "s:gsub('x', '%2')": "invalid capture index",
    "s:gsub('x', function() return {} end)": "invalid replacement value (a table)",
    "string.gsub(s, 'x', function() return s == 'x' and {} end)": (
        "invalid replacement value (a table)"
    ),
    "for w in s:gmatch('[') do end": "malformed pattern (missing ']')",
    "unpack(nil)": "bad argument #1 to 'unpack' (table expected, got nil)",
    "return unpack(s)": "bad argument #1 to 'unpack' (table expected, got string)",
    "return s:find(unpack({'['}))": "malformed pattern (missing ']')",
    "error(s)": "x",
    "for k in pairs(nil) do end": "bad argument #1 to 'pairs' (table expected, got nil)",
    "for k in pairs() do end": "bad argument #1 to 'pairs' (table expected, got no value)",
    "table.insert({}, 1, 2, 3)": "wrong number of arguments to 'insert'",
    "table.insert(nil, tostring(1))": "bad argument #1 to 'insert' (table expected, got nil)",
    "rawget({})": "bad argument #2 to 'rawget' (value expected)",
    "s:gsub('x', tostring('%2'))": "invalid capture index",
    "s:find(tostring('['))": "malformed pattern (missing ']')",
    "local find = string.find find(s, '[')": "malformed pattern (missing ']')",
    "local match = string.match return (function() match(s, {}) end)()": (
        "bad argument #2 to 'match' (string expected, got table)"
    ),
    "local f = string.match f(s, {})": "bad argument #2 to 'f' (string expected, got table)",
    "local t = {string.gsub} t[1](s, '[', '')": "malformed pattern (missing ']')",
}

#: Calls of find whose pattern may be another than the text that stands there.
NOT_CONSTANT = [
    "s:find(p or 'x')",
    "s:find(p and p or 'x')",
    "s:find(not p and 'x' or p)",
    "s:find(p or 'x', s == 'x' and 1 or 2)",
    "s:find((function() return p end)() or 'x')",
    "string.find(s, p or 'x', 1)",
    "s:find(p)",
    "s.find(s, p)",
    "find(s, p)",
    "(function() return find(s, p) end)()",
    "find(s, tostring(p))",
    "s:gsub(p, tostring(s))",
    "string.find(unpack({s, p}))",
    "select(2, pcall(s.find, s, p))",
]


def error_of(engine: Engine, script: str) -> str:
    with pytest.raises(ResponseError) as caught:
        engine.execute("EVAL", script, 0)
    return caught.value.message.partition(" script: ")[0]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(("call", "text"), FAILING.items(), ids=FAILING)
def test_errors_are_as_if_nothing_stood_between_script_and_function(
    engine: Engine, call: str, text: str
) -> None:
    body = f"local s = 'x'\n{call}"
    caught = f"return {{select(2, pcall(function() {body} end))}}"
    assert engine.execute("EVAL", caught, 0) == [f"user_script:2: {text}".encode()]
    assert error_of(engine, body) == f"ERR user_script:2: {text}"


@pytest.mark.parametrize("call", NOT_CONSTANT)
def test_a_pattern_of_too_many_parts_is_refused_however_it_comes(engine: Engine, call: str) -> None:
    script = (
        f"local s, find, p = ('a'):rep(1e6), string.find, ('a*'):rep(1e6) local x, y = {call} "
        "return x"
    )
    if "pcall" in call:
        assert engine.execute("EVAL", script, 0) == b"pattern too complex"
    else:
        assert error_of(engine, script) == "ERR user_script:1: pattern too complex"


def test_what_has_the_name_of_a_function_is_called_as_it_is(engine: Engine) -> None:
    script = """
    local object = {found = 0}
    function object:find(pattern, ...) self.found = self.found + select('#', ...) return pattern end
    local error = function(text) return text end
    local matches = {match = function(a, b) return a .. b end}
    local found = {object:find('[', 1, 2), object:find(object.found)}
    return {found[1], found[2], error('fine'), matches.match('a', 'b')}
    """
    assert engine.execute("EVAL", script, 0) == [b"[", 2, b"fine", b"ab"]


@pytest.mark.parametrize(
    "write", ["table.insert(redis, 1)", "rawset(_G, 'x', 1)", "rawset(s, 1, 2)"]
)
def test_protected_tables_cannot_be_written(engine: Engine, write: str) -> None:
    text = error_of(engine, f"local s = string {write}")
    assert text == "ERR Attempt to modify a readonly table"


def test_protected_tables_can_be_read(engine: Engine) -> None:
    script = """
    local count = 0
    for name in pairs(string) do count = count + 1 end
    return {count > 10, next(redis) ~= nil, rawget(_G, 'redis') == redis}
    """
    assert engine.execute("EVAL", script, 0) == [1, 1, 1]


def test_a_pattern_may_be_a_number(engine: Engine) -> None:
    assert engine.execute("EVAL", "local n = 7 return {('x7'):find(n), ('x7'):find(7)}", 0) == [
        2,
        2,
        2,
    ]


def test_many_different_patterns_are_found(engine: Engine) -> None:
    script = """
    local found = 0
    for i = 1, 3000 do found = found + (('<' .. i .. '>'):find('<' .. i .. '>') or 0) end
    return found
    """
    assert engine.execute("EVAL", script, 0) == 3000


def test_functions_of_libraries_find_stock_functions_too(engine: Engine) -> None:
    code = """#!lua name=finder
    local at = ('loaded'):find('a', 1, true)
    redis.register_function('find', function(keys, args) return {at, (args[1]:find(args[2]))} end)
    """
    engine.execute("FUNCTION", "LOAD", code)
    assert engine.execute("FCALL", "find", 0, "text", "t$") == [3, 4]


def test_code_that_is_loaded_finds_them_too(engine: Engine) -> None:
    script = "return loadstring([[local s = 'text' return s:find('x')]], 'named')()"
    assert engine.execute("EVAL", script, 0) == 3
