"""The keyspace: views, units, expiry, time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Reply
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import COMMANDS, Words, run

PROGRAMS = st.lists(COMMANDS, max_size=20)

#: One write that makes a value of each type, and writes that change it.
LIVES = {
    "string": [("SET", "k", "v"), ("SET", "k", "w")],
    "edited string": [("SET", "k", "v"), ("APPEND", "k", "w"), ("SETBIT", "k", 1, 1)],
    "hash": [("HSET", "k", "f", "v"), ("HSET", "k", "f", "w", "g", "x"), ("HDEL", "k", "f")],
    "hash's times": [("HSET", "k", "f", "v"), ("HEXPIRE", "k", 9, "FIELDS", 1, "f")],
    "list": [("RPUSH", "k", "a", "b"), ("LSET", "k", 0, "c"), ("LPOP", "k")],
    "set": [("SADD", "k", "1"), ("SADD", "k", "a"), ("SREM", "k", "1")],
    "sorted set": [("ZADD", "k", 1, "a"), ("ZINCRBY", "k", 1, "a"), ("ZADD", "k", 0, "b")],
    "stream": [
        ("XADD", "k", "1-1", "f", "v"),
        ("XADD", "k", "2-1", "f", "v"),
        ("XDEL", "k", "1-1"),
    ],
    "group": [
        ("XGROUP", "CREATE", "k", "g", "0", "MKSTREAM"),
        ("XADD", "k", "1-1", "f", "v"),
        ("XREADGROUP", "GROUP", "g", "me", "STREAMS", "k", ">"),
        ("XACK", "k", "g", "1-1"),
    ],
    "hyperloglog": [("PFADD", "k", "a"), ("PFADD", "k", "b")],
    "expiry": [("SET", "k", "v"), ("EXPIRE", "k", 9), ("PERSIST", "k")],
}


@pytest.fixture
def engine(clock: Clock) -> Engine:
    return Engine(databases=2, clock=clock)


def writer(engine: Engine, keyspace: Keyspace) -> Callable[..., Reply]:
    """Give an `execute` that works on a view of the engine's data."""
    client = engine.client()
    client.db = keyspace[0]

    def execute(*words: object) -> Reply:
        with keyspace.unit():
            return client.execute(*words)  # type: ignore[arg-type]

    return execute


# Views


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
@pytest.mark.parametrize("changes", ["the engine's", "the view's"])
def test_neither_side_of_a_view_sees_the_others_changes(
    engine: Engine, life: list[Words], changes: str
) -> None:
    first, *later = life
    engine.execute(*first)
    view = engine.keyspace.fork()
    was = picture(engine)
    assert picture(engine, view) == was
    execute = engine.execute if changes == "the engine's" else writer(engine, view)
    still = view if changes == "the engine's" else engine.keyspace
    for words in later:
        execute(*words)
        assert picture(engine, still) == was
    execute("DEL", "k")
    assert picture(engine, still) == was


@settings(max_examples=60)
@given(before=PROGRAMS, mine=PROGRAMS, again=PROGRAMS)
def test_a_snapshot_outlives_what_happens_and_can_be_restored_twice(
    before: list[Words], mine: list[Words], again: list[Words]
) -> None:
    engine = Engine(databases=2, clock=Clock())
    for words in before:
        run(engine, words)
    was = picture(engine)
    snapshot = engine.keyspace.fork()
    for program in (mine, again):
        for words in program:
            run(engine, words)
        with engine.keyspace.unit():
            engine.keyspace.adopt(snapshot)
        assert picture(engine) == picture(engine, snapshot) == was


def test_adopting_a_view_can_be_undone(engine: Engine) -> None:
    engine.execute("RPUSH", "k", "old")
    view = engine.keyspace.fork()
    engine.execute("RPUSH", "k", "new")
    was = picture(engine)
    with engine.keyspace.unit():
        engine.keyspace.adopt(view)
        assert engine.execute("LRANGE", "k", 0, -1) == [b"old"]
        engine.execute("RPUSH", "k", "other")
        engine.keyspace.rollback()
    assert picture(engine) == was
    assert picture(engine, view)[0, b"k"][-1] == [b"old"]


def test_a_view_is_only_made_between_writes(engine: Engine) -> None:
    with engine.keyspace.unit():
        engine.execute("SET", "k", "v")
        with pytest.raises(RuntimeError, match="writes to undo"):
            engine.keyspace.fork()
    engine.keyspace.fork()


# Units


def test_nested_units_are_undone_together(engine: Engine) -> None:
    keyspace = engine.keyspace
    with keyspace.unit():
        engine.execute("SET", "a", "1")
        with keyspace.unit():
            engine.execute("SET", "b", "1")
        assert keyspace.rollback() == 2
    assert engine.execute("DBSIZE") == 0


def test_a_unit_that_has_ended_cannot_be_undone(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    assert engine.keyspace.rollback() == 0
    assert engine.execute("GET", "k") == b"v"


def test_an_abandoned_unit_is_undone_and_the_next_one_is_new(engine: Engine, clock: Clock) -> None:
    keyspace = engine.keyspace
    keyspace.begin()
    keyspace.begin()
    engine.execute("SET", "k", "v")
    assert keyspace.abandon() == 1
    clock.advance(5)
    with keyspace.unit():
        assert keyspace.now_us == clock()


# Time


def test_time_stands_still_in_a_script(engine: Engine, clock: Clock) -> None:
    engine.execute("SET", "k", "v", "PX", 10)
    clock.advance(0.009)
    ticks = engine.keyspace.clock
    engine.keyspace.clock = lambda: (clock.advance(1), ticks())[1]  # each look costs a second
    script = """
    local start = redis.call('TIME')
    for i = 1, 20 do redis.call('GET', 'k') end
    local stop = redis.call('TIME')
    return start[1] == stop[1] and start[2] == stop[2]
    """
    assert engine.execute("EVAL", script, 0) == 1


def test_time_follows_the_systems_clock_from_one_command_to_the_next() -> None:
    engine = Engine()
    before = time.time_ns() // 1000
    for _ in range(2000):
        engine.execute("PING")
        assert before <= engine.keyspace.now_us
        assert engine.keyspace.now_us // 1000 - engine.keyspace.now <= 1
        before = engine.keyspace.now_us
    assert before <= time.time_ns() // 1000 + 100
    engine.execute("PING")
    time.sleep(0.002)
    now = engine.keyspace.now
    engine.execute("PING")
    assert engine.keyspace.now > now


def test_a_key_does_not_expire_during_a_script(engine: Engine, clock: Clock) -> None:
    engine.execute("SET", "k", "v", "PX", 1000)
    engine.scripting.runtime.engine.log_listeners.append(lambda level, text: clock.advance(5))
    script = "redis.log(redis.LOG_WARNING, 'wait') return redis.call('GET', 'k')"
    assert engine.execute("EVAL", script, 0) == b"v"
    assert engine.execute("EVAL", script, 0) is None


def test_a_key_lives_through_the_last_millisecond_of_its_time(engine: Engine, clock: Clock) -> None:
    engine.execute("SET", "k", "v", "PX", 100)
    clock.advance(0.1)
    assert engine.execute("GET", "k") == b"v"
    clock.advance(0.001)
    assert engine.execute("GET", "k") is None
    assert engine.keyspace.expired == 1


def test_an_expired_key_is_told_to_listeners_and_replicas(engine: Engine, clock: Clock) -> None:
    events, effects = [], []
    engine.keyspace.listeners.append(lambda db, key, event: events.append((db.index, key, event)))
    engine.keyspace.effect_listeners.append(effects.extend)
    engine.execute("SET", "k", "v", "PX", 1)
    clock.advance(1)
    engine.execute("GET", "k")
    assert events[-1] == (0, b"k", b"expired")
    assert effects[-1].words == (b"DEL", b"k")


def test_a_sweep_deletes_expired_keys_a_few_at_a_time(engine: Engine, clock: Clock) -> None:
    for number in range(10):
        engine.execute("SET", number, "v", "PX", 1)
    engine.execute("SET", "stays", "v", "EX", 100)
    clock.advance(1)
    db = engine.keyspace[0]
    with engine.keyspace.unit():
        assert db.sweep(4) <= 4
        assert sum(db.sweep(4) for _ in range(3)) >= 6
        assert list(db.entries) == [b"stays"]


# Databases


def database() -> Database:
    return Keyspace(1)[0]


def test_lookup_refuses_another_type() -> None:
    db = database()
    db.put(b"k", b"text")
    with pytest.raises(ResponseError, match=r"^WRONGTYPE "):
        db.lookup(b"k", RawString)
    with pytest.raises(ResponseError, match=r"^WRONGTYPE "):
        db.edit_or_create(b"k", RawString)
    assert db.string(b"k") == b"text"


def test_put_keeps_the_expiry_and_store_takes_it_away() -> None:
    db = database()
    db.put(b"k", b"1")
    db.expire_at(b"k", db.keyspace.now + 1000)
    db.put(b"k", b"2")
    assert db.expiry(b"k") == db.keyspace.now + 1000
    db.store(b"k", b"3")
    assert db.expiry(b"k") is None


def test_random_key_skips_expired_ones(engine: Engine, clock: Clock) -> None:
    for number in range(20):
        engine.execute("SET", number, "v", "PX", 1)
    engine.execute("SET", "alive", "v")
    clock.advance(1)
    assert {engine.execute("RANDOMKEY") for _ in range(5)} == {b"alive"}
    engine.execute("DEL", "alive")
    assert engine.execute("RANDOMKEY") is None


def test_clearing_and_swapping_databases_can_be_undone(engine: Engine) -> None:
    engine.execute("SET", "k", "v", "EX", 100)
    was = picture(engine)
    with engine.keyspace.unit():
        engine.execute("SWAPDB", 0, 1)
        engine.execute("SET", "other", "v")
        engine.execute("FLUSHALL")
        engine.execute("SET", "k", "w")
        engine.keyspace.rollback()
    assert picture(engine) == was
