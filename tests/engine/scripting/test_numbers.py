"""Runs of numbers: each is packed as it would be alone."""

import math
import struct

import pytest

from redislua_kernel.engine.scripting.numbers import pack_numbers, read_numbers


@pytest.mark.parametrize("numbers", [[0.5, -1.25, 2**-140], [0.1, 1e300, -1e-310], [2**32, 2**62]])
def test_numbers_of_one_kind_come_back(numbers: list[float]) -> None:
    packed = pack_numbers(*numbers)
    assert packed is not None
    assert list(read_numbers(packed)) == numbers


def test_each_fraction_is_a_float_if_it_survives_that() -> None:
    packed = pack_numbers(0.5, 0.1, math.inf, math.nan)
    assert packed is not None
    assert [packed[0], packed[5], packed[14], packed[19]] == [0xCA, 0xCB, 0xCA, 0xCB]


@pytest.mark.parametrize("values", [(1.5, 2), (2**32, b"x"), (1.5, True), (2**32, 1), (None,)])
def test_other_values_are_left_alone(values: tuple[object, ...]) -> None:
    assert pack_numbers(*values) is None


def test_reading_stops_at_another_kind_and_at_the_end_of_the_data() -> None:
    data = struct.pack(">BHBHBB", 0xCD, 1, 0xCD, 2, 0xCC, 3)
    assert read_numbers(data) == (1, 2)
    assert read_numbers(data[:4]) == (1,)
