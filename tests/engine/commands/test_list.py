"""Lists: both ends, the middle, moves, the blocking commands' non-blocking form, undoing."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.types.list import List
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NULL_ARRAY
from tests.engine.outcomes import replicated


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.execute("RPUSH", "l", "a", "b", "c", "b", "d")
    return made


def items(engine: Engine, key: str = "l") -> list[bytes]:
    found: list[bytes] = engine.execute("LRANGE", key, 0, -1)
    return found


def test_pushes_add_one_by_one(engine: Engine) -> None:
    assert engine.execute("LPUSH", "m", "1", "2") == 2
    assert engine.execute("RPUSH", "m", "3") == 3
    assert items(engine, "m") == [b"2", b"1", b"3"]
    assert engine.execute("LPUSHX", "none", "1") == 0
    assert engine.execute("RPUSHX", "m", "4") == 4


def test_pops_take_from_the_ends(engine: Engine) -> None:
    assert engine.execute("LPOP", "l") == b"a"
    assert engine.execute("RPOP", "l", 2) == [b"d", b"b"]
    assert engine.execute("LPOP", "l", 0) == []
    assert engine.execute("LPOP", "l", 9) == [b"b", b"c"]
    assert engine.execute("LPOP", "l") is None
    assert engine.execute("LPOP", "l", 1) is NULL_ARRAY
    assert not engine.keyspace[0].entries


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [(0, 1, "ab"), (-2, -1, "bd"), (1, -2, "bcb"), (-99, 99, "abcbd"), (3, 1, ""), (9, 10, "")],
)
def test_ranges_count_from_either_end(engine: Engine, start: int, stop: int, expected: str) -> None:
    assert b"".join(engine.execute("LRANGE", "l", start, stop)).decode() == expected
    engine.execute("LTRIM", "l", start, stop)
    assert b"".join(items(engine)).decode() == expected


def test_the_middle_can_be_edited(engine: Engine) -> None:
    assert engine.execute("LINDEX", "l", -1) == b"d"
    assert engine.execute("LINDEX", "l", 99) is None
    engine.execute("LSET", "l", -1, "e")
    assert engine.execute("LINSERT", "l", "BEFORE", "b", "x") == 6
    assert engine.execute("LINSERT", "l", "AFTER", "e", "y") == 7
    assert engine.execute("LINSERT", "l", "AFTER", "none", "y") == -1
    assert items(engine) == [b"a", b"x", b"b", b"c", b"b", b"e", b"y"]


@pytest.mark.parametrize(("count", "expected"), [(1, "acbd"), (-1, "abcd"), (0, "acd"), (5, "acd")])
def test_lrem_takes_out_from_either_end(engine: Engine, count: int, expected: str) -> None:
    engine.execute("LREM", "l", count, "b")
    assert b"".join(items(engine)).decode() == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", 1),
        ("RANK 2", 3),
        ("RANK -1", 3),
        ("RANK 3", None),
        ("COUNT 0", [1, 3]),
        ("COUNT 0 RANK -1", [3, 1]),
        ("COUNT 1 RANK 2", [3]),
        ("COUNT 0 MAXLEN 2", [1]),
        ("MAXLEN 1", None),
    ],
)
def test_lpos_finds_matches(engine: Engine, options: str, expected: object) -> None:
    assert engine.execute("LPOS", "l", "b", *options.split()) == expected


def test_moves_work_within_a_list_and_between_two(engine: Engine) -> None:
    assert engine.execute("LMOVE", "l", "l", "LEFT", "RIGHT") == b"a"
    assert engine.execute("RPOPLPUSH", "l", "m") == b"a"
    assert items(engine, "m") == [b"a"]
    assert engine.execute("LMOVE", "m", "l", "LEFT", "LEFT") == b"a"
    assert b"m" not in engine.keyspace[0].entries
    assert engine.execute("RPOPLPUSH", "none", "l") is None


def test_a_move_to_another_type_takes_nothing(engine: Engine) -> None:
    engine.execute("SET", "s", "1")
    with pytest.raises(ResponseError, match=r"^WRONGTYPE"):
        engine.execute("LMOVE", "l", "s", "LEFT", "LEFT")
    assert len(items(engine)) == 5


def test_the_first_list_with_elements_is_popped(engine: Engine) -> None:
    words = ("LMPOP", 2, "none", "l", "RIGHT", "COUNT", 2)
    assert replicated(engine, *words) == [(b"RPOP", b"l", b"2")]
    assert engine.execute("LMPOP", 1, "none", "LEFT") is NULL_ARRAY


def test_blocking_commands_do_not_wait_where_there_is_something(engine: Engine) -> None:
    assert engine.execute("BLPOP", "none", "l", 0) == [b"l", b"a"]
    assert engine.execute("BRPOP", "l", 0) == [b"l", b"d"]
    assert engine.execute("BLMOVE", "l", "l", "LEFT", "RIGHT", 0) == b"b"
    assert engine.execute("BLMPOP", 0, 1, "l", "LEFT") == [b"l", [b"c"]]
    assert replicated(engine, "BRPOPLPUSH", "l", "m", 0) == [(b"RPOPLPUSH", b"l", b"m")]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("LPOP l -1", "ERR value is out of range, must be positive"),
        ("LPOP l x", "ERR value is out of range, must be positive"),
        ("LPOP l 1 2", "ERR wrong number of arguments for 'lpop' command"),
        ("LSET none 0 a", "ERR no such key"),
        ("LSET l 99 a", "ERR index out of range"),
        ("LINSERT l NEAR a b", "ERR syntax error"),
        ("LPOS l a RANK 0", "ERR RANK can't be zero: use 1 to start"),
        ("LPOS l a COUNT -1", "ERR COUNT can't be negative"),
        ("LPOS l a MAXLEN -1", "ERR MAXLEN can't be negative"),
        ("LPOS l a COUNT", "ERR syntax error"),
        ("LMOVE l m LEFT UP", "ERR syntax error"),
        ("LMPOP 0 l LEFT", "ERR numkeys should be greater than 0"),
        ("LMPOP 1 l LEFT COUNT 0", "ERR count should be greater than 0"),
        ("LMPOP 9 l LEFT", "ERR syntax error"),
        ("BLPOP l x", "ERR timeout is not a float or out of range"),
        ("BLPOP l -1", "ERR timeout is negative"),
        ("BLPOP l 1e30", "ERR timeout is out of range"),
    ],
)
def test_wrong_calls_are_refused_and_change_nothing(engine: Engine, words: str, error: str) -> None:
    with pytest.raises(ResponseError, match=f"^{error}"):
        engine.execute(*words.split())
    assert len(items(engine)) == 5


@pytest.mark.parametrize(
    ("elements", "encoding"),
    [(["a"], b"listpack"), (["x" * 9000], b"quicklist"), (["1"] * 5000, b"quicklist")],
)
def test_the_encoding_follows_size(engine: Engine, elements: list[str], encoding: bytes) -> None:
    engine.execute("RPUSH", "m", *elements)
    value = engine.keyspace[0].lookup(b"m", List)
    assert value is not None
    assert value.encoding() == encoding


@pytest.mark.parametrize(
    "words",
    [
        "LPUSH l x y",
        "RPUSH l x y",
        "LPOP l",
        "RPOP l 3",
        "LPOP l 99",
        "LTRIM l 1 2",
        "LTRIM l 9 9",
        "LREM l 1 b",
        "LREM l 0 b",
        "LSET l 1 x",
        "LINSERT l AFTER d x",
        "LMOVE l l LEFT RIGHT",
        "LMOVE l m LEFT RIGHT",
        "LMPOP 1 l RIGHT COUNT 2",
    ],
)
def test_every_change_can_be_undone(engine: Engine, words: str) -> None:
    before = items(engine)
    with engine.keyspace.unit():
        engine.execute(*words.split())
        engine.keyspace.rollback()
    assert items(engine) == before
    assert list(engine.keyspace[0].entries) == [b"l"]


def test_a_view_does_not_see_later_changes(engine: Engine) -> None:
    view = engine.keyspace.fork()
    engine.execute("LPUSH", "l", "z")
    seen = view[0].lookup(b"l", List)
    assert seen is not None
    assert len(seen) == 5


def test_a_list_that_grows_large_and_shrinks_again_keeps_its_order_and_can_be_undone() -> None:
    engine = Engine()
    expected = [b"%d" % number for number in range(150, 0, -1)]
    expected += [b"%d" % number for number in range(200, 400)]
    engine.execute("LPUSH", "l", *range(1, 151))
    engine.execute("RPUSH", "l", *range(200, 240))
    with engine.keyspace.unit() as journal:
        engine.execute("RPUSH", "l", *range(240, 400))
        assert engine.execute("LRANGE", "l", 0, -1) == expected
        assert engine.execute("LPOP", "l", 340) == expected[:340]
        assert engine.execute("RPOP", "l", 20) == expected[:-11:-1]
        assert not engine.execute("EXISTS", "l")
        engine.keyspace.rollback()
        assert not journal.undo
    assert engine.execute("LRANGE", "l", 0, -1) == expected[:190]
