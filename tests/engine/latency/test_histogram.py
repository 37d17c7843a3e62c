"""Latencies: classes, percentiles, and how INFO and LATENCY HISTOGRAM show them."""

from __future__ import annotations

from redislua_kernel import Engine
from redislua_kernel.engine.latency.histogram import Latencies


def test_percentiles_come_in_the_references_steps() -> None:
    latencies = Latencies()
    for microseconds in (9, 17, 37, 240):
        latencies.add([microseconds / 1e6])
    assert latencies.percentile(0) == 9.023
    assert latencies.percentile(50) == 17.023
    assert latencies.percentile(100) == 240.639


def test_a_histogram_cumulates_in_powers_of_two() -> None:
    latencies = Latencies()
    for microseconds in (0.5, 3, 10, 11, 30, 400, 400):
        latencies.add([microseconds / 1e6])
    assert latencies.cumulated() == {1: 1, 4: 2, 16: 4, 33: 5, 528: 7}


def test_info_shows_the_chosen_percentiles() -> None:
    engine = Engine()
    engine.execute("CONFIG", "SET", "latency-tracking-info-percentiles", "50.0 99.9")
    engine.execute("SET", "key", "value")
    line = b"latency_percentiles_usec_set:p50="
    assert line in engine.execute("INFO", "latencystats")
    engine.execute("CONFIG", "RESETSTAT")
    engine.execute("CONFIG", "SET", "latency-tracking", "no")
    engine.execute("SET", "key", "value")
    assert line not in engine.execute("INFO", "latencystats")


def test_latency_histogram_counts_the_calls_of_named_commands() -> None:
    engine = Engine()
    engine.execute("SET", "key", "value")
    engine.execute("CONFIG", "GET", "save")
    shown = engine.execute("LATENCY", "HISTOGRAM", "config", "nothing", "set")
    assert isinstance(shown, dict)
    assert list(shown) == [b"set", b"config|get"]
    assert shown[b"set"][b"calls"] == 1
    assert sum(shown[b"set"][b"histogram_usec"].values()) == 1
