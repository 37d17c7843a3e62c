"""Fields that expire: conditions, times, and what happens when the time is over."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.errors import ResponseError
from tests.clock import Clock
from tests.engine.outcomes import effects_of


@pytest.fixture
def engine(clock: Clock) -> Engine:
    made = Engine(clock=clock)
    made.execute("HSET", "h", "a", "1", "b", "2", "c", "3")
    return made


def test_an_expired_field_is_gone_and_the_last_one_takes_the_key(
    engine: Engine, clock: Clock
) -> None:
    assert engine.execute("HPEXPIRE", "h", 100, "FIELDS", 2, "a", "x") == [1, -2]
    clock.advance(0.101)
    assert engine.execute("HGET", "h", "a") is None
    assert engine.execute("HLEN", "h") == 2
    engine.execute("HPEXPIRE", "h", 100, "FIELDS", 2, "b", "c")
    clock.advance(0.101)
    assert engine.execute("HGETALL", "h") == {}
    assert not engine.keyspace[0].entries


def test_expiry_in_use_replicates_as_hdel(engine: Engine, clock: Clock) -> None:
    engine.execute("HPEXPIRE", "h", 100, "FIELDS", 1, "a")
    clock.advance(0.101)
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    engine.execute("HGET", "h", "b")
    assert seen == [Effect(0, (b"HDEL", b"h", b"a"))]


def test_relative_times_replicate_as_absolute_ones(engine: Engine, clock: Clock) -> None:
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    engine.execute("HEXPIRE", "h", 10, "FIELDS", 2, "a", "x")
    at = b"%d" % (clock.milliseconds + 10_000)
    assert seen == [Effect(0, (b"HPEXPIREAT", b"h", at, b"FIELDS", b"1", b"a"))]


def test_a_time_that_is_over_deletes_at_once(engine: Engine) -> None:
    assert engine.execute("HEXPIRE", "h", 0, "FIELDS", 2, "a", "b") == [2, 2]
    assert engine.execute("HKEYS", "h") == [b"c"]


@pytest.mark.parametrize(
    ("condition", "seconds", "replies"),
    [
        ("NX", 50, [0, 1]),
        ("XX", 50, [1, 0]),
        ("GT", 150, [1, 0]),
        ("GT", 100, [0, 0]),
        ("LT", 50, [1, 1]),
        ("LT", 100, [0, 1]),
    ],
)
def test_conditions_compare_with_the_time_there_is(
    engine: Engine, condition: str, seconds: int, replies: list[int]
) -> None:
    engine.execute("HEXPIRE", "h", 100, "FIELDS", 1, "a")
    assert engine.execute("HEXPIRE", "h", seconds, condition, "FIELDS", 2, "a", "b") == replies


def test_times_are_told_in_every_unit(engine: Engine, clock: Clock) -> None:
    engine.execute("HPEXPIRE", "h", 1500, "FIELDS", 1, "a")
    fields = ("FIELDS", 3, "a", "b", "x")
    assert engine.execute("HTTL", "h", *fields) == [2, -1, -2]
    assert engine.execute("HPTTL", "h", *fields) == [1500, -1, -2]
    at = clock.milliseconds + 1500
    assert engine.execute("HPEXPIRETIME", "h", *fields) == [at, -1, -2]
    assert engine.execute("HEXPIRETIME", "h", *fields) == [(at + 999) // 1000, -1, -2]
    assert engine.execute("HPERSIST", "h", *fields) == [1, -1, -2]
    assert engine.execute("HTTL", "nokey", *fields) == [-2, -2, -2]


def test_setting_a_field_ends_its_time_and_incrementing_keeps_it(engine: Engine) -> None:
    engine.execute("HEXPIRE", "h", 100, "FIELDS", 2, "a", "b")
    engine.execute("HSET", "h", "a", "5")
    engine.execute("HINCRBY", "h", "b", "5")
    assert engine.execute("HTTL", "h", "FIELDS", 2, "a", "b") == [-1, 100]


def test_fields_that_expire_come_first_and_soonest_first(engine: Engine) -> None:
    engine.execute("HEXPIRE", "h", 100, "FIELDS", 1, "b")
    engine.execute("HEXPIRE", "h", 50, "FIELDS", 1, "c")
    assert engine.execute("HKEYS", "h") == [b"c", b"b", b"a"]


def test_fields_expire_one_by_one_whatever_times_they_had_before(
    engine: Engine, clock: Clock
) -> None:
    for number in range(300):
        engine.execute("HPEXPIRE", "h", 1000 - number, "FIELDS", 1, "a")
        engine.execute("HPEXPIRE", "h", 100 + number, "FIELDS", 1, "b")
    value = engine.keyspace[0].entries[b"h"]
    assert isinstance(value, Hash)
    value._check()
    assert len(value._queue) < 100
    clock.advance(0.5)
    assert engine.execute("HKEYS", "h") == [b"a", b"c"]
    clock.advance(0.5)
    with engine.keyspace.unit():
        assert engine.execute("HKEYS", "h") == [b"c"]
        engine.keyspace.rollback()
        value._check()
        assert engine.execute("HKEYS", "h") == [b"c"]


def test_hsetex_sets_all_or_nothing(engine: Engine) -> None:
    assert engine.execute("HSETEX", "h", "FNX", "EX", 9, "FIELDS", 2, "a", 7, "z", 8) == 0
    assert engine.execute("HSETEX", "h", "FXX", "EX", 9, "FIELDS", 2, "a", 7, "b", 8) == 1
    assert engine.execute("HSETEX", "h", "KEEPTTL", "FIELDS", 1, "a", 0) == 1
    assert engine.execute("HTTL", "h", "FIELDS", 2, "a", "b") == [9, 9]


@pytest.mark.parametrize(
    ("options", "replicated"),
    [("EX 9 FNX", "PXAT {at} FNX"), ("fxx px 9000", "fxx PXAT {at}"), ("pxat {at}", "pxat {at}")],
)
def test_hsetex_replicates_its_words_with_the_time_at_which_it_is_over(
    engine: Engine, clock: Clock, options: str, replicated: str
) -> None:
    key, rest, at = "h" if "fxx" in options else "new", "fields 1 a 7", clock.milliseconds + 9000
    words = effects_of(engine, "HSETEX", key, *options.format(at=at).split(), *rest.split())
    expected = f"HSETEX {key} {replicated.format(at=at)} {rest}"
    assert words == [Effect(0, tuple(expected.encode().split()))]


def test_hgetex_reads_and_sets_the_time(engine: Engine) -> None:
    assert engine.execute("HGETEX", "h", "EX", 9, "FIELDS", 2, "a", "x") == [b"1", None]
    assert engine.execute("HTTL", "h", "FIELDS", 1, "a") == [9]
    assert engine.execute("HGETEX", "h", "PERSIST", "FIELDS", 1, "a") == [b"1"]
    assert engine.execute("HTTL", "h", "FIELDS", 1, "a") == [-1]


def test_hgetdel_deletes_what_it_reads(engine: Engine) -> None:
    assert engine.execute("HGETDEL", "h", "FIELDS", 4, "a", "b", "c", "x") == [
        b"1",
        b"2",
        b"3",
        None,
    ]
    assert not engine.keyspace[0].entries


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("HEXPIRE h -1 FIELDS 1 a", "ERR invalid expire time, must be >= 0"),
        ("HEXPIRE h 99999999999999 FIELDS 1 a", "ERR invalid expire time in 'hexpire' command"),
        ("HEXPIRE h 1 NOPE FIELDS 1 a", "ERR Mandatory argument FIELDS is missing"),
        ("HEXPIRE h 1 FIELDS 0 a", "ERR Parameter `numFields` should be greater than 0"),
        ("HEXPIRE h 1 FIELDS 2 a", "ERR The `numfields` parameter must match"),
        ("HTTL h FIELDS x a", "ERR Number of fields must be a positive integer"),
        ("HSETEX h FNX FXX FIELDS 1 a 1", "ERR Only one of FXX or FNX arguments"),
        ("HSETEX h EX 1 PX 1 FIELDS 1 a 1", "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL"),
        ("HSETEX h NOPE FIELDS 1 a 1", "ERR unknown argument: NOPE"),
        ("HSETEX h FIELDS x a 1", "ERR invalid number of fields"),
        ("HSETEX h FIELDS 2147483648 a 1", "ERR invalid number of fields"),
        ("HSETEX h FIELDS 2147483647 a 1", "ERR wrong number of arguments"),
        ("HSETEX h FIELDS 2 a 1", "ERR wrong number of arguments for 'hsetex' command"),
    ],
)
def test_wrong_calls_are_refused(engine: Engine, words: str, error: str) -> None:
    with pytest.raises(ResponseError, match=f"^{error}"):
        engine.execute(*words.split())


def test_undoing_restores_times_order_and_encoding(engine: Engine, clock: Clock) -> None:
    with engine.keyspace.unit():
        engine.execute("HPEXPIRE", "h", 100, "FIELDS", 1, "b")
        engine.keyspace.rollback()
    value = engine.keyspace[0].lookup(b"h", Hash)
    assert value is not None
    assert (list(value.fields), value.expires, value.encoding()) == (
        [b"a", b"b", b"c"],
        {},
        b"listpack",
    )
    engine.execute("HPEXPIRE", "h", 100, "FIELDS", 1, "b")
    clock.advance(0.101)
    with engine.keyspace.unit():
        engine.execute("HGETALL", "h")
        engine.keyspace.rollback()
    assert list(value.fields) == [b"b", b"a", b"c"]
    assert value.encoding() == b"listpackex"
    value._check()
    assert engine.execute("HKEYS", "h") == [b"a", b"c"]
