"""Whoever makes a long element takes note of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.long_elements import ELEMENTS, LONG

WAYS = {
    "a client": ("RPUSH", "l", "x" * LONG),
    "a script": ("EVAL", "redis.call('RPUSH', 'l', ('x'):rep(65536))", 0),
    "a script with more words": (
        "EVAL", "redis.call('RPUSH', 'l', 1, 2, 3, ('x'):rep(65536))", 0,
    ),
    "a script with many words": (
        "EVAL", "local t = {} t[50] = ('x'):rep(65536) for i = 1, 49 do t[i] = i end"
        " redis.call('RPUSH', 'l', unpack(t))", 0,
    ),
    "a field": ("EVAL", "redis.call('HSET', 'h', ('x'):rep(65536), 1)", 0),
    "fields": ("EVAL", "redis.call('HMSET', 'h', 'a', ('x'):rep(65536), 'b', 1)", 0),
    "a member": ("EVAL", "redis.call('ZADD', 'z', 1, ('x'):rep(65536))", 0),
    "an entry": ("EVAL", "redis.call('XADD', 'x', '*', 'f', ('x'):rep(65536))", 0),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _unseen() -> Iterator[None]:
    before, ELEMENTS.were_long = ELEMENTS.were_long, False
    yield
    ELEMENTS.were_long = before


@pytest.mark.parametrize("way", WAYS)
def test_a_long_element_is_noted(way: str) -> None:
    Engine().execute(*WAYS[way])
    assert ELEMENTS.were_long


def test_a_long_field_is_noted_though_its_hash_is_compact() -> None:
    engine = Engine()
    engine.execute("CONFIG", "SET", "hash-max-listpack-value", LONG)
    engine.execute("EVAL", "redis.call('HSET', 'h', 'a', ('x'):rep(65536), 'b', 1)", 0)
    assert engine.execute("OBJECT", "ENCODING", "h") == b"listpack"
    assert ELEMENTS.were_long


def test_short_ones_and_long_strings_are_not() -> None:
    engine = Engine()
    engine.execute("RPUSH", "l", "x", "y")
    engine.execute(
        "EVAL", "redis.call('HSET', 'h', 'f', 1) redis.call('SET', 's', ARGV[1])", 0, "x" * LONG
    )
    assert not ELEMENTS.were_long


def test_a_value_that_is_restored_may_have_some() -> None:
    engine = Engine()
    engine.execute("RPUSH", "l", "x")
    engine.execute("RESTORE", "m", 0, engine.execute("DUMP", "l"))
    assert ELEMENTS.were_long
