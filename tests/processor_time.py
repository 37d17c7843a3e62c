"""How much a process has worked: a measure that other work on the machine does not change."""

import psutil

__all__ = ["processor_seconds"]


def processor_seconds(pid: int) -> float:
    """The seconds of processor time that a process has had so far."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
