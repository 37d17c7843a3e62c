"""Functions that take patterns: what is well-known to them fails as the reference's does."""

from __future__ import annotations

import threading

import pytest

from redislua_kernel import Engine, ResponseError

FAILING = {
    "return s:find(i == 4 and {} or 'b')": "bad argument #1 to 'find' (string expected, got table)",
    "return string.find(i == 4 and {} or s, 'b')": (
        "bad argument #1 to 'find' (string expected, got table)"
    ),
    "return s.match(i == 4 and {} or s, 'b')": (
        "bad argument #1 to 'match' (string expected, got table)"
    ),
    "return s:match(i == 4 and '(' or 'b')": "unfinished capture",
    "return s:match('b', i == 4 and {} or 1)": (
        "bad argument #2 to 'match' (number expected, got table)"
    ),
    "return s:gsub('b', i == 4 and true or 'c')": (
        "bad argument #2 to 'gsub' (string/function/table expected)"
    ),
    "return s:gsub('b', i == 4 and '%2' or 'c')": "invalid capture index",
    "return s:gsub('b', function() return i == 4 and {} or 'c' end)": (
        "invalid replacement value (a table)"
    ),
    "return s:gsub(i == 4 and '[' or 'b', function() end)": "malformed pattern (missing ']')",
    "return s:gmatch(i == 4 and {} or 'b')": (
        "bad argument #1 to 'gmatch' (string expected, got table)"
    ),
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(("call", "text"), FAILING.items(), ids=FAILING)
def test_errors_have_name_and_position_also_where_the_pattern_is_known(
    engine: Engine, call: str, text: str
) -> None:
    body = f"for i = 1, 4 do local s = 'abc' (function()\n{call} end)() end"
    with pytest.raises(ResponseError) as caught:
        engine.execute("EVAL", body, 0)
    assert caught.value.message.startswith(f"ERR user_script:2: {text} script: ")


@pytest.mark.parametrize("call", ["find(s, p)", "match(s, p)", "gsub(s, p, '')", "gmatch(s, p)()"])
def test_a_pattern_of_too_many_parts_is_refused_on_any_thread(engine: Engine, call: str) -> None:
    script = "local s, p = ('a'):rep(1e6), ('a*'):rep({}) return string.{}"
    texts = []

    def run() -> None:
        engine.execute("EVAL", script.format(16000, call), 0)
        try:
            engine.execute("EVAL", script.format(1e6, call), 0)
        except ResponseError as error:
            texts.append(error.message.partition(" script:")[0])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert texts == ["ERR user_script:1: pattern too complex"]


def test_a_long_text_is_found_whatever_is_in_it(engine: Engine) -> None:
    script = "local p = ('a*'):rep(1e5) return {p:find(p, 1, true)}"
    assert engine.execute("EVAL", script, 0) == [1, 200000]
