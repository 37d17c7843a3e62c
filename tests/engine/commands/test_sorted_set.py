"""Sorted sets: members, ranges, pops, algebra, and taking it all back."""

from __future__ import annotations

import random
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.engine import Engine
from redislua_kernel.engine.journal import Effect, Journal
from redislua_kernel.engine.long_elements import ELEMENTS
from redislua_kernel.engine.types.score_order import FEW
from redislua_kernel.engine.types.sorted_set import LISTPACK, SKIPLIST, SortedSet
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NULL_ARRAY
from tests.engine.outcomes import effects_of


@pytest.fixture
def engine() -> Engine:
    engine = Engine(rng=random.Random(1))
    engine.execute("ZADD", "z", 1, "a", 2, "b", 2, "c", 5.5, "d")
    return engine


def the_set(engine: Engine, key: bytes = b"z") -> SortedSet:
    value = engine.keyspace[0].lookup(key, SortedSet)
    assert value is not None
    value._check()
    return value


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (["ZADD", "z", 9, "a", 9, "new"], 1),
        (["ZADD", "z", "CH", 9, "a", 9, "new"], 2),
        (["ZADD", "z", "NX", 9, "a"], 0),
        (["ZADD", "z", "XX", "CH", 9, "new"], 0),
        (["ZADD", "z", "GT", "CH", 0, "a"], 0),
        (["ZADD", "z", "LT", "CH", 0, "a"], 1),
        (["ZADD", "z", "INCR", 2, "a"], 3.0),
        (["ZADD", "z", "NX", "INCR", 2, "a"], None),
        (["ZINCRBY", "z", 0.5, "d"], 6.0),
        (["ZSCORE", "z", "d"], 5.5),
        (["ZMSCORE", "z", "a", "x"], [1.0, None]),
        (["ZRANK", "z", "c"], 2),
        (["ZREVRANK", "z", "c", "WITHSCORE"], [1, 2.0]),
        (["ZRANK", "z", "x", "WITHSCORE"], NULL_ARRAY),
        (["ZCARD", "z"], 4),
        (["ZREM", "z", "a", "x"], 1),
        (["ZSCAN", "z", 0], [b"0", [b"a", b"1", b"b", b"2", b"c", b"2", b"d", b"5.5"]]),
    ],
)
def test_members_are_added_told_and_removed(
    engine: Engine, words: list[object], reply: object
) -> None:
    assert engine.execute(*words) == reply  # type: ignore[arg-type]
    the_set(engine)


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (["ZRANGE", "z", 0, -1], [b"a", b"b", b"c", b"d"]),
        (["ZRANGE", "z", 0, 1, "REV"], [b"d", b"c"]),
        (["ZRANGE", "z", 0, 0, "WITHSCORES"], [(b"a", 1.0)]),
        (["ZRANGE", "z", "(1", "+inf", "BYSCORE", "LIMIT", 1, 1], [b"c"]),
        (["ZRANGE", "z", "+inf", "(2", "BYSCORE", "REV"], [b"d"]),
        (["ZRANGE", "z", "-inf", "+inf", "BYSCORE", "LIMIT", -1, 2], []),
        (["ZREVRANGE", "z", 1, 2], [b"c", b"b"]),
        (["ZRANGEBYSCORE", "z", 2, "(5.5"], [b"b", b"c"]),
        (["ZREVRANGEBYSCORE", "z", 5.5, 2, "LIMIT", 0, 2], [b"d", b"c"]),
        (["ZCOUNT", "z", "(2", "inf"], 1),
        (["ZREMRANGEBYRANK", "z", 0, -3], 2),
        (["ZREMRANGEBYSCORE", "z", 2, 2], 2),
    ],
)
def test_ranges_go_by_rank_or_score(engine: Engine, words: list[object], reply: object) -> None:
    assert engine.execute(*words) == reply  # type: ignore[arg-type]
    the_set(engine)


@pytest.mark.parametrize(
    ("resp", "pairs"),
    [(2, b'["ann","1.5","bob","3"]'), (3, b'[["ann",{"double":1.5}],["bob",{"double":3}]]')],
)
def test_scripts_get_scores_beside_members(engine: Engine, resp: int, pairs: bytes) -> None:
    engine.execute("ZADD", "scored", "1.5", "ann", "3", "bob")
    for words in (
        "'ZRANGE', 'scored', 0, 1, 'WITHSCORES'",
        "'ZRANGEBYSCORE', 'scored', 1, '+inf', 'WITHSCORES', 'LIMIT', 0, 9",
    ):
        script = f"redis.setresp({resp}) return cjson.encode(redis.call({words}))"
        assert engine.execute("EVAL", script, 0) == pairs


def test_ranges_by_member(engine: Engine) -> None:
    engine.execute("ZADD", "l", *(word for c in "abcde" for word in (0, c)))
    assert engine.execute("ZRANGEBYLEX", "l", "(a", "[c") == [b"b", b"c"]
    assert engine.execute("ZREVRANGEBYLEX", "l", "+", "[c", "LIMIT", 1, 1) == [b"d"]
    assert engine.execute("ZLEXCOUNT", "l", "-", "(c") == 2
    assert engine.execute("ZREMRANGEBYLEX", "l", "[d", "+") == 2


def test_zrangestore_keeps_the_scores(engine: Engine) -> None:
    assert engine.execute("ZRANGESTORE", "t", "z", 0, 1) == 2
    assert the_set(engine, b"t").scores == {b"a": 1.0, b"b": 2.0}
    assert engine.execute("ZRANGESTORE", "t", "z", 7, 8) == 0
    assert not engine.keyspace[0].exists(b"t")


def test_pops_take_from_either_end(engine: Engine) -> None:
    assert engine.execute("ZPOPMIN", "z") == [b"a", 1.0]
    assert engine.execute("ZPOPMAX", "z", 2) == [(b"d", 5.5), (b"c", 2.0)]
    assert engine.execute("ZMPOP", 2, "missing", "z", "MIN") == [b"z", [[b"b", 2.0]]]
    assert engine.execute("ZMPOP", 1, "z", "MIN") is NULL_ARRAY
    assert engine.execute("BZPOPMIN", "z", 0) is NULL_ARRAY
    assert engine.execute("ZPOPMIN", "z") == []


def test_zmpop_and_bzpopmin_are_replicated_as_plain_pops(engine: Engine) -> None:
    assert effects_of(engine, "ZMPOP", 1, "z", "MAX", "COUNT", 9)[0].words == (
        b"ZPOPMAX",
        b"z",
        b"4",
    )
    engine.execute("ZADD", "z", 1, "a")
    assert effects_of(engine, "BZPOPMIN", "z", 0)[0].words == (b"ZPOPMIN", b"z")


def test_scores_are_put_together_in_unions_and_intersections(engine: Engine) -> None:
    engine.execute("ZADD", "y", 10, "b", 20, "x")
    engine.execute("SADD", "plain", "b")
    assert engine.execute("ZUNION", 2, "z", "y", "WITHSCORES")[-2:] == [(b"b", 12.0), (b"x", 20.0)]
    assert engine.execute("ZINTER", 2, "z", "y", "WEIGHTS", 2, 1, "WITHSCORES") == [(b"b", 14.0)]
    assert engine.execute("ZINTER", 2, "z", "plain", "AGGREGATE", "MIN", "WITHSCORES") == [
        (b"b", 1.0)
    ]
    assert engine.execute("ZDIFF", 2, "z", "y") == [b"a", b"c", b"d"]
    assert engine.execute("ZINTERCARD", 2, "z", "y", "LIMIT", 5) == 1
    assert engine.execute("ZUNIONSTORE", "t", 2, "z", "y") == 5


@pytest.mark.parametrize(
    ("low", "high", "members"),
    [
        ("-inf", "+inf", b"low,mid,high"),
        ("(-inf", "(+inf", b"mid"),
        ("(-inf", "inf", b"mid,high"),
        ("inf", "inf", b"high"),
        ("(inf", "inf", b""),
        ("-inf", "(-inf", b""),
        ("-inf", "-inf", b"low"),
        ("0", "(0", b""),
        ("(0", "0", b""),
        ("0", "0", b"mid"),
    ],
)
def test_ranges_of_scores_reach_to_infinity(
    engine: Engine, low: str, high: str, members: bytes
) -> None:
    engine.execute("ZADD", "i", "-inf", "low", 0, "mid", "inf", "high")
    expected = members.split(b",") if members else []
    assert engine.execute("ZRANGEBYSCORE", "i", low, high) == expected
    assert engine.execute("ZREVRANGEBYSCORE", "i", high, low) == expected[::-1]
    assert engine.execute("ZCOUNT", "i", low, high) == len(expected)
    assert engine.execute("ZREMRANGEBYSCORE", "i", low, high) == len(expected)


def test_numbers_of_scripts_are_scores_and_bounds(engine: Engine) -> None:
    script = """
    redis.call('ZADD', 's', 7, 'seven')
    redis.call('ZADD', 's', 8, 'eight', 9.5, 'more')
    return {
      redis.call('ZRANGEBYSCORE', 's', 8, 9),
      redis.call('ZREVRANGEBYSCORE', 's', 9.5, 8, 'LIMIT', 0, 1),
      redis.call('ZCOUNT', 's', -1, 7), redis.call('ZREMRANGEBYSCORE', 's', 7, 8),
      redis.call('ZRANGE', 's', 0, -1, 'WITHSCORES'),
    }
    """
    found = [[b"eight"], [b"more"], 1, 2, [b"more", b"9.5"]]
    assert engine.execute("EVAL", script, 0) == found
    assert effects_of(engine, "EVAL", "redis.call('ZADD', 's', 2^53, 'm')", 0) == [
        Effect(0, (b"ZADD", b"s", b"9007199254740992", b"m"))
    ]


def test_infinities_of_both_signs_add_up_to_nothing(engine: Engine) -> None:
    engine.execute("ZADD", "p", inf, "m")
    engine.execute("ZADD", "n", -inf, "m")
    assert engine.execute("ZUNION", 2, "p", "n", "WITHSCORES") == [(b"m", 0.0)]
    with pytest.raises(ResponseError, match="not a number"):
        engine.execute("ZINCRBY", "p", "-inf", "m")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ZADD", "z", "nan", "a"], "ERR value is not a valid float"),
        (["ZADD", "z", "1e-400", "a"], "ERR value is not a valid float"),
        (["ZADD", "z", 1, "a", 2], "ERR syntax error"),
        (["ZADD", "z", "CH", "incr", "x"], "ERR syntax error"),
        (
            ["ZADD", "z", "NX", "XX", 1, "a"],
            "ERR XX and NX options at the same time are not compatible",
        ),
        (["ZINCRBY", "z", "NX", "a"], "ERR syntax error"),
        (["ZRANGEBYSCORE", "z", "x", 1], "ERR min or max is not a float"),
        (["ZRANGEBYLEX", "z", "a", "b"], "ERR min or max not valid string range item"),
        (["ZUNION", 0, "z"], "ERR at least 1 input key is needed for 'zunion' command"),
        (["ZUNION", 1, "z", "WEIGHTS", "x"], "ERR weight value is not a float"),
        (["BZPOPMIN", "z", -1], "ERR timeout is negative"),
        (["BZPOPMIN", "z", "x"], "ERR timeout is not a float or out of range"),
        (["ZPOPMIN", "z", -1], "ERR value is out of range, must be positive"),
    ],
)
def test_errors_are_the_references(engine: Engine, words: list[object], message: str) -> None:
    before = dict(the_set(engine).scores)
    with pytest.raises(ResponseError) as caught:
        engine.execute(*words)  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert the_set(engine).scores == before


def test_the_encoding_follows_size_and_stays(engine: Engine) -> None:
    assert the_set(engine).encoding() == LISTPACK
    engine.execute("ZADD", "z", 1, "x" * 65)
    assert the_set(engine).encoding() == SKIPLIST
    engine.execute("ZREM", "z", "x" * 65)
    assert the_set(engine).encoding() == SKIPLIST


def test_a_listpack_knows_no_negative_zero(engine: Engine) -> None:
    engine.execute("ZADD", "z", "-0", "zero")
    assert str(engine.execute("ZSCORE", "z", "zero")) == "0.0"


def test_a_rollback_restores_scores_and_encoding(engine: Engine) -> None:
    rng = random.Random(5)
    for _ in range(100):
        value = the_set(engine)
        form, scores = value.form, dict(value.scores)
        with engine.keyspace.unit():
            for _ in range(rng.randrange(30)):
                member = rng.choice(["a", "b", "e", "f", "y" * 70])
                engine.execute("ZADD", "z", rng.randrange(9), member)
                rng.choice(
                    [
                        lambda: engine.execute("ZRANGE", "z", 0, -1),
                        lambda: engine.execute("ZPOPMIN", "z", rng.randrange(3)),
                        lambda: engine.execute("ZREM", "z", member),  # noqa: B023
                        lambda: engine.execute("ZREMRANGEBYSCORE", "z", 2, 3),
                        lambda: engine.execute("ZINCRBY", "z", 1, "b"),
                    ]
                )()
            engine.keyspace.rollback()
        value = the_set(engine)
        assert (value.form, value.scores) == (form, scores)


def test_the_order_stays_right_while_a_set_grows_large_and_is_rolled_back(engine: Engine) -> None:
    rng = random.Random(7)
    engine.execute("ZADD", "z", *(word for i in range(FEW - 3) for word in (i % 50, f"m{i}")))
    engine.execute("ZRANGE", "z", 0, 0)
    before = list(the_set(engine).order)
    with engine.keyspace.unit():
        for _ in range(9):
            engine.execute("ZADD", "z", rng.randrange(50), f"n{rng.random()}")
            engine.execute("ZREMRANGEBYRANK", "z", 5, 6)
            engine.execute("ZADD", "z", *(w for i in range(3) for w in (i, f"k{rng.random()}")))
            engine.execute("ZREM", "z", "m40")
            the_set(engine)
        engine.keyspace.rollback()
    assert list(the_set(engine).order) == before


def test_a_view_does_not_see_later_scores(engine: Engine) -> None:
    engine.execute("ZRANGE", "z", 0, -1)
    view = engine.keyspace.fork()
    engine.execute("ZADD", "z", 0, "first")
    seen = view[0].lookup(b"z", SortedSet)
    assert seen is not None
    assert seen.order[0] == (1.0, b"a")
    seen._check()


#: What scripts do in a short way, and where that steps aside: z is there, none is not.
CALLS = """
ZADD none 1 m; ZADD none 1 m; ZADD none 1.5 7; ZREM none 7
ZADD z 1 a; ZADD z 8 a; ZADD z -0 a; ZSCORE z a
ZADD z x a; ZADD z NX a; ZINCRBY z nx a; ZINCRBY z x a
SET none x; ZADD none 1 a; ZREM none a; ZINCRBY none 1 a; ZREMRANGEBYSCORE none 1 2; ZSCORE none a
SET none x; ZPOPMIN none; ZRANGE none 0 0; ZCARD none; ZCOUNT none 1 2; ZRANK none a
ZADD z NX 3 a; ZADD z XX CH 9 a; ZADD none XX 1 m; ZADD none NX 1 m; ZADD z GT CH 0 a
ZADD z LT CH 0 a; ZADD z INCR 2 a; ZADD z NX INCR 2 a; ZADD none INCR 2 m; ZADD z NX XX 1 a
ZADD z GT LT 1 a; ZADD z INCR 1 a 2 b; ZADD z NX CH 1 a 2 new
ZINCRBY z 2 a; ZINCRBY z 0.5 a; ZINCRBY z 0 a; ZINCRBY z 3 new; ZINCRBY none 1 m
ZADD z inf a; ZINCRBY z -inf a; ZREMRANGEBYSCORE z x 1
ZREM z x; ZREM none x; ZREMRANGEBYSCORE z 90 99; ZREMRANGEBYSCORE none 1 2
ZREM z a; ZREM z b; ZREM z c; ZREM z d; EXISTS z
ZREMRANGEBYSCORE z -inf +inf; EXISTS z
EXPIRE z 100; ZREMRANGEBYSCORE z 2 (5.5; TTL z; ZREM z a; ZREM z d; ZADD z 1 a; TTL z
ZPOPMIN z; ZPOPMAX z; ZPOPMIN none; ZPOPMIN z 0; ZPOPMAX z 9; EXISTS z
ZMSCORE z a x; ZMSCORE none a x; ZCARD z; ZCOUNT z (1 +inf; ZRANK z c; ZREVRANK z c; ZRANK z x
ZRANGE z 0 -1; ZRANGE z 0 -1 WITHSCORES; ZREVRANGE z 0 1 WITHSCORES; ZRANGE none 0 -1 WITHSCORES
ZRANGE z 2 6 BYSCORE; ZRANGE z 1 2 BYLEX; ZRANGEBYSCORE z 2 9 WITHSCORES LIMIT 1 1; ZRANGE z x 1
"""


@pytest.mark.parametrize("resp", [2, 3])
@pytest.mark.parametrize("is_expired", [False, True])
def test_a_short_way_does_what_is_done_where_somebody_listens(is_expired: bool, resp: int) -> None:
    now = [1_700_000_000_000_000]
    quick, told = (Engine(clock=lambda: now[0], rng=random.Random(1)) for _ in range(2))
    told.keyspace.listeners.append(lambda *_: None)
    effects: tuple[list[Effect], list[Effect]] = ([], [])
    for line in CALLS.strip().splitlines():
        calls = [
            ", ".join(word if word.isdigit() else f"'{word}'" for word in call.split())
            for call in line.split("; ")
        ]
        script = f"redis.setresp({resp}) return {{redis.pcall({'), redis.pcall('.join(calls)})}}"
        seen = []
        for engine, sent in zip((quick, told), effects, strict=True):
            engine.execute("FLUSHALL")
            engine.execute("ZADD", "z", 1, "a", 2, "b", 2, "c", 5.5, "d")
            engine.execute("ZRANGE", "z", 0, 0)
            if is_expired:
                engine.execute("PEXPIRE", "z", 1)
            now[0] += 5000 * is_expired
            engine.keyspace.effect_listeners[:] = [sent.extend]
            reply = engine.execute("EVAL", script, 0)
            left = engine.execute("ZRANGE", "z", 0, -1, "WITHSCORES")
            seen.append((repr(reply), left, engine.keyspace.dirty))
            now[0] -= 5000 * is_expired
            if left:
                the_set(engine)
        assert seen[0] == seen[1]
    assert effects[0] == effects[1]


@pytest.mark.parametrize("place", [0, 1])
def test_a_long_member_takes_no_short_way(place: int, engine: Engine) -> None:
    member = "x" * [70, 70_000][place]
    script = "redis.call('ZADD', 'z', 1, ARGV[1]) return redis.call('ZRANGE', 'z', -1, -1)"
    assert engine.execute("EVAL", script, 0, member) == [b"d"]
    assert the_set(engine).encoding() == SKIPLIST
    assert ELEMENTS.were_long or not place


def test_members_between_two_are_found_from_either_end_whatever_their_scores(
    engine: Engine,
) -> None:
    engine.execute("ZADD", "u", 1, "d", 2, "a", 3, "c", 4, "b", 5, "e")
    assert engine.execute("ZRANGEBYLEX", "u", "-", "+") == [b"d", b"a", b"c", b"b", b"e"]
    assert engine.execute("ZRANGEBYLEX", "u", "[c", "(e") == [b"d", b"a", b"c", b"b"]
    assert engine.execute("ZREVRANGEBYLEX", "u", "(e", "[c") == []
    assert engine.execute("ZREVRANGEBYLEX", "u", "[e", "[b") == [b"e", b"b", b"c"]
    assert engine.execute("ZRANGEBYLEX", "u", "+", "-") == []
    assert engine.execute("ZLEXCOUNT", "u", "[e", "[e") == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "put", "remove", "pop", "cut"]),
            st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"f"]),
            st.sampled_from([-inf, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, inf]),
        ),
        max_size=40,
    )
)
def test_the_order_stays_right_whatever_moves(steps: list[tuple[str, bytes, float]]) -> None:
    value = SortedSet(Journal())
    for what, member, score in steps:
        assert len(value.order) == len(value)
        if what == "put":
            value.put(member, score)
        elif what == "remove":
            value.remove(member)
        elif what == "cut":
            value.remove_span(value.score_span((score, True), (inf, False)))
        elif value:
            value.pop(-1)
        value._check()
    while value.journal.undo:
        undo, *args = value.journal.undo.pop()
        undo(*args)
        value._check()
    assert not value.scores
