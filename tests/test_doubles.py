"""Doubles are printed digit for digit as redis-server 8.2.3 prints them."""

from __future__ import annotations

import random
import struct

import pytest

from redislua_kernel.doubles import format_double


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, b"0"),
        (-0.0, b"-0"),
        (3.0, b"3"),
        (float("inf"), b"inf"),
        (float("-inf"), b"-inf"),
        (float("nan"), b"nan"),
        (0.1 + 0.2, b"0.30000000000000004"),
        (1e17, b"100000000000000000"),
        (1e21, b"1e+21"),
        (2.0**62 * 1.5, b"6917529027641082000"),
        (1e-5, b"0.00001"),
        (1e-7, b"1e-7"),
        (0.00012345678, b"1.2345678e-4"),
        (5e-324, b"5e-324"),
        (1e-310, b"1e-310"),
        (-1.7976931348623157e308, b"-1.7976931348623157e+308"),
    ],
)
def test_a_double_is_printed_in_its_short_form(value: float, shown: bytes) -> None:
    assert format_double(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1e23, b"99999999999999990000000"),
        (797.719596218964, b"797.7195962189641"),
        (-821416.44081, b"-8.214164408099999e+5"),
        (1512785873770245.2, b"1512785873770245.3"),
    ],
)
def test_digits_are_grisus_even_where_python_finds_shorter_ones(value: float, shown: bytes) -> None:
    assert format_double(value) == shown


def test_every_double_reads_back_the_same() -> None:
    rng = random.Random(7)
    for _ in range(5000):
        (value,) = struct.unpack("d", struct.pack("Q", rng.getrandbits(64)))
        if value == value:
            assert float(format_double(value)) == value


def test_zeros_keep_their_signs_in_a_row_of_doubles() -> None:
    for _ in range(2):  # what was shown is remembered
        assert [*map(format_double, [0.0, -0.0, 1.5, 0.0])] == [b"0", b"-0", b"1.5", b"0"]
