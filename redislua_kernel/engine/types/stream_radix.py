"""How many nodes the reference's radix tree has that finds a stream's nodes: XINFO tells it.

Its keys are the ids at which the stream's nodes start, of 16 bytes each. It has a node for each
run of bytes that keys share, for each fork and for each key's end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.engine.types.stream_node import Node

__all__ = ["count_of_one", "count_of_tree"]

_SIZE = 16
_first = attrgetter("first")


def count_of_tree(nodes: Sequence[Node]) -> int:
    """Count the nodes of the tree over some nodes of a stream."""
    return _count([_number(node.first).to_bytes(_SIZE, "big") for node in nodes], 0) if nodes else 1


def _count(keys: list[bytes], depth: int) -> int:
    """Count the nodes below a common prefix of `depth` bytes: runs, forks and leaves."""
    if depth == _SIZE:
        return 1
    first, last = keys[0], keys[-1]
    shared = depth
    while shared < _SIZE and first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return 1 + _count(keys, shared)
    forks = groupby(keys, key=lambda key: key[depth])
    return 1 + sum(_count(list(group), depth + 1) for _, group in forks)


def count_of_one(nodes: Sequence[Node], place: int) -> int:
    """Count the nodes of the tree that are there only for the key at a place; looks at few keys."""
    if len(nodes) == 1:
        return 1  # an empty tree has one, too
    key = _number(nodes[place].first)

    def shared(other: int) -> int:
        """Give how many bytes the key shares with that of another place, if there is one."""
        return _shared(key, nodes[other].first) if 0 <= other < len(nodes) else -1

    # Where the key leaves the others.
    fork = max(shared(place - 1), shared(place + 1))
    own = 1 if fork == _SIZE - 1 else 2
    below = 8 * (_SIZE - fork)
    least = key >> below << below
    low = bisect_left(nodes, _id(least), key=_first)
    high = bisect_right(nodes, _id(least | (1 << below) - 1), key=_first)
    # Those that share with it what comes before: the first and the last of them.
    first, last = low + (low == place), high - 1 - (high - 1 == place)
    ends = _shared(_number(nodes[first].first), nodes[last].first)
    if ends == fork:
        return own
    # Without the key there is no fork there, but one run.
    begins = 1 + max(shared(low - 1), shared(high))
    return own + (fork > begins) + (ends > fork + 1)


def _shared(key: int, other: Id) -> int:
    return _SIZE - ((key ^ _number(other)).bit_length() + 7) // 8


def _number(entry_id: Id) -> int:
    return entry_id[0] << 64 | entry_id[1]


def _id(number: int) -> Id:
    return number >> 64, number & (1 << 64) - 1
