"""Hashes: fields, numbers in them, random ones, walks, undoing."""

from __future__ import annotations

from itertools import chain

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.scripting.tokens import read_plain
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.errors import ResponseError
from tests.engine.outcomes import effects_of


def hash_at(engine: Engine, key: bytes = b"h") -> Hash:
    value = engine.keyspace[0].lookup(key, Hash)
    assert value is not None
    value._check()
    return value


def test_hset_counts_new_fields_and_keeps_their_order(engine: Engine) -> None:
    assert engine.execute("HSET", "h", "b", "1", "a", "2", "b", "3") == 2
    assert list(engine.execute("HGETALL", "h").items()) == [(b"b", b"3"), (b"a", b"2")]


def test_a_missing_hash_reads_as_an_empty_one(engine: Engine) -> None:
    assert engine.execute("HGETALL", "h") == {}
    assert engine.execute("HMGET", "h", "a", "b") == [None, None]
    assert engine.execute("HLEN", "h") == 0
    assert engine.execute("HRANDFIELD", "h") is None
    assert engine.execute("HSCAN", "h", 0, "NONSENSE") == [b"0", []]


def test_the_key_goes_with_its_last_field(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", "1", "b", "2")
    assert engine.execute("HDEL", "h", "a", "b", "c") == 2
    assert not engine.keyspace[0].entries


def test_hsetnx_leaves_a_field_that_exists(engine: Engine) -> None:
    assert engine.execute("HSETNX", "h", "a", "1") == 1
    assert engine.execute("HSETNX", "h", "a", "2") == 0
    assert engine.execute("HGET", "h", "a") == b"1"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("HSET", "h", "a"), "ERR wrong number of arguments for 'hset' command"),
        (("HSET", "h", "a", "1", "b"), "ERR wrong number of arguments for 'hset' command"),
        (("HSET", "s", "a", "1"), "WRONGTYPE Operation"),
        (("HINCRBY", "h", "f", "x"), "ERR value is not an integer or out of range"),
        (("HINCRBY", "h", "text", "1"), "ERR hash value is not an integer"),
        (("HINCRBY", "h", "most", "1"), "ERR increment or decrement would overflow"),
        (("HINCRBYFLOAT", "h", "f", "inf"), "ERR value is NaN or Infinity"),
        (("HINCRBYFLOAT", "h", "text", "1"), "ERR hash value is not a float"),
        (("HRANDFIELD", "h", "1", "NONSENSE"), "ERR syntax error"),
        (("HSCAN", "h", "x"), "ERR invalid cursor"),
        (("HSCAN", "h", "0", "COUNT", "0"), "ERR syntax error"),
    ],
)
def test_wrong_calls_are_refused_and_change_nothing(
    engine: Engine, words: tuple[str, ...], error: str
) -> None:
    engine.execute("SET", "s", "1")
    engine.execute("HSET", "h", "text", "abc", "most", (1 << 63) - 1)
    before = engine.execute("HGETALL", "h")
    with pytest.raises(ResponseError, match=f"^{error}"):
        engine.execute(*words)
    assert engine.execute("HGETALL", "h") == before


def test_a_refused_increment_makes_no_key(engine: Engine) -> None:
    with pytest.raises(ResponseError):
        engine.execute("HINCRBY", "h", "f", "x")
    assert not engine.keyspace[0].entries


def test_floats_add_up_in_long_doubles(engine: Engine) -> None:
    engine.execute("HSET", "h", "f", "5.0e3")
    assert engine.execute("HINCRBYFLOAT", "h", "f", "2.0e2") == b"5200"
    assert engine.execute("HINCRBYFLOAT", "h", "g", "0.1") == b"0.1"
    assert engine.execute("HINCRBYFLOAT", "h", "g", "0.2") == b"0.3"


def test_a_float_replicates_as_its_value(engine: Engine) -> None:
    effects = effects_of(engine, "HINCRBYFLOAT", "h", "f", "1.5")
    assert effects == [Effect(0, (b"HSETEX", b"h", b"KEEPTTL", b"FIELDS", b"1", b"f", b"1.5"))]


def test_random_fields_are_distinct_unless_the_count_is_negative(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", "1", "b", "2", "c", "3")
    assert engine.execute("HRANDFIELD", "h") in (b"a", b"b", b"c")
    assert sorted(engine.execute("HRANDFIELD", "h", 5)) == [b"a", b"b", b"c"]
    assert len(set(engine.execute("HRANDFIELD", "h", 2))) == 2
    assert len(engine.execute("HRANDFIELD", "h", -9)) == 9
    assert engine.execute("HRANDFIELD", "h", 3, "WITHVALUES") == [
        [b"a", b"1"],
        [b"b", b"2"],
        [b"c", b"3"],
    ]


def test_a_small_hash_is_walked_in_one_call(engine: Engine) -> None:
    engine.execute("HSET", "h", *[word for i in range(200) for word in (f"f{i}", i)])
    cursor, words = engine.execute("HSCAN", "h", 0, "COUNT", 1)
    assert (cursor, len(words)) == (b"0", 400)
    assert engine.execute("HSCAN", "h", 0, "MATCH", "f1", "NOVALUES") == [b"0", [b"f1"]]


def test_a_big_hash_is_walked_in_parts(engine: Engine) -> None:
    engine.execute("HSET", "h", *[word for i in range(1000) for word in (f"f{i}", i)])
    cursor, found, calls = b"0", [], 0
    while calls == 0 or cursor != b"0":
        cursor, names = engine.execute("HSCAN", "h", cursor, "NOVALUES", "COUNT", 100)
        found += names
        calls += 1
    assert calls == 10
    assert sorted(found) == sorted(b"f%d" % i for i in range(1000))


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (("a", "1"), b"listpack"),
        (("a", "x" * 64), b"listpack"),
        (("a", "x" * 65), b"hashtable"),
        (("x" * 65, "1"), b"hashtable"),
        (tuple(str(i) for i in range(1024)), b"listpack"),
        (tuple(str(i) for i in range(1026)), b"hashtable"),
    ],
)
def test_the_encoding_follows_size(engine: Engine, words: tuple[str, ...], encoding: bytes) -> None:
    engine.execute("HSET", "h", *words)
    assert hash_at(engine).encoding() == encoding


def test_a_hash_stays_big(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", "x" * 65, "b", "1")
    engine.execute("HDEL", "h", "a")
    assert hash_at(engine).encoding() == b"hashtable"


def test_undoing_restores_fields_and_their_order(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", "1", "b", "2", "c", "3")
    with engine.keyspace.unit():
        engine.execute("HDEL", "h", "c")
        engine.execute("HSET", "h", "c", "3")
        engine.execute("HDEL", "h", "a")
        engine.execute("HSET", "h", "b", "9", "d", "x" * 100)
        engine.execute("HSET", "h", "e", "1", "b", "8", "e", "2")
        engine.execute("HDEL", "h", "e")
        engine.execute("HINCRBY", "h", "c", "5")
        engine.execute("HDEL", "h", "b", "c", "d")
        engine.keyspace.rollback()
    value = hash_at(engine)
    assert list(value.fields.items()) == [(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]
    assert value.encoding() == b"listpack"


def test_undoing_restores_the_order_of_fields_where_the_hash_has_grown_big_meanwhile(
    engine: Engine,
) -> None:
    names = ["first", "second", "third"]
    engine.execute("HSET", "h", *chain.from_iterable((name, "1") for name in names))
    with engine.keyspace.unit():
        engine.execute("HSET", "h", "long", "x" * 70)
        engine.execute("HDEL", "h", "first")
        engine.keyspace.rollback()
    assert engine.execute("OBJECT", "ENCODING", "h") == b"listpack"
    assert engine.execute("HKEYS", "h") == [name.encode() for name in names]


def test_a_view_does_not_see_later_changes(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", "1")
    view = engine.keyspace.fork()
    engine.execute("HSET", "h", "a", "2", "b", "3")
    seen = view[0].lookup(b"h", Hash)
    assert seen is not None
    assert seen.fields == {b"a": b"1"}


def test_many_fields_at_once_outgrow_the_listpack_though_they_are_the_same(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "hash-max-listpack-entries", 1)
    engine.execute("HSET", "h", "f", 1, "f", 2)
    assert engine.execute("HGETALL", "h") == {b"f": b"2"}
    assert engine.execute("OBJECT", "ENCODING", "h") == b"hashtable"


#: What a script may find at the key `h`, as commands that lead there.
FOUND = {
    "nothing": (),
    "one field": (("HSET", "h", "a", 1),),
    "some fields": (("HSET", "h", "a", 1, "b", "x", "c", ""),),
    "many fields": (("HSET", "h", *range(40)), ("HSET", "h", "a", -7)),
    "as many as fit": (("CONFIG", "SET", "hash-max-listpack-entries", 2), ("HSET", "h", *"a1b2")),
    "a big one": (("HSET", "h", "a", 5, "b", "x" * 65),),
    "zeros before": (("HSET", "h", "a", "07", "b", 0),),
    "a number at the edge": (("HSET", "h", "a", 2**63 - 1, "b", -(2**63)),),
    "a number near the edge": (("HSET", "h", "a", 10**18 - 1, "b", 10**17),),
    "a key that expires": (("HSET", "h", "a", 1), ("PEXPIRE", "h", 1000)),
    "a key that has expired": (("HSET", "h", "a", 1, "b", 2), ("PEXPIRE", "h", 10)),
    "a field that expires": (("HSET", "h", *"a1b2"), ("HPEXPIRE", "h", 1000, "FIELDS", 1, "a")),
    "a field that has expired": (("HSET", "h", *"a1b2"), ("HPEXPIRE", "h", 10, "FIELDS", 1, "a")),
    "the last field expired": (("HSET", "h", *"a1"), ("HPEXPIRE", "h", 10, "FIELDS", 1, "a")),
    "a string": (("SET", "h", "text"),),
}

CALLED: list[tuple[str | int, ...]] = [
    ("HSET", "h", "a", 9), ("HSET", "h", "new", "x" * 65), ("HSET", "h", "a", 3, "b", 4),
    ("HSET", "h", "new", 3, "a", "x" * 65, "new", 4), ("HSET", "h", "a", 1, "b"),
    ("HMSET", "h", "new", 1), ("HMSET", "h", "a", 3, "new", 4), ("HSETNX", "h", "a", 2),
    ("HINCRBY", "h", "a", 1), ("HINCRBY", "h", "a", "-5"), ("HINCRBY", "h", "a", 2**62),
    ("HINCRBY", "h", "b", "9000000000000000000"), ("HINCRBY", "h", "c", 1),
    ("HINCRBY", "h", "a", "x"), ("HDEL", "h", "a"), ("HDEL", "h", "b"), ("HDEL", "h", "none"),
    ("HDEL", "h", "a", "b"), ("HGETALL", "h"), ("HMGET", "h", "a"), ("HMGET", "h", "a", "none"),
    ("HEXISTS", "h", "a"), ("HLEN", "h"),
]  # fmt: skip


def outcome(engine: Engine, *words: str | int) -> object:
    """Give what a command replies, what it replicates, and what it leaves.

    It runs twice: what it did first is undone, which must leave nothing.
    """
    db = engine.keyspace[0]

    def left() -> object:
        value = db.entries.get(b"h")
        if not isinstance(value, Hash):
            return value
        value._check()
        fields = value.fields.copy() if value.big else [*value.fields.items()]
        return value.encoding(), fields, {**value.expires}, db.expires.get(b"h")

    def reply() -> object:
        try:
            given = engine.execute(*words)
        except ResponseError as error:
            return error.payload.partition(b" script: ")[0]
        if isinstance(given, int):
            return read_plain(float(given), resp3=False)  # as it comes back from a script
        return [*chain(*given.items())] if isinstance(given, dict) else given

    before = left()
    with engine.keyspace.unit():
        first = reply()
        engine.keyspace.rollback()
    assert left() == before
    assert reply() == first
    return first, engine.keyspace.effects, left()


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("is_watched", [False, True], ids=["unwatched", "watched"])
def test_a_script_does_to_a_hash_what_a_client_does(found: str, is_watched: bool) -> None:
    now = 0
    engine = Engine(clock=lambda: now)
    engine.execute("DEBUG", "SET-ACTIVE-EXPIRE", 0)
    if is_watched:
        engine.keyspace.listeners.append(lambda *event: None)
    outcomes = []
    for words in CALLED:
        for call in (words, ("EVAL", "return redis.call(unpack(ARGV))", 0, *words)):
            now = 1_700_000_000_000_000
            engine.execute("CONFIG", "SET", "hash-max-listpack-entries", 128)
            engine.execute("DEL", "h")
            for each in FOUND[found]:
                engine.execute(*each)
            now += 100_000
            outcomes.append(outcome(engine, *call))
    assert outcomes[::2] == outcomes[1::2]


def test_what_a_script_has_read_stays_when_the_hash_changes(engine: Engine) -> None:
    engine.execute("HSET", "h", "a", 1)
    script = "local all = redis.call('HGETALL', KEYS[1]) redis.call('HSET', KEYS[1], 'a', 2)"
    assert engine.execute("EVAL", f"{script} return all", 1, "h") == [b"a", b"1"]
