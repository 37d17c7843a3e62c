"""The memory that keys take: counted when somebody asks, and what MEMORY and INFO tell."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.memory import gauge


def test_each_key_and_its_expiry_take_memory() -> None:
    engine = Engine()
    empty = engine.used_memory()
    engine.execute("SET", "k", "v" * 1000)
    once = engine.used_memory()
    assert 1000 < once - empty < 1100
    engine.execute("EXPIRE", "k", 100)
    assert once < engine.used_memory() < once + 100
    engine.execute("DEL", "k")
    assert engine.used_memory() == empty


def test_a_count_that_takes_long_is_used_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]

    def monotonic() -> float:
        now[0] += 0.5
        return now[0]

    monkeypatch.setattr(gauge, "monotonic", monotonic)
    engine = Engine()
    empty = engine.used_memory()
    engine.execute("SET", "k", "v")
    assert engine.used_memory() == empty
    now[0] += 20
    assert engine.used_memory() > empty


def test_the_peak_stays_until_the_counters_are_reset() -> None:
    engine = Engine()
    engine.execute("SET", "k", "v" * 1000)
    most = engine.used_memory()
    engine.execute("DEL", "k")
    assert engine.memory.report().peak == most
    engine.execute("CONFIG", "RESETSTAT")
    assert engine.memory.report().peak == engine.used_memory() < most


def test_memory_stats_add_up() -> None:
    engine = Engine()
    for number in range(100):
        engine.execute("SET", number, "v" * 100, "EX", 1000)
    stats = engine.execute("MEMORY", "STATS")
    assert isinstance(stats, dict)
    assert stats[b"keys.count"] == 100
    overhead, data = stats[b"overhead.total"], stats[b"dataset.bytes"]
    assert isinstance(overhead, int)
    assert isinstance(data, int)
    assert overhead + data == stats[b"total.allocated"]
    assert set(stats[b"db.0"]) == {  # type: ignore[call-overload]
        b"overhead.hashtable.main",
        b"overhead.hashtable.expires",
    }


def test_the_doctor_finds_nothing_in_little_memory_and_nothing_wrong_in_much() -> None:
    engine = Engine()
    assert b"very little memory" in engine.execute("MEMORY", "DOCTOR")  # type: ignore[operator]
    engine.execute("SETRANGE", "k", 6 << 20, "x")
    assert b"can't find any memory issue" in engine.execute("MEMORY", "DOCTOR")  # type: ignore[operator]
