"""Function libraries: all or nothing, and undone like any write."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.memory.limits import MEGABYTE, MemoryLimits
from redislua_kernel.engine.scripting import functions
from redislua_kernel.errors import ResponseError

HELLO = """#!lua name=hello
local calls = 0
redis.register_function('hello', function(keys, args)
  calls = calls + 1
  return {keys, args, calls}
end)
redis.register_function{
  function_name = 'peek', description = 'Read a key.', flags = {'no-writes'},
  callback = function(keys) return redis.call('GET', keys[1]) end,
}
"""


def library(name: str, *functions: str, result: str = "1") -> str:
    lines = (
        f"redis.register_function('{each}', function() return {result} end)" for each in functions
    )
    return f"#!lua name={name}\n" + "\n".join(lines)


def load(engine: Engine, code: str, *options: str) -> object:
    return engine.execute("FUNCTION", "LOAD", *options, code)


def listing(engine: Engine) -> dict[bytes, list[bytes]]:
    """The libraries and the names of their functions."""
    return {
        entry[b"library_name"]: sorted(each[b"name"] for each in entry[b"functions"])
        for entry in engine.execute("FUNCTION", "LIST")
    }


def test_a_function_gets_keys_and_arguments_and_its_library_keeps_its_locals(
    engine: Engine,
) -> None:
    assert load(engine, HELLO) == b"hello"
    assert engine.execute("FCALL", "hello", 1, "k", "a", "b") == [[b"k"], [b"a", b"b"], 1]
    assert engine.execute("FCALL", "HELLO", 0) == [[], [], 2]


def test_both_forms_of_register_function_are_listed_with_what_they_said(engine: Engine) -> None:
    load(engine, HELLO)
    (entry,) = engine.execute("FUNCTION", "LIST", "WITHCODE", "LIBRARYNAME", "hel*")
    assert entry[b"engine"] == b"LUA"
    assert entry[b"library_code"] == HELLO.encode()
    assert sorted(entry[b"functions"], key=lambda each: each[b"name"]) == [
        {b"name": b"hello", b"description": None, b"flags": []},
        {b"name": b"peek", b"description": b"Read a key.", b"flags": [b"no-writes"]},
    ]
    assert engine.execute("FUNCTION", "LIST", "LIBRARYNAME", "other") == []


def test_flags_decide_what_a_function_may_do(engine: Engine) -> None:
    load(engine, HELLO)
    engine.execute("SET", "k", "v")
    assert engine.execute("FCALL_RO", "peek", 1, "k") == b"v"
    with pytest.raises(ResponseError, match=r"^ERR Can not execute a script with write flag"):
        engine.execute("FCALL_RO", "hello", 0)


@pytest.mark.parametrize(
    "code",
    [
        "#!lua name=bad\nerror('x')",
        "#!lua name=bad\nredis.register_function('f', 1)",
        "#!lua name=bad\nredis.call('SET', 'k', 'v')",
        "#!lua name=bad\nglobal = 1",
        library("bad", "fine", "hello"),  # its second name is taken
        library("bad"),
        library("bad", "not-a-name"),
        "#!lua name=bad\nx y",
    ],
)
def test_a_library_that_cannot_be_loaded_changes_nothing(engine: Engine, code: str) -> None:
    load(engine, HELLO)
    with pytest.raises(ResponseError):
        load(engine, code)
    assert listing(engine) == {b"hello": [b"hello", b"peek"]}
    assert engine.execute("DBSIZE") == 0
    assert engine.execute("FCALL", "hello", 0) == [[], [], 1]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("redis.register_function('f', 1)", 2),
        ("local f = function() end\n\nredis.register_function{\nfunction_name='f'}", 4),
        ("local function g() redis.register_function() end\ng()", 2),
        ("local t = {}\nt.x.y = 1", 3),
        ("", None),
    ],
)
def test_an_error_of_loading_knows_the_line_that_ran(
    engine: Engine, code: str, line: int | None
) -> None:
    with pytest.raises(ResponseError) as raised:
        engine.execute("FUNCTION", "LOAD", f"#!lua name=lib\n{code}")
    assert getattr(raised.value, "line", None) == line


def test_replacing_a_library_ends_its_old_functions(engine: Engine) -> None:
    load(engine, HELLO)
    with pytest.raises(ResponseError, match=r"^ERR Library 'hello' already exists"):
        load(engine, library("hello", "new"))
    load(engine, library("hello", "new"), "REPLACE")
    assert listing(engine) == {b"hello": [b"new"]}
    with pytest.raises(ResponseError, match=r"^ERR Function not found"):
        engine.execute("FCALL", "hello", 0)


def test_delete_and_flush(engine: Engine) -> None:
    for name in "abc":
        load(engine, library(name, f"f{name}"))
    engine.execute("FUNCTION", "DELETE", "b")
    assert listing(engine) == {b"a": [b"fa"], b"c": [b"fc"]}
    engine.execute("FUNCTION", "FLUSH", "ASYNC")
    assert listing(engine) == {}
    assert engine.execute("FUNCTION", "STATS") == {
        b"running_script": None,
        b"engines": {b"LUA": {b"libraries_count": 0, b"functions_count": 0}},
    }


def test_restoring_appends_replaces_or_flushes(engine: Engine) -> None:
    load(engine, library("a", "fa"))
    load(engine, library("b", "fb"))
    payload = engine.execute("FUNCTION", "DUMP")
    engine.execute("FUNCTION", "DELETE", "a")
    load(engine, library("b", "other"), "REPLACE")
    load(engine, library("c", "fc"))
    was = listing(engine)
    with pytest.raises(ResponseError, match=r"^ERR Library b already exists"):
        engine.execute("FUNCTION", "RESTORE", payload)
    assert listing(engine) == was
    engine.execute("FUNCTION", "RESTORE", payload, "REPLACE")
    assert listing(engine) == {b"a": [b"fa"], b"b": [b"fb"], b"c": [b"fc"]}
    engine.execute("FUNCTION", "RESTORE", payload, "FLUSH")
    assert listing(engine) == {b"a": [b"fa"], b"b": [b"fb"]}


def test_a_restored_function_may_not_take_a_name_of_a_library_that_stays(engine: Engine) -> None:
    load(engine, library("a", "same"))
    payload = engine.execute("FUNCTION", "DUMP")
    engine.execute("FUNCTION", "FLUSH")
    load(engine, library("b", "same"))
    for policy in ("APPEND", "REPLACE"):
        with pytest.raises(ResponseError, match=r"^ERR Function same already exists"):
            engine.execute("FUNCTION", "RESTORE", payload, policy)
        assert listing(engine) == {b"b": [b"same"]}


def test_changes_of_libraries_are_undone_with_their_unit(engine: Engine) -> None:
    load(engine, HELLO)
    with engine.keyspace.unit():
        engine.execute("FUNCTION", "DELETE", "hello")
        load(engine, library("other", "f"))
        engine.execute("FUNCTION", "FLUSH")
        engine.keyspace.rollback()
    assert listing(engine) == {b"hello": [b"hello", b"peek"]}
    assert engine.execute("FCALL", "hello", 0) == [[], [], 1]


def test_loading_is_an_effect(engine: Engine) -> None:
    effects = []
    engine.keyspace.effect_listeners.append(effects.extend)
    load(engine, HELLO)
    assert [effect.words for effect in effects] == [(b"FUNCTION", b"LOAD", HELLO.encode())]


def test_a_library_that_loads_for_too_long_is_stopped(engine: Engine) -> None:
    with pytest.raises(ResponseError, match="FUNCTION LOAD timeout"):
        load(engine, "#!lua name=slow\nwhile true do end")
    load(engine, HELLO)
    assert engine.execute("EVAL", "return 1", 0) == 1


def test_what_it_takes_to_compile_a_library_is_none_of_its_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, seen = engine.scripting.runtime, []
    compile_code = runtime._compiler.compile

    def compile_and_look(code: bytes, name: bytes) -> object:
        seen.append(runtime.polling.deadline)
        return compile_code(code, name)

    monkeypatch.setattr(runtime._compiler, "compile", compile_and_look)
    load(engine, HELLO)
    assert seen == [None]


def test_an_empty_description_is_one(engine: Engine) -> None:
    code = "redis.register_function{function_name='f', callback=type, description=''}"
    engine.execute("FUNCTION", "LOAD", f"#!lua name=l\nlocal type = function() end {code}")
    assert engine.execute("FUNCTION", "LIST")[0][b"functions"][0][b"description"] == b""


def test_a_library_that_loads_too_long_leaves_the_cycle_collector_on() -> None:
    engine = Engine()
    endless = "#!lua name=l\nwhile true do local x = 1 end"
    with pytest.raises(ResponseError, match="FUNCTION LOAD timeout"):
        engine.execute("FUNCTION", "LOAD", endless)
    assert gc.isenabled()


def test_the_cycle_collector_goes_on_where_no_script_runs(engine: Engine) -> None:
    for _ in range(3000):  # in one of them the hook fires
        assert engine.scripting.compile_error(b"return 1") is None
    assert gc.isenabled()


def test_the_cycle_collector_waits_for_the_end_of_a_long_script(engine: Engine) -> None:
    long = "for i = 1, 5000 do redis.call('SET', 'k', i) end"
    were_on: list[bool] = []
    engine.keyspace.listeners.append(lambda *_: were_on.append(gc.isenabled()))
    engine.execute("EVAL", long, 0)
    assert (were_on[0], were_on[-1]) == (True, False)
    assert gc.isenabled()
    with pytest.raises(ResponseError):
        engine.execute("EVAL", f"{long} error('failed')", 0)
    assert not were_on[-1]
    assert gc.isenabled()
    with engine.keyspace.unit():
        engine.execute("EVAL", long, 0)
        engine.keyspace.rollback()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_library_for_which_there_is_no_memory_any_more_stays_and_says_so(engine: Engine) -> None:
    engine.limits = MemoryLimits(200 * MEGABYTE)
    load(
        engine, library("big", "f", result="#s").replace("\n", "\nlocal s = ('x'):rep(6e7) .. 'y' ")
    )
    load(engine, library("small", "g", result="7"))
    engine.limits = MemoryLimits(48 * MEGABYTE)
    with pytest.raises(ResponseError, match="not enough memory"):
        engine.execute("EVAL", "local t = {} while true do t[#t + 1] = {} end", 0)
    with pytest.raises(ResponseError, match="'big' does not load: not enough memory"):
        engine.execute("FCALL", "f", 0)
    assert engine.execute("FCALL", "g", 0) == 7
    assert listing(engine) == {b"big": [b"f"], b"small": [b"g"]}


def test_a_library_loads_again_however_long_that_takes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "\nfor i = 1, 1e5 do end "
    load(engine, library("lib", "f").replace("\n", slow))
    monkeypatch.setattr(functions, "LOAD_TIMEOUT", -1.0)
    with pytest.raises(ResponseError, match="timeout"):
        load(engine, library("other", "g").replace("\n", slow))
    assert engine.view().execute("FCALL", "f", 0) == 1


def test_what_libraries_keep_does_not_keep_others_from_being_loaded(engine: Engine) -> None:
    engine.limits = MemoryLimits(48 * MEGABYTE)
    load(
        engine,
        "#!lua name=lib\nlocal t = {} redis.register_function('f', function() "
        "t[#t + 1] = ('x'):rep(5e6) .. #t return #t end)",
    )
    for _ in range(9):
        engine.execute("FCALL", "f", 0)
    for name in "gh":
        with suppress(ResponseError):
            load(engine, library(name, name))
    assert engine.execute("FCALL", "h", 0) == 1
