"""INFO's keysizes: how many keys have about 1, 2, 4, … bytes or elements, by type."""

from __future__ import annotations

from collections import Counter

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Stored, as_value

__all__ = ["key_sizes"]

#: The types in the order of their lines. Streams have none.
_LINES = {
    RawString: "strings_sizes",
    List: "lists_items",
    Set: "sets_items",
    SortedSet: "zsets_items",
    Hash: "hashes_items",
}
_UNITS = "KMGTPE"

#: What is only measured is nobody's.
_NOBODY = Journal()


def key_sizes(database: Database) -> dict[str, str]:
    """Give the lines of a database: for each type, how many keys have which size."""
    counts = {line: Counter[int]() for line in _LINES.values()}
    for stored in interruptible(list(database.entries.values())):
        line, size = _measure(stored)
        if line:
            counts[line][size.bit_length()] += 1
    return {
        f"db{database.index}_distrib_{line}": ",".join(
            f"{_least(bits)}={count}" for bits, count in sorted(found.items())
        )
        for line, found in counts.items()
        if found
    }


def _measure(stored: Stored) -> tuple[str, int]:
    value = as_value(stored, _NOBODY)
    if isinstance(value, bytes):
        return _LINES[RawString], len(value)
    if isinstance(value, RawString):
        return _LINES[RawString], len(value.data)
    for kind in (List, Set, SortedSet, Hash):
        if isinstance(value, kind):
            return _LINES[kind], len(value)
    return "", 0


def _least(bits: int) -> str:
    """Write the least number of so many bits: 0, 1, 2, … 512, 1K, 2K, …"""
    if bits == 0:
        return "0"
    thousands, rest = divmod(bits - 1, 10)
    return f"{1 << rest}{_UNITS[thousands - 1] if thousands else ''}"
