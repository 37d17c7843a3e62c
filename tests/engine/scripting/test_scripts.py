"""The script cache: EVAL, EVALSHA, their read-only forms, SCRIPT, eviction."""

from __future__ import annotations

import hashlib

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.scripting.scripts import MAX_EVAL_SCRIPTS
from redislua_kernel.errors import ResponseError
from tests.engine.scripting.conftest import Evaluate


def sha_of(body: str) -> str:
    return hashlib.sha1(body.encode()).hexdigest()


def exists(engine: Engine, *bodies: str) -> list[int]:
    found: list[int] = engine.execute("SCRIPT", "EXISTS", *map(sha_of, bodies))
    return found


def test_a_script_sees_its_keys_and_arguments_as_strings(engine: Engine) -> None:
    script = "return {KEYS, ARGV, #KEYS, #ARGV}"
    assert engine.execute("EVAL", script, 1, "k", 1, 2.5, b"\xff") == [
        [b"k"], [b"1", b"2.5", b"\xff"], 1, 3,
    ]  # fmt: skip


@pytest.mark.parametrize("keys", range(7))
@pytest.mark.parametrize("arguments", range(4))
def test_keys_and_arguments_are_told_apart_however_few(
    engine: Engine, keys: int, arguments: int
) -> None:
    words = [f"{place}" for place in range(keys + arguments)]
    found = engine.execute("EVAL", "return {KEYS, ARGV, #KEYS, #ARGV}", keys, *words)
    encoded = [word.encode() for word in words]
    assert found == [encoded[:keys], encoded[keys:], keys, arguments]
    library = "#!lua name=l\nredis.register_function('f', function(k, a) return {k, a, #k, #a} end)"
    engine.execute("FUNCTION", "LOAD", library)
    assert engine.execute("FCALL", "f", keys, *words) == found


@pytest.mark.parametrize("others", range(4))
def test_a_long_word_arrives_whole_among_few(engine: Engine, others: int) -> None:
    words = ["x" * 100_000, *"abc"[:others]]
    found = engine.execute("EVAL", "return {#KEYS[1], unpack(ARGV)}", 1, *words)
    assert found == [100_000, *(word.encode() for word in words[1:])]


@pytest.mark.parametrize("number", ["0", "255", "256", "-1", "255.5", "-0.0", "2^53"])
def test_small_and_other_numbers_are_replies_alike(evaluate: Evaluate, number: str) -> None:
    assert evaluate(f"return {number}") == evaluate(f"return {{{number}}}")[0]


def test_hundreds_of_keys_and_arguments_arrive_in_order(engine: Engine) -> None:
    words = [str(number) for number in range(500)]
    keys, arguments = engine.execute("EVAL", "return {KEYS, ARGV}", 300, *words)
    assert [*keys, *arguments] == [word.encode() for word in words]


def test_a_script_finds_no_trace_of_the_one_before(evaluate: Evaluate) -> None:
    evaluate("KEYS[1] = 'x' ARGV.y = 1 setmetatable(KEYS, {__index = function() return 1 end})")
    assert evaluate("return {KEYS[1] or 'none', ARGV.y or 'none', #KEYS}") == [b"none", b"none", 0]


def test_evalsha_runs_what_eval_or_script_load_cached(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^NOSCRIPT "):
        engine.execute("EVALSHA", sha_of("return 7"), 0)
    engine.execute("EVAL", "return 7", 0)
    assert engine.execute("SCRIPT", "LOAD", "return 8") == sha_of("return 8").encode()
    assert engine.execute("EVALSHA", sha_of("return 7"), 0) == 7
    assert engine.execute("EVALSHA_RO", sha_of("return 8").upper(), 0) == 8


def test_a_script_that_does_not_compile_is_not_cached(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR Error compiling script \(new function\): user_"):
        engine.execute("SCRIPT", "LOAD", "return (")
    assert exists(engine, "return (") == [0]


def test_a_script_that_fails_stays_cached(engine: Engine) -> None:
    with pytest.raises(ResponseError):
        engine.execute("EVAL", "error('x')", 0)
    assert exists(engine, "error('x')", "return 1") == [1, 0]
    engine.execute("SCRIPT", "FLUSH")
    assert exists(engine, "error('x')") == [0]


def test_only_so_many_scripts_of_eval_are_kept_the_latest_used(engine: Engine) -> None:
    engine.execute("SCRIPT", "LOAD", "return 'loaded'")
    for number in range(MAX_EVAL_SCRIPTS):
        engine.execute("EVAL", f"return {number}", 0)
    engine.execute("EVAL", "return 0", 0)
    engine.execute("EVALSHA", sha_of("return 1"), 0)
    engine.execute("EVAL", "return 'one more'", 0)
    assert exists(engine, "return 0", "return 1", "return 2", "return 3") == [1, 1, 0, 1]
    assert exists(engine, "return 'loaded'", "return 'one more'") == [1, 1]
    assert engine.scripting.scripts.evicted == 1


def test_a_script_that_is_refused_is_not_used(engine: Engine) -> None:
    refused = "#!lua\nreturn 1"
    engine.execute("EVAL", refused, 0)
    for number in range(MAX_EVAL_SCRIPTS - 1):
        engine.execute("EVAL", f"return {number}", 0)
    with pytest.raises(ResponseError, match="write flag"):
        engine.execute("EVAL_RO", refused, 0)
    engine.execute("EVAL", "return 'one more'", 0)
    assert exists(engine, refused) == [0]


def test_an_evicted_script_runs_again_by_its_body(engine: Engine) -> None:
    for number in range(MAX_EVAL_SCRIPTS + 1):
        engine.execute("EVAL", f"return {number}", 0)
    assert exists(engine, "return 0") == [0]
    assert engine.execute("EVAL", "return 0", 0) == 0


def test_a_script_without_a_shebang_may_do_anything_but_what_its_command_forbids(
    engine: Engine,
) -> None:
    write = "return redis.call('SET', 'k', 'v')"
    assert engine.execute("EVAL", write, 0) == b"OK"
    with pytest.raises(ResponseError, match=r"^ERR Write commands are not allowed from read-only"):
        engine.execute("EVAL_RO", write, 0)
    with pytest.raises(ResponseError, match=r"^ERR Write commands are not allowed from read-only"):
        engine.execute("EVAL", f"#!lua flags=no-writes\n{write}", 0)
    with pytest.raises(ResponseError, match=r"^ERR Can not execute a script with write flag"):
        engine.execute("EVAL_RO", f"#!lua\n{write}", 0)


def test_lines_are_counted_from_the_shebang(engine: Engine) -> None:
    with pytest.raises(
        ResponseError, match=r"user_script:3: x script: \w{40}, on @user_script:3\.$"
    ):
        engine.execute("EVAL", "#!lua\n\nerror('x')", 0)


def test_scripts_of_clients_run_in_the_clients_database(engine: Engine) -> None:
    client = engine.client()
    client.execute("SELECT", 3)
    client.execute("EVAL", "redis.call('SET', 'k', 'three')", 0)
    assert engine.execute("EXISTS", "k") == 0
    assert client.execute("GET", "k") == b"three"
    # SELECT in a script ends with it.
    client.execute("EVAL", "redis.call('SELECT', 5) redis.call('SET', 'k', 'five')", 0)
    assert client.execute("GET", "k") == b"three"


def test_a_script_cannot_run_scripts(evaluate: Evaluate) -> None:
    for call in ("'EVAL', 'return 1', 0", "'FCALL', 'f', 0", "'SCRIPT', 'FLUSH'"):
        with pytest.raises(ResponseError, match=r"^ERR This Redis command is not allowed from scr"):
            evaluate(f"return redis.call({call})")


def test_a_flush_that_is_undone_brings_the_scripts_back(engine: Engine) -> None:
    loaded = engine.execute("SCRIPT", "LOAD", "return 7")
    engine.execute("EVAL", "return 8", 0)
    evaluated = hashlib.sha1(b"return 8").hexdigest()
    with engine.keyspace.unit():
        engine.execute("SCRIPT", "FLUSH")
        assert engine.execute("SCRIPT", "EXISTS", loaded, evaluated) == [0, 0]
        engine.execute("EVAL", "return 8", 0)
        engine.keyspace.rollback()
    assert engine.execute("SCRIPT", "EXISTS", loaded, evaluated) == [1, 1]
    assert engine.execute("EVALSHA", evaluated, 0) == 8
