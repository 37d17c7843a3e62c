"""LATENCY: the events that took long, told as lists, a graph and a report."""

from __future__ import annotations

from math import inf

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.hand_clock import HandClock
from redislua_kernel.engine.keyspace import system_clock
from redislua_kernel.errors import ResponseError


@pytest.fixture
def clock() -> HandClock:
    return HandClock(system_clock)


@pytest.fixture
def engine(clock: HandClock) -> Engine:
    clock.stop(1_000_000_000_000_000)
    engine = Engine(clock=clock)
    engine.execute("CONFIG", "SET", "latency-monitor-threshold", 10)
    ignore_commands(engine)
    return engine


def ignore_commands(engine: Engine) -> None:
    """Take none for slow, as any may be on a busy machine, until a setting changes."""
    engine.slow_calls.threshold = inf


def spikes(engine: Engine, clock: HandClock, *milliseconds: int) -> None:
    """Let one second after the other have a spike."""
    for each in milliseconds:
        engine.latency.note(b"command", each / 1000)
        clock.advance(1_000_000)
        engine.execute("PING")


def test_nothing_is_noted_without_a_threshold() -> None:
    engine = Engine()
    engine.execute("DEBUG", "SLEEP", 0.02)
    assert engine.execute("LATENCY", "LATEST") == []
    assert b"not monitored" in bytes(engine.execute("LATENCY", "DOCTOR"))


def test_slow_commands_are_events_by_whether_they_have_the_flag_fast(engine: Engine) -> None:
    client = engine.client()
    engine.execute("CONFIG", "SET", "latency-monitor-threshold", 10)
    engine.execute("DEBUG", "SLEEP", 0.02)
    ignore_commands(engine)
    engine.slow_calls.note(client, [b"GET", b"key"], 0.012)
    engine.slow_calls.note(client, [b"GET"], 1)  # did not even begin
    (command, _, sleep, worst), fast = engine.execute("LATENCY", "LATEST")
    assert command == b"command"
    assert sleep == worst >= 20
    assert fast == [b"fast-command", 1_000_000_000, 12, 12]


def test_a_slow_call_of_a_script_is_an_event_too(engine: Engine) -> None:
    engine.execute("DEBUG", "POPULATE", 100_000)
    engine.execute("CONFIG", "SET", "latency-monitor-threshold", 1)
    engine.execute("EVAL", "return #redis.call('KEYS', '*')", 0)
    assert engine.execute("LATENCY", "HISTORY", "command")
    engine.execute("LATENCY", "RESET")
    engine.execute("CONFIG", "SET", "latency-monitor-threshold", 0)
    engine.execute("EVAL", "return #redis.call('KEYS', '*')", 0)
    assert engine.execute("LATENCY", "LATEST") == []


def test_of_a_second_the_worst_is_kept_and_of_all_the_last_160(
    engine: Engine, clock: HandClock
) -> None:
    for milliseconds in (20, 30, 25):
        engine.latency.note(b"command", milliseconds / 1000)
    assert engine.execute("LATENCY", "HISTORY", "command") == [[1_000_000_000, 30]]
    spikes(engine, clock, *range(40, 240))
    history = engine.execute("LATENCY", "HISTORY", "command")
    assert len(history) == 160
    assert history[-1] == [1_000_000_199, 239]
    assert engine.execute("LATENCY", "HISTORY", "nothing") == []


def test_reset_forgets_and_counts(engine: Engine, clock: HandClock) -> None:
    spikes(engine, clock, 10)
    assert engine.execute("LATENCY", "RESET", "nothing") == 0
    assert engine.execute("LATENCY", "RESET", "COMMAND", "command") == 1
    spikes(engine, clock, 10)
    assert engine.execute("LATENCY", "RESET") == 1
    assert engine.execute("LATENCY", "LATEST") == []


def test_a_graph_draws_bars_above_their_ages(engine: Engine, clock: HandClock) -> None:
    spikes(engine, clock, 50, 10, 14, 20, 30, 44)
    clock.advance(58_000_000)
    engine.execute("PING")
    assert bytes(engine.execute("LATENCY", "GRAPH", "command")).decode() == (
        "command - high 50 ms, low 10 ms (all time high 50 ms)\n" + "-" * 80 + "\n"
        "#    o\n"
        "|   _|\n"
        "|  _||\n"
        "|_o|||\n"
        "      \n"
        "111115\n"
        "mmmmm9\n"
        "     s\n"
    )
    with pytest.raises(ResponseError, match="No samples available for event 'nothing'"):
        engine.execute("LATENCY", "GRAPH", "nothing")


def test_the_doctor_counts_spikes_and_gives_advice(engine: Engine, clock: HandClock) -> None:
    assert b"No latency spike" in bytes(engine.execute("LATENCY", "DOCTOR"))
    spikes(engine, clock, 10, 30, 20, 40)
    engine.execute("CONFIG", "SET", "slowlog-log-slower-than", 50000)
    ignore_commands(engine)
    report = bytes(engine.execute("LATENCY", "DOCTOR")).decode()
    assert (
        "\n1. command: 4 latency spikes (average 25ms, mean deviation 10ms, period 1.00 sec). "
        "Worst all time event 40ms.\n"
    ) in report
    assert "CONFIG SET slowlog-log-slower-than 10000" in report
    for event in (b"fast-command", b"expire-cycle", b"eviction-del", b"eviction-cycle"):
        engine.execute("LATENCY", "RESET")
        engine.latency.note(event, 1)
        report = bytes(engine.execute("LATENCY", "DOCTOR")).decode()
        assert f"1. {event.decode()}: 1 latency spikes (average 1000ms" in report
        assert "\nWhat may help:\n\n- " in report


def test_eviction_is_an_event(engine: Engine) -> None:
    engine.execute("DEBUG", "POPULATE", 20_000)
    engine.execute("CONFIG", "SET", "latency-monitor-threshold", 1)
    engine.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    engine.execute("CONFIG", "SET", "maxmemory-eviction-tenacity", 100)
    engine.execute("CONFIG", "SET", "maxmemory", 1_000_000)
    engine.execute("PING")
    assert engine.execute("LATENCY", "HISTORY", "eviction-cycle")
