"""DEBUG: what test suites ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import OK


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path).encode())
    return engine


def test_object_tells_the_encoding_and_the_saved_length(engine: Engine) -> None:
    engine.execute("SET", "key", "bar")
    shown = engine.execute("DEBUG", "OBJECT", "key")
    assert isinstance(shown, bytes)
    assert b" encoding:embstr serializedlength:4 " in shown
    with pytest.raises(ResponseError, match=r"^ERR no such key$"):
        engine.execute("DEBUG", "OBJECT", "missing")


def test_reload_brings_back_what_was_saved(engine: Engine) -> None:
    engine.execute("SET", "key", "1", "EX", 100)
    assert engine.execute("DEBUG", "RELOAD") == OK
    assert engine.execute("GET", "key") == b"1"
    assert engine.execute("TTL", "key") in (99, 100)
    assert engine.persistence.changes == 0
    engine.execute("SET", "key", "2")
    engine.execute("DEBUG", "RELOAD", "NOSAVE")
    assert engine.execute("GET", "key") == b"1"


def test_reload_without_a_file_changes_nothing(engine: Engine) -> None:
    engine.execute("SET", "key", "1")
    with pytest.raises(ResponseError, match="Error trying to load the RDB dump"):
        engine.execute("DEBUG", "RELOAD", "NOSAVE")
    assert engine.execute("GET", "key") == b"1"


def test_populate_makes_keys_and_leaves_those_there_are(engine: Engine) -> None:
    engine.execute("SET", "k:1", "mine")
    engine.execute("DEBUG", "POPULATE", 3, "k", 10)
    assert engine.execute("MGET", "k:0", "k:1", "k:2") == [
        b"value:0\0\0\0",
        b"mine",
        b"value:2\0\0\0",
    ]


def test_a_wrong_number_of_words_is_told(engine: Engine) -> None:
    text = "unknown subcommand or wrong number of arguments for 'SLEEP'. Try DEBUG HELP."
    with pytest.raises(ResponseError, match=re.escape(text)):
        engine.execute("DEBUG", "SLEEP")


def test_reload_may_keep_what_is_there_besides(engine: Engine) -> None:
    engine.execute("MSET", "a", 1, "b", 2)
    engine.execute("SAVE")
    engine.execute("MSET", "a", "new", "c", 3)
    with pytest.raises(ResponseError, match="Error trying to load the RDB dump"):
        engine.execute("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH")
    assert engine.execute("MGET", "a", "b", "c") == [b"new", b"2", b"3"]
    engine.execute("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE")
    assert engine.execute("MGET", "a", "b", "c") == [b"1", b"2", b"3"]


def test_scripts_may_call_everything_where_that_is_allowed(engine: Engine) -> None:
    script = "redis.setresp(3) return redis.call('DEBUG', 'PROTOCOL', 'attrib')"
    with pytest.raises(ResponseError, match="not allowed from script"):
        engine.execute("EVAL", script, 0)
    engine.execute("DEBUG", "SET-DISABLE-DENY-SCRIPTS", 1)
    assert engine.execute("EVAL", script, 0) == b"Some real reply following the attribute"
    engine.execute("DEBUG", "SET-DISABLE-DENY-SCRIPTS", 0)
    with pytest.raises(ResponseError, match="not allowed from script"):
        engine.execute("EVAL", script, 0)


def test_object_shows_a_key_that_has_expired_and_lets_it_be() -> None:
    now = [1_000_000]
    engine = Engine(clock=lambda: now[0])
    engine.execute("SET", "k", "x", "PX", 1)
    now[0] += 5_000
    assert engine.execute("DEBUG", "OBJECT", "k").startswith(b"Value at:")
    assert engine.execute("DBSIZE") == 1
    assert engine.execute("EXISTS", "k") == 0
