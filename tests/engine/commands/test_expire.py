"""Expiry: times, conditions, errors."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError

NOW = 1_000_000  # in milliseconds


@pytest.fixture
def engine() -> Engine:
    engine = Engine(clock=lambda: NOW * 1000)
    engine.execute("SET", "k", "x")
    return engine


def test_times_are_read_back_in_both_units_and_both_forms(engine: Engine) -> None:
    assert engine.execute("PEXPIRE", "k", 1500) == 1
    reads = ("PTTL", "TTL", "PEXPIRETIME", "EXPIRETIME")
    assert [engine.execute(name, "k") for name in reads] == [1500, 2, NOW + 1500, 1002]


def test_missing_and_persistent_keys_have_their_own_answers(engine: Engine) -> None:
    for name in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"):
        assert engine.execute(name, "missing") == -2
        assert engine.execute(name, "k") == -1


@pytest.mark.parametrize(
    ("first", "condition", "second", "accepted"),
    [
        (None, "NX", 10, 1),
        (5, "NX", 10, 0),
        (None, "XX", 10, 0),
        (5, "XX", 10, 1),
        (None, "GT", 10, 0),
        (5, "GT", 10, 1),
        (10, "GT", 10, 0),
        (None, "LT", 10, 1),
        (5, "LT", 10, 0),
        (20, "lt", 10, 1),
    ],
)
def test_conditions_decide_whether_a_time_is_taken(
    engine: Engine, first: int | None, condition: str, second: int, accepted: int
) -> None:
    if first is not None:
        engine.execute("EXPIRE", "k", first)
    assert engine.execute("EXPIRE", "k", second, condition) == accepted


def test_a_time_in_the_past_deletes(engine: Engine) -> None:
    assert engine.execute("EXPIREAT", "k", 1) == 1
    assert engine.execute("EXISTS", "k") == 0


def test_persist_takes_the_time_away_once(engine: Engine) -> None:
    engine.execute("EXPIRE", "k", 10)
    assert [engine.execute("PERSIST", "k") for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("k", "x", "FOO"), "ERR Unsupported option FOO"),
        (("k", "x"), "ERR value is not an integer or out of range"),
        (("k", str((1 << 63) - 1)), "ERR invalid expire time in 'expire' command"),
        (
            ("k", "1", "NX", "GT"),
            "ERR NX and XX, GT or LT options at the same time are not compatible",
        ),
        (("k", "1", "LT", "GT"), "ERR GT and LT options at the same time are not compatible"),
        (("k",), "ERR wrong number of arguments for 'expire' command"),
    ],
)
def test_errors_are_the_references(engine: Engine, words: tuple[str, ...], error: str) -> None:
    with pytest.raises(ResponseError) as raised:
        engine.execute("EXPIRE", *words)
    assert str(raised.value) == error
