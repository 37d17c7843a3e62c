"""How much memory this process may take, as machine, container and shell limit it, and takes.

What Python and Lua have freed the C library may keep: most of it where threads other than the
main one asked for strings of some megabytes.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

__all__ = [
    "address_space",
    "address_space_limit",
    "give_back_free_memory",
    "resident_memory",
    "usable_memory",
]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_CGROUPS = Path("/sys/fs/cgroup")


@cache
def usable_memory() -> int:
    """Give the bytes that there are for this process at most."""
    physical = os.sysconf("SC_PHYS_PAGES") * _PAGE
    return min(physical, address_space_limit() or sys.maxsize, *_group_limits())


def address_space_limit() -> int | None:
    """Give what `ulimit -v` lets the process take; None: as much as it likes."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def resident_memory() -> int:
    """Give the bytes that the process takes, whatever for; 0 where the system does not tell."""
    return _statm(1)


def address_space() -> int:
    """Give the bytes that the process has asked for, used or not; 0 if the system is silent."""
    return _statm(0)


def give_back_free_memory() -> None:
    """Let the system have what the process has freed; any thread may, others go on meanwhile."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Find the function of the C library that does so; None: it has none."""
    import ctypes  # noqa: PLC0415  # costs milliseconds, and few processes grow so large

    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


def _statm(place: int) -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[place]) * _PAGE
    except OSError:  # not Linux
        return 0


def _group_limits() -> Iterator[int]:
    """Give the limits of the control groups that the process is in, and those they are in."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            root = _CGROUPS / controllers
            name = "memory.limit_in_bytes" if controllers else "memory.max"
            group = root / path.lstrip("/")
            for place in (group, *group.parents):
                limit = _number_in(place / name)
                if limit is not None:
                    yield limit
                if place == root:
                    break


def _number_in(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # no such group; "max"
        return None
