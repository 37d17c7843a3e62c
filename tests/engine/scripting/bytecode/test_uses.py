"""Which scripts and functions only read their keys and arguments, and what they find in them."""

from __future__ import annotations

from itertools import product

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.scripting.bytecode.uses import Use, use_of_globals, use_of_parameters
from tests.engine.scripting.bytecode.compiling import compiled


@pytest.mark.parametrize("script", [b"", b"return 1", b"local KEYS = {} return KEYS"])
def test_a_script_that_names_neither_keys_nor_arguments_does_nothing_with_them(
    script: bytes,
) -> None:
    assert use_of_globals(compiled(script)) is Use.NOTHING


@pytest.mark.parametrize(
    "script",
    [
        b"return KEYS[1]",
        b"return #ARGV",
        b"local key, n = KEYS[1], #KEYS return key .. ARGV[n]",
        b"for i = 1, #ARGV do x(ARGV[i], KEYS.y) end",
        b"return redis.call('SET', KEYS[1], ARGV[1])",
        b"local function f(i) return function() return KEYS[1] .. i end end return f(1)()",
        b"if KEYS[2] then return ARGV[1](KEYS.x) end",
        b"KEYS = KEYS[1]",
    ],
)
def test_a_script_that_takes_items_and_counts_them_only_reads(script: bytes) -> None:
    assert use_of_globals(compiled(script)) is Use.READING


@pytest.mark.parametrize(
    "script",
    [
        b"return KEYS",
        b"return {KEYS}",
        b"KEYS[1] = 'x'",
        b"local k = KEYS k[1] = 'x'",
        b"return unpack(ARGV)",
        b"for i, key in ipairs(KEYS) do end",
        b"return (x and KEYS or ARGV)[1]",
        b"local function f() x(KEYS) end",
        b"t = ARGV",
        b"return #KEYS + KEYS",
        b"return ARGV[KEYS[1]]",  # it may, but does not: that shows in adjacent instructions alone
        b"return KEYS == ARGV",
        b"return KEYS:x()",
        b"return _G.KEYS",
        b"return _G['KE' .. 'YS']",
        b"return loadstring('return KEYS')()",
        b"local function f() return load(x) end return KEYS[1]",
    ],
)
def test_a_script_that_could_give_a_table_away_may_do_anything(script: bytes) -> None:
    assert use_of_globals(compiled(script)) is Use.ANYTHING


@pytest.mark.parametrize(
    ("function", "use"),
    [
        (b"() return 1", Use.NOTHING),
        (b"(keys) return keys[1]", Use.READING),
        (b"(keys, args) return redis.call('SET', keys[1], args[1], #args)", Use.READING),
        (b"(keys, args) if not keys or args then return keys[args[1]] end", Use.READING),
        (b"(keys, args) x() y(1) for i = 1, #args do z(args[i]) end", Use.READING),
        (b"(keys, args, more) return more", Use.READING),
        (b"(keys, args) keys, args = 1, 2 return -x", Use.READING),
        (b"(...) return (...)", Use.ANYTHING),
        (b"(keys, ...) return keys[1]", Use.ANYTHING),
        (b"(keys, args) return keys", Use.ANYTHING),
        (b"(keys, args) return args", Use.ANYTHING),
        (b"(keys, args) x(keys)", Use.ANYTHING),
        (b"(keys, args) return {args}", Use.ANYTHING),
        (b"(keys, args) x = args", Use.ANYTHING),
        (b"(keys, args) keys[1] = 2", Use.ANYTHING),
        (b"(keys, args) local t = {} t[args] = 1", Use.ANYTHING),
        (b"(keys, args) local t = {} t.x = args", Use.ANYTHING),
        (b"(keys, args) return x[args]", Use.ANYTHING),
        (b"(keys, args) return args + x", Use.ANYTHING),
        (b"(keys, args) return keys .. x", Use.ANYTHING),
        (b"(keys, args) return x < args", Use.ANYTHING),
        (b"(keys, args) local k = x or keys return k", Use.ANYTHING),
        (b"(keys, args) local k = keys or x return k", Use.ANYTHING),
        (b"(keys, args) return keys:x()", Use.ANYTHING),
        (b"(keys, args) return function() return args[1] end", Use.ANYTHING),
        (b"(keys, args) for i in keys do end", Use.ANYTHING),
    ],
)
def test_what_a_function_does_with_its_parameters_shows_in_its_code(
    function: bytes, use: Use
) -> None:
    (inner,) = compiled(b"local x, y, z return function" + function + b" end").inner
    assert use_of_parameters(inner) is use


SHOW = "local k, a = '', '' for i = 1, 9 do k = k .. (KEYS[i] or '-') a = a .. (ARGV[i] or '-') end"
SHOW += " return {k, a, #KEYS, #ARGV}"
LIBRARY = f"#!lua name=l\nredis.register_function('f', function(KEYS, ARGV) {SHOW} end)"


@pytest.mark.parametrize("run", [["EVAL", SHOW], ["FCALL", "f"]])
def test_each_run_finds_its_own_words_and_no_others(run: list[str]) -> None:
    engine = Engine()
    engine.execute("FUNCTION", "LOAD", LIBRARY)
    counts = [*product(range(9), range(8))]
    for (keys, arguments), _ in product(counts, "ab"):
        for many, few in ((keys, arguments), (2, 2), (keys, arguments), (0, 0), (1, 1)):
            words = [chr(97 + place) for place in range(many + few)]
            shown = ["".join(part).ljust(9, "-").encode() for part in (words[:many], words[many:])]
            assert engine.execute(*run, many, *words) == [*shown, many, few]


@pytest.mark.parametrize(
    "script",
    [
        "KEYS[2], ARGV[2], KEYS.x = 'left', 'left', 'left'",
        "local k, a = KEYS, ARGV k[2], a[2] = 'left', 'left'",
        "_G.KEYS[2] = 'left' rawset(ARGV, 2, 'left')",
        "table.insert(KEYS, 'left') table.insert(ARGV, 'left')",
        "loadstring('KEYS[2] = 1 ARGV[2] = 1')()",
        "setmetatable(KEYS, {__index = function() return 'left' end})",
    ],
)
def test_what_a_script_leaves_in_its_tables_no_other_finds(script: str) -> None:
    engine = Engine()
    reading = "return {KEYS[1] or 0, KEYS[2] or 0, KEYS.x or 0, ARGV[1], ARGV[2] or 0, #KEYS}"
    for words in (["k", "a"], ["k"], []):
        engine.execute("EVAL", script, min(len(words), 1), *words)
        assert engine.execute("EVAL", reading, 1, "k", "a") == [b"k", 0, 0, b"a", 0, 1]


def test_a_function_that_keeps_its_tables_finds_them_as_they_were() -> None:
    engine = Engine()
    engine.execute(
        "FUNCTION",
        "LOAD",
        "#!lua name=l\nlocal kept\n"
        "redis.register_function('keep', function(keys) kept = kept or keys return kept[1] end)\n"
        "redis.register_function('read', function(keys) return keys[1] end)",
    )
    assert engine.execute("FCALL", "keep", 1, "first") == b"first"
    assert engine.execute("FCALL", "read", 1, "second") == b"second"
    assert engine.execute("FCALL", "keep", 1, "third") == b"first"
