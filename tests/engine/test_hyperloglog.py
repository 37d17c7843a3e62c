"""HyperLogLog values, below the commands."""

from __future__ import annotations

import random

from redislua_kernel.engine.hyperloglog import (
    estimate_of,
    locate_all,
    make_dense,
    new,
    raise_registers,
    read_registers,
)
from redislua_kernel.engine.hyperloglog.murmur import locate, locate_alike
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.string import RawString

ELEMENTS = [b"%d" % (7**number) for number in range(300)]


def test_elements_located_together_are_where_each_alone_is() -> None:
    rng = random.Random(1)
    for length in range(40):
        alike = [rng.randbytes(length) for _ in range(20)]
        assert list(locate_alike(alike)) == list(map(locate, alike))


def test_many_elements_are_located_as_each_alone() -> None:
    alone = [place for element in ELEMENTS for place in locate_all([element])]
    assert list(locate_all(ELEMENTS)) == alone


def test_adding_at_once_leaves_the_bytes_that_adding_one_by_one_leaves() -> None:
    for limit in (60, 400, 3000):
        at_once, one_by_one = (RawString(new(), Journal()) for _ in range(2))
        changes = raise_registers(at_once, locate_all(ELEMENTS), limit)
        alone = [raise_registers(one_by_one, locate_all([element]), limit) for element in ELEMENTS]
        assert changes == sum(alone)
        assert at_once.data == one_by_one.data


def test_adding_can_be_undone_in_both_encodings() -> None:
    for limit in (60, 3000):
        journal = Journal()
        text = RawString(new(), journal)
        raise_registers(text, locate_all(ELEMENTS), limit)
        journal.rollback()
        assert text.data == new()
        raise_registers(text, locate_all(ELEMENTS[:1]), limit)
        assert sum(map(bool, read_registers(text))) == 1


def test_what_anybody_else_has_changed_is_read_anew() -> None:
    text = RawString(new(), Journal())
    raise_registers(text, locate_all(ELEMENTS))
    before = bytes(read_registers(text))
    text.data[16:] = b"\x7f\xff"
    assert not any(read_registers(text))
    text.journal.rollback()
    raise_registers(text, locate_all(ELEMENTS))
    assert read_registers(text) == before


def test_few_and_many_changes_of_a_dense_value_leave_the_same_bytes() -> None:
    at_once, one_by_one = (RawString(new(), Journal()) for _ in range(2))
    for text in (at_once, one_by_one):
        make_dense(text)
    raise_registers(at_once, locate_all(ELEMENTS))
    for element in ELEMENTS:
        raise_registers(one_by_one, locate_all([element]))
    assert at_once.data == one_by_one.data
    assert estimate_of(at_once) == estimate_of(one_by_one)
