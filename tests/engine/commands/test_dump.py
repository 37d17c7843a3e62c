"""DUMP and RESTORE."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.rdb.payload import sign
from tests.engine.outcomes import error_of

NOW = 1_700_000_000_000
#: Each command makes a value at the key `k`.
VALUES = [
    "SET k 12",
    "SET k text",
    "APPEND k raw",
    "RPUSH k a b",
    "SADD k 1 2",
    "ZADD k 1 a",
    "HSET k f v",
    "XADD k 1-1 f v",
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(clock=lambda: NOW * 1000)
    yield engine
    engine.close()


def effects_of(engine: Engine) -> list[Effect]:
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    return seen


def test_a_missing_key_has_no_dump(engine: Engine) -> None:
    assert engine.execute("DUMP", "k") is None


def test_a_dump_ends_in_the_version_and_a_checksum(engine: Engine) -> None:
    engine.execute("SET", "k", "10")
    assert engine.execute("DUMP", "k") == b"\x00\xc0\n\x0c\x00\xa5\xe9c\x85\xf4\x84\xfd\xf2"


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back(engine: Engine, value: str) -> None:
    engine.execute(*value.split())
    payload = engine.execute("DUMP", "k")
    assert engine.execute("RESTORE", "l", 0, payload) == b"OK"
    assert engine.execute("DUMP", "l") == payload
    assert engine.execute("TTL", "l") == -1


def test_restore_takes_options(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    payload = engine.execute("DUMP", "k")
    assert error_of(engine, "RESTORE", "k", 0, payload).startswith("BUSYKEY ")
    assert engine.execute("RESTORE", "k", 0, payload, "REPLACE", "IDLETIME", 5) == b"OK"
    engine.execute("RESTORE", "l", 500, payload)
    assert engine.execute("PTTL", "l") == 500
    engine.execute("RESTORE", "m", NOW + 70, payload, "ABSTTL", "FREQ", 7)
    assert engine.execute("PTTL", "m") == 70


def test_a_time_that_is_over_deletes_the_key_that_is_replaced(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    payload = engine.execute("DUMP", "k")
    seen = effects_of(engine)
    assert engine.execute("RESTORE", "l", 1, payload, "ABSTTL") == b"OK"
    assert seen == []
    assert engine.execute("RESTORE", "k", 1, payload, "ABSTTL", "REPLACE") == b"OK"
    assert engine.execute("EXISTS", "k", "l") == 0
    assert seen == [Effect(0, (b"DEL", b"k"))]


def test_a_time_beyond_64_bits_is_over(engine: Engine) -> None:
    payload = sign(b"\x00\x01x")
    assert engine.execute("RESTORE", "k", (1 << 63) - 1, payload) == b"OK"
    assert engine.execute("EXISTS", "k") == 0
    assert engine.execute("RESTORE", "k", (1 << 63) - 1, payload, "ABSTTL") == b"OK"
    assert engine.execute("EXISTS", "k") == 1


def test_the_time_is_replicated_as_an_absolute_one(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    payload = engine.execute("DUMP", "k")
    seen = effects_of(engine)
    engine.execute("RESTORE", "l", 0, payload)
    engine.execute("RESTORE", "m", 500, payload, "REPLACE")
    at = b"%d" % (NOW + 500)
    assert seen == [
        Effect(0, (b"RESTORE", b"l", b"0", payload)),
        Effect(0, (b"RESTORE", b"m", at, payload, b"REPLACE", b"ABSTTL")),
    ]


def test_restore_names_what_is_wrong(engine: Engine) -> None:
    payload = sign(b"\x00\x01x")
    wrong = "ERR DUMP payload version or checksum are wrong"
    assert error_of(engine, "RESTORE", "k", -1, payload) == "ERR Invalid TTL value, must be >= 0"
    assert error_of(engine, "RESTORE", "k", 0, payload, "X") == "ERR syntax error"
    assert error_of(engine, "RESTORE", "k", 0, payload, "FREQ") == "ERR syntax error"
    both = ("FREQ", 1, "IDLETIME", 1)
    assert error_of(engine, "RESTORE", "k", 0, payload, *both) == "ERR syntax error"
    assert "FREQ value" in error_of(engine, "RESTORE", "k", 0, payload, "FREQ", 256)
    assert "IDLETIME value" in error_of(engine, "RESTORE", "k", 0, payload, "IDLETIME", -1)
    assert error_of(engine, "RESTORE", "k", 0, b"x") == wrong
    assert error_of(engine, "RESTORE", "k", 0, sign(b"\x00\x01x", version=13)) == wrong
    assert error_of(engine, "RESTORE", "k", 0, sign(b"\x00\x20x")) == "ERR Bad data format"
    assert error_of(engine, "RESTORE", "k", 0, sign(b"\x08\x01x")) == "ERR Bad data format"


def test_a_restore_can_be_undone(engine: Engine) -> None:
    engine.execute("SET", "k", "before", "PX", 900)
    with engine.keyspace.unit():
        engine.execute("RESTORE", "k", 0, sign(b"\x00\x05after"), "REPLACE")
        assert engine.execute("GET", "k") == b"after"
        engine.keyspace.rollback()
    assert engine.execute("GET", "k") == b"before"
    assert engine.execute("PTTL", "k") == 900


def test_a_script_may_restore_a_key_that_expires() -> None:
    engine = Engine()
    engine.execute("SET", "k", "x")
    script = "return redis.call('RESTORE', KEYS[2], 100000, redis.call('DUMP', KEYS[1]))"
    assert engine.execute("EVAL", script, 2, "k", "copy") == b"OK"
    assert 0 < engine.execute("PTTL", "copy") <= 100_000
