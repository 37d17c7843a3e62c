"""The turns of a server's loop, and rates."""

from __future__ import annotations

from redislua_kernel.engine.loop_counts import LoopCounts, Rates


def test_without_two_samples_there_is_no_rate() -> None:
    counts = LoopCounts()
    counts.sample(0.0, 0, 0, 0)
    assert counts.rates() == Rates()


def test_rates_are_those_between_the_first_sample_and_the_last_of_sixteen() -> None:
    counts = LoopCounts()
    for number in range(20):
        counts.sample(number / 10, 5 * number, 1024 * number, 2048 * number)
        counts.add(0.002)
    assert counts.rates() == Rates(10, 2000, 50, 10.0, 20.0)
    assert counts.longest == 0.002
