"""The long doubles in which INCRBYFLOAT counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.long_doubles import format_long_double, parse_long_double

ZEROS = b"0" * 30


@given(st.from_regex(rb"-?[0-9]{0,9}\.[0-9]{1,9}", fullmatch=True))
def test_a_short_decimal_is_the_number_that_it_is_with_more_zeros(word: bytes) -> None:
    number = parse_long_double(word)
    assert number == parse_long_double(word + ZEROS)
    assert float(format_long_double(number)) == pytest.approx(float(word))


@pytest.mark.parametrize("word", [b"", b"-", b".", b"-.", b"--1", b"1.2.3", b"1 ", b"1_0", b"\xb2"])
def test_what_only_looks_like_a_short_decimal_is_refused(word: bytes) -> None:
    with pytest.raises(CommandError, match="not a valid float"):
        parse_long_double(word)
