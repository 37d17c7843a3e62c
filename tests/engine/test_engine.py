"""The public face: `from redislua_kernel import Engine`."""

from __future__ import annotations

import importlib
import pkgutil
import random

import pytest

import redislua_kernel
from redislua_kernel import Engine, RedisError, ResponseError
from tests.clock import Clock


def test_words_may_be_text_bytes_and_numbers() -> None:
    engine = Engine()
    engine.execute("RPUSH", b"k", "é", b"\xff", 7, -1, 1.5, 1e100, "\udcfe")
    assert engine.execute("LRANGE", "k", 0, -1) == [
        "é".encode(), b"\xff", b"7", b"-1", b"1.5", b"1e+100", b"\xfe",
    ]  # fmt: skip


@pytest.mark.parametrize("word", [None, True, [], ("a",), {}, object()])
def test_other_words_are_a_type_error(word: object) -> None:
    with pytest.raises(TypeError, match="a command takes str, bytes, int and float, not"):
        Engine().execute("ECHO", word)  # type: ignore[arg-type]


def test_a_failed_command_raises_with_the_replys_text() -> None:
    with pytest.raises(RedisError) as caught:
        Engine().execute("NOSUCH", b"\xff")
    error = caught.value
    assert isinstance(error, ResponseError)
    assert error.code == "ERR"
    assert error.payload == b"ERR unknown command 'NOSUCH', with args beginning with: '\xff' "
    assert ResponseError.from_payload(error.payload) == error


def test_an_error_deep_in_a_reply_is_a_value() -> None:
    (inner,) = Engine().execute("EVAL", "return {{err = 'E x'}}", 0)
    assert inner == ResponseError("E x")


def test_engines_share_nothing() -> None:
    first, second = Engine(), Engine()
    first.execute("SET", "k", "v")
    first.execute("SCRIPT", "LOAD", "return 1")
    first.execute("CONFIG", "SET", "maxmemory", 10_000_000)
    assert second.execute("DBSIZE") == 0
    assert second.scripting_counts() == (0, 0, 0)
    assert second.config.maxmemory == 0


def test_time_and_chance_can_be_injected() -> None:
    clock = Clock()
    engines = [Engine(clock=clock, rng=random.Random(3)) for _ in range(2)]
    for engine in engines:
        engine.execute("SADD", "s", *range(50))
    assert engines[0].execute("SPOP", "s", 5) == engines[1].execute("SPOP", "s", 5)
    assert engines[0].execute("TIME") == [b"1700000000", b"0"]
    clock.advance(1.5)
    assert engines[0].execute("TIME") == [b"1700000001", b"500000"]


def test_the_number_of_databases_can_be_chosen() -> None:
    engine = Engine(databases=2)
    assert engine.execute("SELECT", 1) == b"OK"
    with pytest.raises(ResponseError, match=r"^ERR DB index is out of range"):
        engine.execute("SELECT", 2)


def test_a_bug_is_logged_and_told_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine()
    error = engine.report_bug(ZeroDivisionError("oops"))
    assert error.message == "ERR internal error: ZeroDivisionError: oops"
    assert "failed unexpectedly" in caplog.text


def test_log_lines_reach_listeners_from_their_level_on() -> None:
    engine, lines = Engine(), []
    engine.log_listeners.append(lambda level, text: lines.append((level, text)))
    engine.execute("EVAL", "for level = 0, 3 do redis.log(level, 'm', level) end", 0)
    assert lines == [(2, b"m 2"), (3, b"m 3")]
    engine.execute("CONFIG", "SET", "loglevel", "debug")
    engine.execute("EVAL", "redis.log(redis.LOG_DEBUG, 'x')", 0)
    assert lines[-1] == (0, b"x")


MODULES = [
    module.name
    for module in pkgutil.walk_packages(redislua_kernel.__path__, "redislua_kernel.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_exports_is_sorted_and_exists(name: str) -> None:
    if "papermill" in name:  # it imports its engines itself, and comes first where they are used
        importlib.import_module("papermill")
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    order = sorted(exported, key=lambda each: (not each.isupper(), not each[0].isupper(), each))
    assert list(exported) == order
    assert [each for each in exported if not hasattr(module, each)] == []
