"""Keys of any type: names, copies, iteration, undo."""

from __future__ import annotations

import random

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.rdb.values import write_value
from redislua_kernel.engine.types.value import Value
from redislua_kernel.errors import ResponseError


@pytest.fixture
def engine() -> Engine:
    engine = Engine(rng=random.Random(1))
    engine.execute("SET", "s", "x")
    engine.execute("RPUSH", "l", "a", "b")
    return engine


def state(engine: Engine) -> list[object]:
    return [
        ({key: payload(db.peek(key)) for key in db.entries}, dict(db.expires))
        for db in engine.keyspace.databases
    ]


def payload(value: bytes | Value | None) -> bytes | None:
    return None if value is None else write_value(value)


def test_deleting_counts_the_keys_that_were_there(engine: Engine) -> None:
    assert engine.execute("DEL", "s", "missing", "l", "s") == 2
    assert engine.execute("DBSIZE") == 0


def test_a_key_named_twice_exists_twice(engine: Engine) -> None:
    assert engine.execute("EXISTS", "s", "s", "missing") == 2


def test_type_names_the_values_type(engine: Engine) -> None:
    assert [engine.execute("TYPE", key) for key in "sl?"] == [b"string", b"list", b"none"]


def test_rename_takes_value_and_expiry_along(engine: Engine) -> None:
    engine.execute("PEXPIREAT", "l", 10**15)
    engine.execute("RENAME", "l", "s")
    assert engine.execute("LRANGE", "s", 0, -1) == [b"a", b"b"]
    assert engine.execute("PEXPIRETIME", "s") == 10**15
    assert engine.execute("EXISTS", "l") == 0


def test_renaming_a_missing_key_is_an_error(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR no such key$"):
        engine.execute("RENAME", "missing", "s")


def test_renamenx_leaves_a_taken_name_alone(engine: Engine) -> None:
    assert engine.execute("RENAMENX", "s", "l") == 0
    assert engine.execute("RENAMENX", "s", "new") == 1


def test_a_copy_is_independent(engine: Engine) -> None:
    assert engine.execute("COPY", "l", "l2", "DB", 3) == 1
    engine.execute("RPUSH", "l", "c")
    other = engine.client()
    other.execute("SELECT", 3)
    assert other.execute("LRANGE", "l2", 0, -1) == [b"a", b"b"]


def test_copying_onto_itself_is_an_error(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR source and destination objects are the same$"):
        engine.execute("COPY", "s", "s")


def test_move_takes_a_key_to_another_database(engine: Engine) -> None:
    assert engine.execute("MOVE", "s", 1) == 1
    assert engine.keyspace[1].string(b"s") == b"x"
    with pytest.raises(ResponseError, match=r"^ERR DB index is out of range$"):
        engine.execute("MOVE", "l", 99)


def test_keys_leaves_expired_ones_out() -> None:
    now = [10**9]
    engine = Engine(clock=lambda: now[0])
    engine.execute("SET", "a", 1, "PX", 5)
    engine.execute("SET", "b", 1)
    now[0] += 6000
    assert engine.execute("KEYS", "*") == [b"b"]
    assert engine.execute("SCAN", 0) == [b"0", [b"b"]]


def test_scan_finds_every_key_once_and_filters_by_type(engine: Engine) -> None:
    for number in range(100):
        engine.execute("SET", f"key:{number}", number)
    cursor, found = b"0", []
    while True:
        cursor, keys = engine.execute("SCAN", cursor, "MATCH", "key:*", "COUNT", 7)
        found += keys
        if cursor == b"0":
            break
    assert sorted(found) == sorted(b"key:%d" % number for number in range(100))
    assert engine.execute("SCAN", 0, "COUNT", 1000, "TYPE", "LIST") == [b"0", [b"l"]]


def test_randomkey_gives_only_live_keys_and_every_one_of_them(engine: Engine) -> None:
    assert {engine.execute("RANDOMKEY") for _ in range(50)} == {b"s", b"l"}
    engine.execute("DEL", "s")
    engine.execute("SET", "new", 1)
    assert {engine.execute("RANDOMKEY") for _ in range(50)} == {b"new", b"l"}
    engine.execute("FLUSHALL")
    assert engine.execute("RANDOMKEY") is None


@pytest.mark.parametrize(
    "words",
    [
        ("DEL", "s", "l"),
        ("RENAME", "s", "l"),
        ("COPY", "l", "s", "REPLACE"),
        ("MOVE", "l", "2"),
        ("EXPIRE", "s", "100"),
        ("EXPIRE", "l", "-1"),
        ("FLUSHALL",),
        ("SWAPDB", "0", "1"),
        ("SORT", "l", "ALPHA", "STORE", "s"),
    ],
)
def test_rollback_restores_exactly(engine: Engine, words: tuple[str, ...]) -> None:
    engine.execute("PEXPIREAT", "s", 10**15)
    before = state(engine)
    with engine.keyspace.unit():
        engine.execute(*words)
        assert state(engine) != before
        engine.keyspace.rollback()
    assert state(engine) == before


def test_a_view_does_not_see_a_rename(engine: Engine) -> None:
    view = engine.keyspace.fork()
    engine.execute("RENAME", "s", "l")
    assert view[0].string(b"s") == b"x"


def test_relative_times_are_replicated_as_absolute_ones() -> None:
    engine = Engine(clock=lambda: 1_000_000_000)
    engine.execute("SET", "s", "x")
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    engine.execute("EXPIRE", "s", 10)
    engine.execute("EXPIRE", "s", -1)
    assert [effect.words for effect in seen] == [(b"PEXPIREAT", b"s", b"1010000"), (b"DEL", b"s")]
