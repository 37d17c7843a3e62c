"""What somebody is told of values that do not reach a script's caller."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.debugging.losses import Loss

ENGINE = Engine()


def losses_of(script: str, *words: str) -> list[Loss]:
    found: list[Loss] = []
    ENGINE.scripting.watchers.watch_losses(found.extend)
    try:
        ENGINE.execute("EVAL", script, 0, *words)
    finally:
        ENGINE.scripting.watchers.watch_losses(None)
    return found


@pytest.mark.parametrize(
    ("script", "loss"),
    [
        ("return {1, ARGV[1], 3, 4}", Loss("[2]", "nil", count=2, kept=1)),
        ("return {'a', {ARGV[1], 2}}", Loss("[2][1]", "nil", count=1)),
        ("return {name = 'Ann', age = 3}", Loss("", "names", count=2, what="age")),
        ("return {1, [0] = 0}", Loss("", "names", what="0")),
        ("return 3.25", Loss("", "fraction", what="3.25")),
        ("return {{0.5}}", Loss("[1][1]", "fraction", what="0.5")),
        ("return {map = {a = 1.5}}", Loss("[a]", "fraction", what="1.5")),
        ("return 1/0", Loss("", "range", what="inf")),
        ("return 2^63", Loss("", "range", what="9.2233720368548e+18")),
        ("return {tonumber}", Loss("[1]", "type", what="function")),
        ("return 1, 2, 3", Loss("", "results", count=2)),
    ],
)
def test_it_tells_what_was_lost(script: str, loss: Loss) -> None:
    assert losses_of(script) == [loss]


@pytest.mark.parametrize("says", ["nil", "{}", "redis.call('SET', 'said', 1) and 'name'"])
@pytest.mark.parametrize(
    ("result", "loss"),
    [
        ("{[key] = 1}", Loss("", "names", what="table")),
        ("{map = {[key] = 1.5}}", Loss("[table]", "fraction", what="1.5")),
    ],
)
def test_what_is_looked_through_calls_nothing_of_the_script(
    result: str, loss: Loss, says: str
) -> None:
    key = f"setmetatable({{}}, {{__tostring = function() return {says} end}})"
    assert losses_of(f"local key = {key} return {result}") == [loss]
    assert ENGINE.execute("EXISTS", "said") == 0


def test_of_the_globals_only_those_are_told_that_scripts_see() -> None:
    seen = ENGINE.execute("EVAL", "local n = 0 for _ in pairs(_G) do n = n + 1 end return n", 0)
    assert losses_of("return _G") == [Loss("", "names", count=seen, what="ARGV")]
    paths = {loss.path for loss in losses_of("return {map = _G}")}
    assert paths
    assert all(path.strip("[]").replace("_", "").isalpha() for path in paths)


@pytest.mark.parametrize(
    "script",
    [
        "return 1",
        "return nil",
        "",
        "return 'text'",
        "return {1, false, {}}",
        "return {1, nil}",
        "return {double = 3.5}",
        "return {ok = 'fine', more = 1}",
        "return redis.error_reply('ERR no') and 1",
        "return -2^63",
        "return redis.call('TIME')",
    ],
)
def test_it_tells_nothing_where_nothing_was_lost(script: str) -> None:
    assert losses_of(script) == []


def test_it_looks_at_no_more_than_some_thousand_elements() -> None:
    wide = "local t = {} for i = 1, 20000 do t[i] = i end t[20000] = 0.5 return t"
    deep = "local t = {} t[1] = t return 1, t"
    assert losses_of(wide) == []
    assert len(losses_of("local t = {} for i = 1, 100 do t[i] = 0.5 end return t")) == 8
    assert losses_of(deep) == [Loss("", "results", count=1)]


def test_a_fresh_lua_state_is_watched_too() -> None:
    found: list[Loss] = []
    ENGINE.scripting.watchers.watch_losses(found.extend)
    ENGINE.scripting.renew()
    ENGINE.execute("EVAL", "return 0.5", 0)
    ENGINE.scripting.watchers.watch_losses(None)
    assert found
