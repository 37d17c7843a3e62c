"""SLOWLOG: which commands it keeps, and what of them."""

from __future__ import annotations

from time import monotonic

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import OK


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
    engine.execute("SLOWLOG", "RESET")
    return engine


def words_of(engine: Engine) -> list[list[bytes]]:
    return [entry.words for entry in engine.slowlog.entries]


def test_quick_commands_are_not_kept() -> None:
    engine = Engine()
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", 60_000_000)
    engine.execute("SET", "key", "value")
    assert engine.execute("SLOWLOG", "LEN") == 0
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", -1)
    engine.execute("DEBUG", "SLEEP", 0.02)
    assert engine.execute("SLOWLOG", "LEN") == 0


def test_an_entry_tells_when_how_long_what_and_who(engine: Engine) -> None:
    client = engine.client()
    began = monotonic()
    client.execute("CLIENT", "SETNAME", "me")
    took = monotonic() - began
    number, time, microseconds, words, address, name = client.execute("SLOWLOG", "GET", 1)[0]
    assert (number, words, address, name) == (
        engine.slowlog.entries[1].number,
        [b"CLIENT", b"SETNAME", b"me"],
        b"embedded",
        b"me",
    )
    assert time > 1_700_000_000
    assert 0 <= microseconds <= took * 1_000_000


def test_the_newest_come_first_and_the_oldest_go(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "slowlog-max-len", 2)
    for number in range(3):
        engine.execute("ECHO", number)
    assert words_of(engine) == [[b"ECHO", b"2"], [b"ECHO", b"1"]]
    assert len(engine.execute("SLOWLOG", "GET", -1)) == 2
    assert engine.execute("SLOWLOG", "RESET") == OK


def test_many_and_long_words_are_trimmed(engine: Engine) -> None:
    engine.execute("SET", "key", "x" * 200)
    engine.execute("DEL", *range(40))
    many, long = words_of(engine)[:2]
    assert long[2] == b"x" * 128 + b"... (72 more bytes)"
    assert len(many) == 32
    assert many[-1] == b"... (10 more arguments)"


def test_passwords_are_hidden_and_what_did_not_begin_is_not_kept(engine: Engine) -> None:
    for words in [("AUTH", "secret"), ("NONSENSE",), ("GET",)]:
        with pytest.raises(ResponseError):
            engine.execute(*words)
    assert words_of(engine)[0] == [b"AUTH", b"(redacted)"]


def test_a_wrong_count_is_refused(engine: Engine) -> None:
    with pytest.raises(ResponseError, match="count should be greater than or equal to -1"):
        engine.execute("SLOWLOG", "GET", -2)


def test_what_scripts_call_has_entries_of_its_own_before_the_scripts(engine: Engine) -> None:
    script = "redis.call('SET', 'k', 1) redis.pcall('LPUSH', 'k', 1.5) redis.pcall('GET') return 1"
    engine.execute("EVAL", script, 0)
    newest = words_of(engine)[:3]
    assert newest == [
        [b"EVAL", script.encode(), b"0"],
        [b"LPUSH", b"k", b"1.5"],
        [b"SET", b"k", b"1"],
    ]
    _, of_script, _ = list(engine.slowlog.entries)[:3]
    assert (of_script.address, of_script.client_name) == (b"", b"")


def test_with_the_default_threshold_calls_of_scripts_are_not_timed() -> None:
    engine = Engine()
    assert not engine.conditions.any
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", 9_999)
    assert engine.conditions.any
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", -1)
    assert not engine.conditions.any
