"""Bitmaps and bitfields."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError


def test_a_bit_is_set_where_the_highest_bit_comes_first(engine: Engine) -> None:
    assert engine.execute("SETBIT", "k", 7, 1) == 0
    assert engine.execute("GET", "k") == b"\x01"
    assert engine.execute("SETBIT", "k", 7, 0) == 1
    assert engine.execute("GETBIT", "k", 1000) == 0


def test_counting_takes_ranges_in_bytes_and_bits(engine: Engine) -> None:
    engine.execute("SET", "k", "foobar")
    assert engine.execute("BITCOUNT", "k") == 26
    assert engine.execute("BITCOUNT", "k", 1, 1) == 6
    assert engine.execute("BITCOUNT", "k", 5, 30, "BIT") == 17
    assert engine.execute("BITCOUNT", "k", -1, -2) == 0


def test_ones_count_as_followed_by_zeros_unless_an_end_is_given(engine: Engine) -> None:
    engine.execute("SET", "k", b"\xff\xff")
    assert engine.execute("BITPOS", "k", 0) == 16
    assert engine.execute("BITPOS", "k", 0, 0, -1) == -1
    assert engine.execute("BITPOS", "k", 1, 5, 9, "BIT") == 5
    assert engine.execute("BITPOS", "none", 0) == 0


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("AND", b"\x80\x00"), ("OR", b"\xfc\x0f"), ("XOR", b"\x7c\x0f"),
        ("DIFF", b"\x70\x00"), ("DIFF1", b"\x0c\x0f"), ("ANDOR", b"\x80\x00"), ("ONE", b"\x7c\x0f"),
    ],
)  # fmt: skip
def test_strings_are_combined_bit_by_bit(engine: Engine, operation: str, expected: bytes) -> None:
    engine.execute("SET", "a", b"\xf0")
    engine.execute("SET", "b", b"\x8c\x0f")
    assert engine.execute("BITOP", operation, "d", "a", "b") == 2
    assert engine.execute("GET", "d") == expected


def test_combining_nothing_deletes_the_destination(engine: Engine) -> None:
    engine.execute("SET", "d", "x")
    assert engine.execute("BITOP", "NOT", "d", "none") == 0
    assert engine.execute("EXISTS", "d") == 0


def test_fields_wrap_saturate_or_fail(engine: Engine) -> None:
    assert engine.execute(
        "BITFIELD", "k", "SET", "u8", 0, 255, "INCRBY", "u8", 0, 1, "GET", "i8", 0
    ) == [0, 0, 0]
    words = ("INCRBY", "i5", "#3", 100)
    assert engine.execute("BITFIELD", "k", "OVERFLOW", "SAT", *words) == [15]
    assert engine.execute("BITFIELD", "k", "OVERFLOW", "FAIL", *words) == [None]
    assert engine.execute("BITFIELD_RO", "k", "GET", "i5", "#3") == [15]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("SETBIT", "k", -1, 1), "bit offset is not an integer or out of range"),
        (("SETBIT", "k", 1 << 32, 1), "bit offset is not an integer or out of range"),
        (("SETBIT", "k", 1, 2), "bit is not an integer or out of range"),
        (("BITFIELD", "k", "GET", "u64", 0), "Invalid bitfield type"),
        (("BITFIELD_RO", "k", "SET", "u8", 0, 1), "only supports the GET subcommand"),
        (("BITOP", "NOT", "d", "a", "b"), "single source key"),
        (("BITOP", "DIFF", "d", "a"), "at least two source keys"),
        (("BITCOUNT", "k", 0), "syntax error"),
    ],
)
def test_bad_arguments_change_nothing(
    engine: Engine, words: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(ResponseError, match=message):
        engine.execute(*words)
    assert engine.execute("EXISTS", "k") == 0


def test_everything_done_in_a_unit_can_be_undone(engine: Engine) -> None:
    engine.execute("SETBIT", "k", 9, 1)
    view = engine.keyspace.fork()
    with engine.keyspace.unit():
        engine.execute("SETBIT", "k", 9, 0)
        engine.execute("SETBIT", "k", 100, 1)
        engine.execute("BITFIELD", "k", "INCRBY", "u32", 3, 77, "SET", "u8", 200, 1)
        engine.keyspace.rollback()
    assert engine.execute("GET", "k") == b"\x00\x40"
    engine.execute("SETBIT", "k", 0, 1)
    assert view[0].string(b"k") == b"\x00\x40"
