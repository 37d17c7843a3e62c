"""How a test waits for what another thread or process does."""

import time
from collections.abc import Callable

__all__ = ["wait_until"]

#: After so many seconds it does not happen any more, on the slowest machine.
_SECONDS = 60


def wait_until(holds: Callable[[], object]) -> None:
    """Ask again and again until something holds; the test fails when it takes too long."""
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
