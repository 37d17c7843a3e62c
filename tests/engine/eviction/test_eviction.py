"""Eviction: whom each policy takes when the memory is full, when, and who is told."""

from __future__ import annotations

import random

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.journal import Effect
from redislua_kernel.reply import NULL_ARRAY
from tests.clock import Clock

POLICIES = {
    f"{scope}-{rank}"
    for scope in ("allkeys", "volatile")
    for rank in ("lru", "lfu", "random", "ttl")
} - {"allkeys-ttl"}
VOLATILE = sorted(policy for policy in POLICIES if policy.startswith("volatile"))


@pytest.fixture
def engine(clock: Clock) -> Engine:
    return Engine(clock=clock, rng=random.Random(1))


def limit(engine: Engine, policy: str, room: int = 0, tenacity: int = 100) -> None:
    """Let an engine keep what it holds, and so many bytes more."""
    engine.execute("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory-samples", 64)
    engine.execute("CONFIG", "SET", "maxmemory-eviction-tenacity", tenacity)
    engine.execute("CONFIG", "SET", "maxmemory", engine.used_memory() + room)


def fill(engine: Engine, count: int, name: str = "old", seconds: int = 0) -> None:
    for number in range(count):
        engine.execute("SET", f"{name}:{number}", "x" * 100)
        if seconds:
            engine.execute("EXPIRE", f"{name}:{number}", seconds + number)


def survivors(engine: Engine, name: str) -> set[int]:
    names = engine.execute("KEYS", f"{name}:*")
    assert isinstance(names, list)
    return {int(str(key, "ascii").partition(":")[2]) for key in names if isinstance(key, bytes)}


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_what_is_written_finds_room_and_the_limit_holds(engine: Engine, policy: str) -> None:
    fill(engine, 100, seconds=1000)
    limit(engine, policy)
    fill(engine, 100, "new", seconds=1000)
    engine.execute("PING")
    assert engine.used_memory() <= engine.config.maxmemory
    assert 90 <= len(engine.keyspace[0].entries) <= 100


@pytest.mark.parametrize("policy", VOLATILE)
def test_a_volatile_policy_takes_no_key_that_is_to_stay(engine: Engine, policy: str) -> None:
    fill(engine, 50, "stays")
    fill(engine, 50, "goes", seconds=1000)
    limit(engine, policy)
    fill(engine, 30, "new")
    assert survivors(engine, "stays") == set(range(50))
    with pytest.raises(ResponseError, match=r"^OOM command not allowed"):
        fill(engine, 100, "more")
    assert survivors(engine, "goes") == set()
    assert survivors(engine, "stays") == set(range(50))


def test_noeviction_takes_nothing_and_refuses_what_needs_memory(engine: Engine) -> None:
    fill(engine, 10)
    limit(engine, "noeviction", room=-1)
    with pytest.raises(ResponseError, match=r"^OOM command not allowed"):
        engine.execute("SET", "k", "v")
    assert engine.execute("GET", "old:1") == b"x" * 100
    assert engine.execute("DBSIZE") == 10


def test_lru_takes_what_was_used_longest_ago(engine: Engine, clock: Clock) -> None:
    limit(engine, "allkeys-lru", room=10_000)
    fill(engine, 50)
    clock.advance(5)
    for number in range(0, 50, 2):
        engine.execute("GET", f"old:{number}")
    clock.advance(5)
    engine.execute("CONFIG", "SET", "maxmemory", engine.used_memory())
    fill(engine, 20, "new")
    assert survivors(engine, "old") >= set(range(0, 50, 2))
    assert len(survivors(engine, "old")) < 35


def test_lfu_takes_what_is_used_least(engine: Engine) -> None:
    limit(engine, "allkeys-lfu", room=10_000)
    engine.execute("CONFIG", "SET", "lfu-log-factor", 0)
    fill(engine, 50)
    for number in range(0, 50, 2):
        engine.execute("GET", f"old:{number}")
    engine.execute("CONFIG", "SET", "maxmemory", engine.used_memory())
    fill(engine, 40, "new")
    assert survivors(engine, "old") >= set(range(0, 50, 2))


def test_ttl_takes_what_expires_soonest(engine: Engine) -> None:
    fill(engine, 50, seconds=1000)
    limit(engine, "volatile-ttl")
    fill(engine, 20, "new")
    left = survivors(engine, "old")
    assert left == set(range(50 - len(left), 50))
    assert len(left) < 35


def test_random_takes_from_every_database(engine: Engine) -> None:
    client = engine.client()
    for database in range(4):
        client.execute("SELECT", database)
        for number in range(20):
            client.execute("SET", number, "x" * 100)
    limit(engine, "allkeys-random", room=-2_000)
    engine.execute("PING")
    sizes = [len(database.entries) for database in engine.keyspace.databases]
    assert all(size < 20 for size in sizes[:4])
    assert max(sizes[:4]) - min(sizes[:4]) <= 1


def test_nothing_is_evicted_between_the_calls_of_a_script(engine: Engine) -> None:
    fill(engine, 20)
    limit(engine, "allkeys-lru", room=10)
    script = "for i = 1, 10 do redis.call('SET', 'new:' .. i, ('x'):rep(100)) end return 1"
    assert engine.execute("EVAL", script, 0) == 1
    assert engine.execute("EVAL", "return redis.call('DBSIZE')", 0) == 20
    assert engine.eviction.evicted == 10


def test_a_script_that_nothing_can_make_room_for_is_refused_its_writes(engine: Engine) -> None:
    fill(engine, 10)
    limit(engine, "volatile-lru", room=-1)
    with pytest.raises(ResponseError, match=r"^OOM command not allowed .* script: "):
        engine.execute("EVAL", "return redis.call('SET', 'k', 'v')", 0)


@pytest.mark.parametrize(("lazy", "command"), [("no", b"DEL"), ("yes", b"UNLINK")])
def test_an_eviction_is_replicated_before_the_command_it_makes_room_for(
    engine: Engine, lazy: str, command: bytes
) -> None:
    engine.execute("CONFIG", "SET", "lazyfree-lazy-eviction", lazy)
    fill(engine, 1)
    limit(engine, "allkeys-lru", room=-1)
    engine.execute("EVAL", "redis.call('SET', 'a', 1) redis.call('SET', 'b', 2)", 0)
    assert engine.effects == [
        Effect(0, (command, b"old:0")),
        Effect(0, (b"MULTI",)),
        Effect(0, (b"SET", b"a", b"1")),
        Effect(0, (b"SET", b"b", b"2")),
        Effect(0, (b"EXEC",)),
    ]


def test_watchers_and_listeners_are_told_of_an_eviction(engine: Engine) -> None:
    fill(engine, 1)
    events: list[bytes] = []
    engine.keyspace.listeners.append(lambda db, key, event: events.append(event))
    client = engine.client()
    client.execute("WATCH", "old:0")
    limit(engine, "allkeys-random", room=-1)
    client.execute("MULTI")
    client.execute("PING")
    assert client.execute("EXEC") is NULL_ARRAY
    assert events == [b"evicted"]


def test_info_counts_evicted_keys_until_the_counters_are_reset(engine: Engine) -> None:
    fill(engine, 3)
    limit(engine, "allkeys-lru", room=-1)
    assert b"\r\nevicted_keys:1\r\n" in engine.execute("INFO", "stats")  # type: ignore[operator]
    engine.execute("CONFIG", "RESETSTAT")
    assert b"\r\nevicted_keys:0\r\n" in engine.execute("INFO", "stats")  # type: ignore[operator]


def test_an_eviction_is_undone_with_the_unit_it_happened_in(engine: Engine) -> None:
    fill(engine, 5)
    limit(engine, "allkeys-lru")
    with engine.keyspace.unit():
        fill(engine, 5, "new")
        engine.keyspace.rollback()
    assert survivors(engine, "old") == set(range(5))
    assert survivors(engine, "new") == set()


def test_a_long_eviction_goes_on_with_the_next_commands(engine: Engine) -> None:
    fill(engine, 200)
    limit(engine, "allkeys-lru", room=-20_000, tenacity=0)
    engine.execute("SET", "k", "v")
    assert 190 > len(engine.keyspace[0].entries) > 150
    for _ in range(20):
        engine.execute("PING")
    assert engine.used_memory() <= engine.config.maxmemory


def test_a_replica_that_ignores_the_limit_evicts_nothing(engine: Engine) -> None:
    fill(engine, 5)
    engine.execute("REPLICAOF", "127.0.0.1", 1)
    limit(engine, "allkeys-lru", room=-1)
    engine.execute("PING")
    assert survivors(engine, "old") == set(range(5))
