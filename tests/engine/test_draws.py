"""Random elements: only what is there, all of it in the long run, and at a small cost."""

from __future__ import annotations

import random

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.draws import Pools, draw, sample


@pytest.mark.parametrize("count", [1, 1000, 3000])
def test_a_sample_has_different_elements_and_a_draw_may_repeat_them(count: int) -> None:
    rng = random.Random(1)
    elements = [b"%d" % number for number in range(3000)]
    assert len(set(sample(elements, count, rng))) == count
    assert len(draw(elements[:7], count, rng)) == count
    assert set(draw(elements[:7], 2000, rng)) == set(elements[:7])


def test_a_pool_follows_what_comes_and_goes() -> None:
    rng, pools, dirty = random.Random(1), Pools(), 0
    container = {b"%d" % number: 0 for number in range(5000)}
    for number in range(5000):
        assert pools.pick(container, rng, dirty, container.__contains__) in container
        del container[b"%d" % number]
        container[b"new%d" % number] = 0
        dirty += 2
    container.clear()
    assert pools.pick(container, rng, dirty + 5000, container.__contains__) is None


def test_fields_are_drawn_from_large_hashes_without_listing_them_each_time() -> None:
    engine = Engine()
    fields = [b"f%d" % number for number in range(4000)]
    engine.execute("HSET", "h", *(word for field in fields for word in (field, "v")))
    assert {engine.execute("HRANDFIELD", "h") for _ in range(50)} <= set(fields)
    assert len(set(engine.execute("HRANDFIELD", "h", 100))) == 100
    assert len(engine.execute("HRANDFIELD", "h", -300)) == 300
    assert set(engine.execute("HRANDFIELD", "h", 10_000)) == set(fields)
    engine.execute("HDEL", "h", *fields[1:])
    assert {engine.execute("HRANDFIELD", "h") for _ in range(50)} == {fields[0]}
