"""What differs between two states of the keyspace."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.changes import KeyChange, changes

Part = tuple[str, str | None, str | None]


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    for command in (
        "SET s a", "HSET h f 1 g 2", "RPUSH l a b c", "SADD set x y", "ZADD z 1 m 2 n",
        "XADD st 1-1 f v", "SET same v",
    ):  # fmt: skip
        engine.execute(*command.split())
    return engine


def changed_by(engine: Engine, *commands: str) -> list[KeyChange]:
    before = engine.keyspace.fork()
    for command in commands:
        engine.execute(*command.split())
    return list(changes(before, engine.keyspace))


def text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def parts(change: KeyChange) -> list[Part]:
    return [(part.name.decode(), text(part.before), text(part.after)) for part in change.parts]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("SET s b", [("", "a", "b")]),
        ("APPEND s b", [("", "a", "ab")]),
        ("HSET h f 9 k 3", [("f", "1", "9"), ("k", None, "3")]),
        ("HDEL h g", [("g", "2", None)]),
        ("LPUSH l new", [("0", None, "new")]),
        ("LREM l 1 b", [("1", "b", None)]),
        ("LSET l 2 z", [("2", "c", None), ("2", None, "z")]),
        ("SADD set w", [("w", None, "")]),
        ("SREM set x", [("x", "", None)]),
        ("ZADD z 1.5 m", [("m", "1", "1.5")]),
        ("XADD st 2-1 g w", [("2-1", None, '"g" "w"')]),
    ],
)
def test_a_change_is_told_part_by_part(engine: Engine, command: str, expected: list[Part]) -> None:
    (change,) = changed_by(engine, command)
    assert parts(change) == expected
    assert change.type_before == change.type_after


def test_keys_come_and_go(engine: Engine) -> None:
    gone, new, other = changed_by(engine, "DEL h", "SET new v", "DEL s", "RPUSH s x")
    assert (gone.key, gone.type_before, gone.type_after) == (b"h", "hash", None)
    assert (new.key, new.type_before, new.type_after) == (b"new", None, "string")
    assert (other.key, other.type_before, other.type_after) == (b"s", "string", "list")
    assert parts(other) == [("", "a", None), ("0", None, "x")]


def test_a_time_to_live_is_a_change_of_its_own(engine: Engine) -> None:
    (change,) = changed_by(engine, "PEXPIREAT s 4000000000000")
    assert (change.expires_before, change.expires_after) == (None, 4000000000000)
    assert change.parts == ()


def test_what_is_written_with_what_it_held_did_not_change(engine: Engine) -> None:
    assert changed_by(engine, "SET same v", "SADD set x", "LSET l 0 a") == []


def test_other_databases_count(engine: Engine) -> None:
    engine.execute("SELECT", 3)
    (change,) = changed_by(engine, "SET k v")
    assert (change.database, change.key) == (3, b"k")


def test_long_lists_are_compared_place_by_place(engine: Engine) -> None:
    engine.execute("RPUSH", "long", *map(str, range(3000)))
    (change,) = changed_by(engine, "LSET long 7 x")
    assert parts(change) == [("7", "7", "x")]
