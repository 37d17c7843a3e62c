"""How much a process has worked: a measure that other work on the machine does not change."""

import sys
import time
from collections.abc import Callable

__all__ = ["processor_timer"]


def processor_timer(pid: int) -> Callable[[], float]:
    """Give what tells the processor time of a process; elsewhere than on Linux, the time of day."""
    if sys.platform != "linux":
        return time.perf_counter
    clock = ~pid << 3 | 2  # as clock_getcpuclockid makes it
    return lambda: time.clock_gettime(clock)
