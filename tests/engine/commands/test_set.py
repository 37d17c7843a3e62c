"""Sets: the commands, the orders, the encodings, and taking it all back."""

from __future__ import annotations

import random

import pytest

from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.types.set import HASHTABLE, INTSET, LISTPACK, Set
from redislua_kernel.errors import ResponseError
from tests.engine.outcomes import effects_of


@pytest.fixture
def engine() -> Engine:
    return Engine(rng=random.Random(1))


def the_set(engine: Engine, key: bytes = b"s") -> Set:
    value = engine.keyspace[0].lookup(key, Set)
    assert value is not None
    value._check()
    return value


def test_sadd_counts_only_new_members(engine: Engine) -> None:
    assert engine.execute("SADD", "s", "a", "b", "a") == 2
    assert engine.execute("SADD", "s", "a") == 0


def test_integers_are_given_in_numeric_order(engine: Engine) -> None:
    engine.execute("SADD", "s", 10, -3, 9)
    assert the_set(engine).encoding() == INTSET
    assert engine.execute("SMEMBERS", "s") == [b"-3", b"9", b"10"]


def test_a_listpack_keeps_the_order_of_arrival(engine: Engine) -> None:
    engine.execute("SADD", "s", 3, 1)
    engine.execute("SADD", "s", "b", "a", 2)
    assert the_set(engine).encoding() == LISTPACK
    assert engine.execute("SMEMBERS", "s") == [b"1", b"3", b"b", b"a", b"2"]


@pytest.mark.parametrize(
    ("members", "form"),
    [
        (range(512), INTSET),
        (range(513), HASHTABLE),
        ([f"m{i}" for i in range(128)], LISTPACK),
        ([f"m{i}" for i in range(129)], HASHTABLE),
        (["x" * 65], HASHTABLE),
        (["007"], LISTPACK),
    ],
)
def test_the_encoding_follows_size(engine: Engine, members: list[object], form: bytes) -> None:
    for member in members:
        engine.execute("SADD", "s", member)  # type: ignore[arg-type]
    assert the_set(engine).encoding() == form


def test_an_encoding_does_not_shrink_when_members_go(engine: Engine) -> None:
    engine.execute("SADD", "s", *range(200), "x")
    engine.execute("SREM", "s", *range(200))
    assert the_set(engine).encoding() == HASHTABLE


def test_srem_deletes_the_key_with_its_last_member(engine: Engine) -> None:
    engine.execute("SADD", "s", "a")
    assert engine.execute("SREM", "s", "a", "b") == 1
    assert not engine.keyspace[0].exists(b"s")


def test_smove_moves_between_sets(engine: Engine) -> None:
    engine.execute("SADD", "s", "a")
    assert engine.execute("SMOVE", "s", "t", "a") == 1
    assert engine.execute("SMOVE", "s", "t", "a") == 0
    assert engine.execute("SMEMBERS", "t") == [b"a"]


def test_smove_ends_an_expired_destination_even_if_it_moves_nothing() -> None:
    now = 1_700_000_000_000_000
    engine = Engine(clock=lambda: now)
    engine.execute("SADD", "t", "a")
    engine.execute("PEXPIRE", "t", 1)
    now += 2000
    assert effects_of(engine, "SMOVE", "s", "t", "a") == [Effect(0, (b"DEL", b"t"))]


def test_sets_are_intersected_united_and_subtracted(engine: Engine) -> None:
    engine.execute("SADD", "s", "a", "b", "c")
    engine.execute("SADD", "t", "b", "c", "d")
    assert set(engine.execute("SINTER", "s", "t")) == {b"b", b"c"}
    assert set(engine.execute("SUNION", "s", "t")) == {b"a", b"b", b"c", b"d"}
    assert engine.execute("SDIFF", "s", "t", "missing") == [b"a"]
    assert engine.execute("SINTERCARD", 2, "s", "t") == 2
    assert engine.execute("SINTERCARD", 2, "s", "t", "LIMIT", 1) == 1
    assert engine.execute("SUNIONSTORE", "u", "s", "t") == 4
    assert engine.execute("SINTERSTORE", "u", "s", "missing") == 0
    assert not engine.keyspace[0].exists(b"u")


def test_spop_is_replicated_as_srem(engine: Engine) -> None:
    engine.execute("SADD", "s", "a", "b")
    (effect,) = effects_of(engine, "SPOP", "s")
    assert effect.words[:2] == (b"SREM", b"s")
    (effect,) = effects_of(engine, "SPOP", "s", 10)
    assert effect.words == (b"DEL", b"s")


@pytest.mark.parametrize("size", [5, 100, 1000])
def test_random_members_are_members(engine: Engine, size: int) -> None:
    members = {b"m%d" % i for i in range(size)}
    engine.execute("SADD", "s", *members)
    assert set(engine.execute("SRANDMEMBER", "s", size * 2)) == members
    assert len(set(engine.execute("SRANDMEMBER", "s", 4))) == 4
    assert len(engine.execute("SRANDMEMBER", "s", -20)) == 20
    popped = set(engine.execute("SPOP", "s", size - 2))
    left = set(engine.execute("SMEMBERS", "s"))
    assert popped | left == members
    assert len(left) == 2
    the_set(engine)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["SPOP", "s", "x"], "ERR value is out of range, must be positive"),
        (["SPOP", "s", 1, 2], "ERR syntax error"),
        (["SINTERCARD", 0, "s"], "ERR numkeys should be greater than 0"),
        (["SINTERCARD", 2, "s"], "ERR Number of keys can't be greater than number of args"),
        (["SINTERCARD", 1, "s", "LIMIT", -1], "ERR LIMIT can't be negative"),
        (["SSCAN", "s", "x"], "ERR invalid cursor"),
        (["SADD", "s"], "ERR wrong number of arguments for 'sadd' command"),
    ],
)
def test_errors_are_the_references(engine: Engine, words: list[object], message: str) -> None:
    engine.execute("SADD", "s", "a")
    with pytest.raises(ResponseError) as caught:
        engine.execute(*words)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_sscan_visits_every_member(engine: Engine) -> None:
    engine.execute("SADD", "s", *(f"m{i}" for i in range(500)))
    seen, cursor = set(), b"0"
    while True:
        cursor, members = engine.execute("SSCAN", "s", cursor, "COUNT", 50)
        seen.update(members)
        if cursor == b"0":
            break
    assert len(seen) == 500


def test_a_rollback_restores_members_order_and_encoding(engine: Engine) -> None:
    rng = random.Random(3)
    for _ in range(60):
        engine.keyspace[0].remove(b"s")
        prefix = rng.choice(["", "m"])
        engine.execute("SADD", "s", *(f"{prefix}{i}" for i in range(rng.choice([3, 127, 511]))))
        before = the_set(engine)
        form, members = before.form, list(before)
        with engine.keyspace.unit():
            for _ in range(20):
                member = rng.choice(["a", "1", "m1", "m7", "x" * 70, str(rng.randrange(600))])
                name = rng.choice(["SADD", "SREM", "SPOP"])
                engine.execute(name, "s", *([] if name == "SPOP" else [member]))
            engine.execute("SADD", "s", *range(rng.choice([2, 200, 600])))
            engine.execute("SPOP", "s", rng.choice([1, 100, 590]))
            engine.keyspace.rollback()
        after = the_set(engine)
        assert (after.form, sorted(after)) == (form, sorted(members))
        if form != HASHTABLE:
            assert list(after) == members


def test_a_view_does_not_see_later_members(engine: Engine) -> None:
    engine.execute("SADD", "s", "a")
    view = engine.keyspace.fork()
    engine.execute("SADD", "s", "b")
    seen = view[0].lookup(b"s", Set)
    assert seen is not None
    assert list(seen) == [b"a"]


@pytest.mark.parametrize(
    ("members", "encoding"),
    [((1, 2, 3), LISTPACK), ((1, 2, 3, 4), HASHTABLE), ((123456789, "x"), HASHTABLE)],
)
def test_the_number_and_the_length_of_members_choose_the_first_encoding(
    engine: Engine, members: tuple[str | int, ...], encoding: bytes
) -> None:
    limits = ("set-max-intset-entries", 2, "set-max-listpack-entries", 3)
    engine.execute("CONFIG", "SET", *limits, "set-max-listpack-value", 8)
    engine.execute("SADD", "s", *members)
    assert engine.execute("OBJECT", "ENCODING", "s") == encoding


def test_a_union_of_many_integers_is_a_table_whatever_follows(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "set-max-intset-entries", 2)
    engine.execute("SADD", "s", 1, 2, 3)
    engine.execute("SADD", "t", "x")
    engine.execute("SUNIONSTORE", "u", "s", "t")
    assert engine.execute("OBJECT", "ENCODING", "u") == HASHTABLE
