"""Feeds targets, in a process of its own: `python -m tests.fuzz.child` (see `guard`).

An input that kills the process, or does not end, is found in a file: each is written there before
it is taken.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path

from tests.fuzz.corpus import read_corpus
from tests.fuzz.mutation import reduced
from tests.fuzz.outcome import Order, Outcome
from tests.fuzz.target import Input, Target
from tests.fuzz.targets import TARGETS

#: The address space that the process may have: room for the stacks of threads and no bomb.
_MOST_MEMORY = 8 << 30
#: How long leaving pieces out may take, in seconds.
_REDUCING = 20


class Feeder:
    """Feeds one target as ordered."""

    def __init__(self, order: Order, name: str, scratch: Path) -> None:
        self._order = order
        self._name = name
        self._scratch = scratch
        self._started, self._busy = time.monotonic(), time.process_time()
        self._target: Target = TARGETS[name](order.reference and Path(order.reference))

    def feed(self) -> Outcome:
        """Feed the target until something goes wrong, or all is done."""
        place = 0
        try:
            for place, given in enumerate(self._inputs(), 1):
                error = self._error_of(given, place)
                if error is not None:
                    return self._outcome(place, repr(self._reduced(given, error)), error)
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._target.close()
        return self._outcome(place)

    def _outcome(self, place: int, *wrong: str) -> Outcome:
        seconds, busy = time.monotonic() - self._started, time.process_time() - self._busy
        return Outcome(self._name, place, seconds, busy, *wrong)

    def _inputs(self) -> Iterator[Input]:
        yield from (each.given for each in read_corpus(self._name))
        end = self._started + (self._order.seconds or 0)
        for number in count():
            if self._order.seconds is None:
                if number == self._target.count:
                    return
            elif time.monotonic() > end:
                return
            yield self._target.write(random.Random(f"{self._order.seed}/{number}"))

    def _error_of(self, given: Input, place: int) -> str | None:
        """Let the target take an input; give what went wrong."""
        self._scratch.write_text(f"{place}\n{given!r}")
        faulthandler.dump_traceback_later(self._target.patience, exit=True)
        try:
            self._target.check(given)
        except BaseException:  # an interrupt that got away, too
            return traceback.format_exc()
        return None

    def _reduced(self, given: Input, error: str) -> Input:
        """Give the least of an input with which the same goes wrong."""
        kind, end = error.splitlines()[-1].partition(":")[0], time.monotonic() + _REDUCING

        def is_still_wrong(shorter: Input) -> bool:
            if time.monotonic() > end:
                return False
            found = self._error_of(shorter, 0)
            return found is not None and found.splitlines()[-1].startswith(kind)

        return reduced(given, is_still_wrong)


def _end_with_parent() -> None:
    """End, and let a reference that was started end, once nobody is there who gave the order."""
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


def main(order: Order, scratch: Path) -> None:
    """Feed the targets; tell what came of each."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    for name in order.targets:
        print(json.dumps(asdict(Feeder(order, name, scratch).feed())), flush=True)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        os.chdir(directory)  # what cells write goes there
        main(Order(**json.loads(sys.argv[1])), Path(sys.argv[2]))
        os.chdir("/")
    os._exit(0)  # threads that were left behind are not waited for
