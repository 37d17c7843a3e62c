"""The uses of keys: OBJECT IDLETIME and FREQ, RESTORE's options, CLIENT NO-TOUCH, TOUCH."""

from __future__ import annotations

import random

import pytest

from redislua_kernel import Engine, ResponseError
from tests.clock import Clock

LOOKS = ["TTL {}", "TYPE {}", "EXISTS {}", "OBJECT ENCODING {}", "MEMORY USAGE {}"]
USES = ["GET {}", "STRLEN {}", "APPEND {} x", "TOUCH {}", "EXPIRE {} 100", "DUMP {}"]


@pytest.fixture
def engine(clock: Clock) -> Engine:
    engine = Engine(clock=clock, rng=random.Random(1))
    engine.use_watch.ask()  # until then a clock that cannot be set tells of all uses
    return engine


def idle(engine: Engine, key: str) -> object:
    return engine.execute("OBJECT", "IDLETIME", key)


def frequency(engine: Engine, key: str) -> object:
    return engine.execute("OBJECT", "FREQ", key)


def use_lfu(engine: Engine, *, factor: int = 0) -> None:
    engine.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu", "lfu-log-factor", factor)


@pytest.mark.parametrize("line", LOOKS)
def test_looking_at_a_key_is_no_use_of_it(engine: Engine, clock: Clock, line: str) -> None:
    engine.execute("SET", "key", "v")
    assert idle(engine, "key") == 0
    clock.advance(3)
    engine.execute(*line.format("key").split())
    assert idle(engine, "key") == 3


@pytest.mark.parametrize("line", USES)
@pytest.mark.parametrize("caller", ["client", "script"])
def test_a_key_is_idle_since_its_last_use(
    engine: Engine, clock: Clock, line: str, caller: str
) -> None:
    engine.execute("SET", "key", "v")
    assert idle(engine, "key") == 0
    clock.advance(3)
    words = line.format("key").split()
    if caller == "client":
        engine.execute(*words)
    else:
        engine.execute("EVAL", "return redis.call(unpack(ARGV))", 0, *words)
    assert idle(engine, "key") == 0
    clock.advance(2)
    assert idle(engine, "key") == 2


def test_before_anybody_asks_all_keys_count_as_used_when_any_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine()
    engine.execute("SET", "key", "v")
    later = engine.use_watch.last_use + 10
    monkeypatch.setattr("redislua_kernel.engine.eviction.use_watch.monotonic", lambda: later)
    engine.execute("TTL", "key")
    assert idle(engine, "key") == 10


def test_a_key_that_is_gone_has_no_idle_time(engine: Engine) -> None:
    assert idle(engine, "key") is None
    assert frequency(engine, "key") is None


def test_each_policy_keeps_one_of_the_two(engine: Engine) -> None:
    engine.execute("SET", "key", "v")
    with pytest.raises(ResponseError, match=r"^ERR An LFU maxmemory policy is not selected"):
        frequency(engine, "key")
    use_lfu(engine)
    with pytest.raises(ResponseError, match=r"^ERR An LFU maxmemory policy is selected"):
        idle(engine, "key")
    assert frequency(engine, "key") == 5


def test_a_new_key_has_a_start_and_each_use_may_count(engine: Engine) -> None:
    use_lfu(engine)
    engine.execute("SET", "key", "1")
    assert frequency(engine, "key") == 5
    for count, line in enumerate([*USES, "SET {} 2", "INCR {}"], 6):
        engine.execute(*line.format("key").split())
        assert frequency(engine, "key") == count
    engine.execute("RENAME", "key", "other")
    assert frequency(engine, "other") == 5


def test_the_count_grows_ever_more_slowly(engine: Engine) -> None:
    use_lfu(engine, factor=10)
    engine.execute("SET", "key", "v")
    engine.execute("EVAL", "for i = 1, 1000 do redis.call('GET', 'key') end", 0)
    count = frequency(engine, "key")
    assert isinstance(count, int)
    assert 10 < count < 30


def test_the_count_sinks_with_each_period_without_a_use(engine: Engine, clock: Clock) -> None:
    use_lfu(engine)
    engine.execute("CONFIG", "SET", "lfu-decay-time", 2)
    engine.execute("SET", "key", "v")
    clock.advance(5 * 60)
    assert frequency(engine, "key") == 3
    clock.advance(60 * 60)
    assert frequency(engine, "key") == 0
    engine.execute("CONFIG", "SET", "lfu-decay-time", 0)
    assert frequency(engine, "key") == 5


def test_restore_sets_what_the_policy_keeps(engine: Engine) -> None:
    engine.execute("SET", "key", "v")
    payload = engine.execute("DUMP", "key")
    assert isinstance(payload, bytes)
    engine.execute("RESTORE", "key", 0, payload, "REPLACE", "IDLETIME", 1000)
    assert idle(engine, "key") == 1000
    engine.execute("RESTORE", "key", 0, payload, "REPLACE", "FREQ", 99)
    assert idle(engine, "key") == 0
    use_lfu(engine)
    engine.execute("RESTORE", "key", 0, payload, "REPLACE", "FREQ", 99)
    assert frequency(engine, "key") == 99
    engine.execute("RESTORE", "key", 0, payload, "REPLACE", "IDLETIME", 1000)
    assert frequency(engine, "key") == 5


def test_a_client_that_does_not_touch_uses_keys_by_touch_alone(
    engine: Engine, clock: Clock
) -> None:
    shy, other = engine.client(), engine.client()
    engine.execute("SET", "key", "v")
    shy.execute("CLIENT", "NO-TOUCH", "ON")
    clock.advance(3)
    shy.execute("GET", "key")
    shy.execute("EVAL", "redis.call('APPEND', 'key', 'w')", 0)
    assert idle(engine, "key") == 3
    shy.execute("TOUCH", "key")
    assert idle(engine, "key") == 0
    clock.advance(3)
    other.execute("GET", "key")
    assert idle(engine, "key") == 0
    clock.advance(3)
    shy.execute("CLIENT", "NO-TOUCH", "OFF")
    shy.execute("GET", "key")
    assert idle(engine, "key") == 0
    assert not engine.conditions.has_no_touch


def test_a_client_that_leaves_no_longer_counts_among_those(engine: Engine) -> None:
    shy = engine.client()
    shy.execute("CLIENT", "NO-TOUCH", "ON")
    assert engine.conditions.has_no_touch
    engine.disconnect(shy)
    assert not engine.conditions.has_no_touch
    shy = engine.client()
    shy.execute("CLIENT", "NO-TOUCH", "ON")
    shy.execute("RESET")
    assert not engine.conditions.has_no_touch


def test_keys_are_kept_in_plain_tables_while_nobody_asks() -> None:
    engine = Engine()
    engine.execute("SET", "key", "v")
    assert engine.keyspace[0].entries.__class__ is dict
    engine.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    assert engine.keyspace[0].entries.__class__ is not dict
    engine.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    assert engine.keyspace[0].entries.__class__ is dict
    assert engine.execute("GET", "key") == b"v"
