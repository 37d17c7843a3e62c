"""Tables that keep sizes and uses: as the plain ones whatever happens to them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.eviction.watched import Drawable, WatchedEntries
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import COMMANDS, Words, run

PROGRAMS = st.lists(COMMANDS, max_size=20)
LIMIT = ("CONFIG", "SET", "maxmemory", 1 << 40)


def check(engine: Engine) -> None:
    for database in engine.keyspace.databases:
        assert isinstance(database.entries, WatchedEntries)
        database.entries._check()


def unwatched_size(engine: Engine) -> int:
    used = engine.used_memory()
    engine.execute("CONFIG", "SET", "maxmemory", 0)
    assert engine.keyspace.uses is None
    plain = engine.used_memory()
    engine.execute(*LIMIT)
    assert engine.used_memory() == used
    return plain


@settings(max_examples=50)
@given(before=PROGRAMS, after=PROGRAMS)
def test_sizes_and_uses_hold_through_every_command(before: list[Words], after: list[Words]) -> None:
    engine, plain = (Engine(databases=2, clock=Clock()) for _ in range(2))
    for words in before:
        run(engine, words)
        run(plain, words)
    engine.execute(*LIMIT)
    plain.execute("PING")
    for words in after:
        run(engine, words)
        run(plain, words)
        check(engine)
    assert picture(engine).keys() == picture(plain).keys()
    assert unwatched_size(engine) == engine.used_memory()


@settings(max_examples=40)
@given(before=PROGRAMS, after=PROGRAMS)
def test_sizes_and_uses_hold_when_writes_are_undone(
    before: list[Words], after: list[Words]
) -> None:
    engine = Engine(databases=2, clock=Clock())
    engine.execute(*LIMIT)
    for words in before:
        run(engine, words)
    was, size = picture(engine), engine.used_memory()
    with engine.keyspace.unit():
        for words in after:
            run(engine, words)
        engine.used_memory()
        engine.keyspace.rollback()
    assert picture(engine) == was
    check(engine)
    assert engine.used_memory() == size


def test_a_limit_that_is_set_within_an_undone_unit_leaves_the_data_as_they_were() -> None:
    engine = Engine()
    engine.execute("RPUSH", "k", "a")
    was = picture(engine)
    with engine.keyspace.unit():
        engine.execute("RPUSH", "k", "b")
        engine.execute(*LIMIT)
        engine.execute("RPUSH", "k", "c")
        engine.execute("SET", "other", "v")
        engine.keyspace.rollback()
    assert picture(engine) == was
    check(engine)


def test_keys_are_drawn_evenly_and_only_while_they_are_there() -> None:
    table = Drawable(dict.fromkeys([b"%d" % number for number in range(1000)], 0))
    for number in range(990):
        del table[b"%d" % number]
    table[b"new"] = 0
    drawn = table.draw(random.Random(1), 10_000)
    assert set(drawn) == set(table)
    assert min(drawn.count(key) for key in table) > 700
    table.clear()
    assert table.draw(random.Random(1), 3) == []


@pytest.mark.parametrize("other", ["FLUSHALL", "SWAPDB 0 1", "SELECT 1"])
def test_the_memory_follows_whole_tables(other: str) -> None:
    engine = Engine()
    engine.execute(*LIMIT)
    empty = engine.used_memory()
    engine.execute("SET", "k", "v" * 1000)
    engine.execute("HSET", "h", "f", "v" * 1000)
    full = engine.used_memory()
    assert full > empty + 2000
    engine.execute(*other.split())
    check(engine)
    assert engine.used_memory() == (empty if other == "FLUSHALL" else full)
