"""Refreshing once for all who ask, and not most of the time."""

import threading
import time

from redislua_kernel.widgets.refresher import Refresher
from tests.waiting import wait_until


class Counter:
    def __init__(self, seconds: float = 0.0) -> None:
        self.runs: list[float] = []
        self.ran = threading.Event()
        self._seconds = seconds

    def __call__(self) -> None:
        time.sleep(self._seconds)
        self.runs.append(time.monotonic())
        self.ran.set()


def due(refresher: Refresher) -> int:
    """Tell how many runs are still to come, or on their way."""
    timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    return [each.function for each in timers].count(refresher._run)


def test_many_who_ask_are_served_at_once() -> None:
    counter = Counter()
    refresher = Refresher(counter)
    for _ in range(100):
        refresher.ask(60)
    assert due(refresher) == 1
    refresher.stop()


def test_who_cannot_wait_is_served_first_and_the_others_with_him() -> None:
    counter = Counter()
    refresher = Refresher(counter)
    refresher.ask(60)
    refresher.ask(0)
    assert counter.ran.wait(20)
    wait_until(lambda: due(refresher) == 0)
    assert len(counter.runs) == 1


def test_it_rests_longer_than_it_works() -> None:
    counter = Counter(0.02)
    refresher = Refresher(counter)
    refresher.ask(0)
    assert counter.ran.wait(20)
    counter.ran.clear()
    refresher.ask(0)
    assert counter.ran.wait(20)
    assert counter.runs[1] - counter.runs[0] >= 0.1


def test_what_is_stopped_does_not_come() -> None:
    counter = Counter()
    refresher = Refresher(counter)
    refresher.ask(60)
    refresher.stop()
    wait_until(lambda: due(refresher) == 0)
    assert counter.runs == []
