"""How much memory all keys take together: what INFO shows, and maxmemory is compared with.

With a limit, the tables of keys measure themselves as they change (`eviction.watched`). Without one
nothing on the way of a command counts anything, and whoever asks has to wait for a count of all
keys; a count that took long is used again for ten times as long.
"""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.eviction.watched import WatchedEntries
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.memory.estimates import PER_KEY, STRING, value_memory
from redislua_kernel.engine.memory.machine import resident_memory
from redislua_kernel.engine.types.packed import Packed

__all__ = ["STARTUP", "MemoryGauge", "MemoryReport", "table_overhead"]

#: What an empty server takes, roughly: scripts and tables that exist before any key.
STARTUP = 900_000
#: A key's place in the table of keys, and in that of the times at which they expire.
PER_ENTRY, PER_EXPIRY = 16, 35

#: A count that took so many seconds is made anew whenever somebody asks.
_SHORT = 0.02


class MemoryReport(NamedTuple):
    """Where the memory goes, in bytes."""

    used: int
    #: The most that was seen, and when, in seconds since the epoch.
    peak: int
    peak_time: int
    #: What is no key and no value.
    overhead: int
    #: What the process takes, whatever for.
    resident: int

    @property
    def dataset(self) -> int:
        """What keys and values take."""
        return self.used - self.overhead

    @property
    def dataset_percentage(self) -> float:
        """The data's share in what came with them."""
        return 100 * self.dataset / max(self.used - STARTUP, 1)

    @property
    def peak_percentage(self) -> float:
        """What is used as a share of the most that was seen."""
        return 100 * self.used / self.peak

    @property
    def fragmentation(self) -> float:
        """What the process takes for each byte that is used."""
        return self.resident / self.used


class MemoryGauge:
    """Tells how much memory an engine's keys take, estimated as a server would take it."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        #: The most that was seen, and when, in seconds since the epoch.
        self.peak = STARTUP
        self.peak_time = keyspace.now // 1000
        self._counted = STARTUP
        self._counted_until = 0.0

    def used(self) -> int:
        """Give the bytes that are used."""
        used = STARTUP + self._data() if self._keyspace.uses is not None else self._count()
        if used > self.peak:
            self.peak, self.peak_time = used, self._keyspace.now // 1000
        return used

    def report(self) -> MemoryReport:
        """Tell where the memory goes."""
        used = self.used()
        tables = sum(sum(table_overhead(database)) for database in self._keyspace.databases)
        resident = resident_memory()
        return MemoryReport(used, self.peak, self.peak_time, STARTUP + tables, resident)

    def reset_peak(self) -> None:
        """Begin to look for the most anew."""
        self.peak = 0

    def _data(self) -> int:
        return sum(_memory(database) for database in self._keyspace.databases if database.entries)

    def _count(self) -> int:
        started = monotonic()
        if started > self._counted_until:
            self._counted = STARTUP + self._data()
            taken = monotonic() - started
            self._counted_until = monotonic() + 10 * taken if taken > _SHORT else 0
        return self._counted


def table_overhead(database: Database) -> tuple[int, int]:
    """Estimate the bytes that the tables of a database take, without what is in them."""
    return PER_ENTRY * len(database.entries), PER_EXPIRY * len(database.expires)


def _memory(database: Database) -> int:
    entries = database.entries
    overhead = sum(table_overhead(database))
    if isinstance(entries, WatchedEntries):
        return overhead + entries.memory()
    values = entries.values()
    strings = [value for value in values if value.__class__ is bytes]
    size = overhead + PER_KEY * len(entries) + sum(map(len, entries))
    size += STRING * len(strings) + sum(map(len, strings))
    if len(strings) < len(entries):
        size += sum(
            len(value) if isinstance(value, Packed) else value_memory(value)
            for value in interruptible(values)
            if value.__class__ is not bytes
        )
    return size
