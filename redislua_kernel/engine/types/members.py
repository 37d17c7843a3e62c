"""What several tables of members have in common, and what one has alone, worked out in C."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse

from redislua_kernel.engine.interrupts import interruptible

__all__ = ["in_all", "in_first_alone"]

#: A table whose keys are the members.
Table = Mapping[bytes, object]


def in_all(tables: Sequence[Table]) -> Iterable[bytes]:
    """Give the members that all tables have, in the order of the smallest one."""
    smallest, *others = sorted(tables, key=len)
    common = interruptible(smallest)
    for other in others:
        common = filter(other.__contains__, common)
    return common


def in_first_alone(first: Table, others: Sequence[Table]) -> Iterable[bytes]:
    """Give the members of a table that no other has, in its order."""
    alone = interruptible(first)
    for other in others:
        alone = filterfalse(other.__contains__, alone)
    return alone
