"""The count of nodes in the reference's radix tree, kept up to date as a stream's nodes change."""

from __future__ import annotations

import random

import pytest

from redislua_kernel.engine.types.stream_node import Node
from redislua_kernel.engine.types.stream_radix import count_of_one, count_of_tree


@pytest.mark.parametrize("spread", [3, 300, 1 << 20, 1 << 70, 1 << 128])
def test_one_node_counts_for_what_the_tree_is_smaller_without_it(spread: int) -> None:
    rng = random.Random(spread)
    for size in range(1, 40):
        numbers = sorted({rng.randrange(spread) for _ in range(size)})
        nodes = [Node((number >> 64, number & (1 << 64) - 1), ()) for number in numbers]
        for place in range(len(nodes)):
            rest = nodes[:place] + nodes[place + 1 :]
            assert count_of_one(nodes, place) == count_of_tree(nodes) - count_of_tree(rest)
