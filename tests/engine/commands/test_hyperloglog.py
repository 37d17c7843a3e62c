"""HyperLogLog commands."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError


def test_few_elements_are_counted_exactly(engine: Engine) -> None:
    assert engine.execute("PFADD", "h", "a", "b", "c") == 1
    assert engine.execute("PFADD", "h", "a") == 0
    assert engine.execute("PFCOUNT", "h") == 3
    assert engine.execute("PFCOUNT", "none") == 0


def test_the_bytes_are_the_references(engine: Engine) -> None:
    assert engine.execute("PFADD", "h") == 1
    assert engine.execute("GET", "h") == b"HYLL\x01" + bytes(10) + b"\x80\x7f\xff"
    engine.execute("PFADD", "h", "a")
    assert engine.execute("PFDEBUG", "DECODE", "h") == b"Z:12711 v:2,1 Z:3672"


def test_many_elements_make_it_dense_and_keep_the_estimate(engine: Engine) -> None:
    for start in range(0, 5000, 500):
        engine.execute("PFADD", "h", *range(start, start + 500))
    assert engine.execute("PFDEBUG", "ENCODING", "h") == b"dense"
    assert abs(engine.execute("PFCOUNT", "h") - 5000) < 150


def test_merging_counts_the_union(engine: Engine) -> None:
    engine.execute("PFADD", "a", "1", "2")
    engine.execute("PFADD", "b", "2", "3")
    assert engine.execute("PFCOUNT", "a", "b", "none") == 3
    engine.execute("PFMERGE", "d", "a", "b")
    assert engine.execute("PFCOUNT", "d") == 3


def test_other_strings_are_refused(engine: Engine) -> None:
    engine.execute("SET", "s", "x")
    with pytest.raises(ResponseError, match="not a valid HyperLogLog"):
        engine.execute("PFADD", "s", "a")
    engine.execute("SET", "s", b"HYLL\x01" + bytes(12))
    with pytest.raises(ResponseError, match="INVALIDOBJ"):
        engine.execute("PFCOUNT", "s", "s")


@pytest.mark.parametrize("count", [3, 5000])
def test_everything_done_in_a_unit_can_be_undone(engine: Engine, count: int) -> None:
    engine.execute("PFADD", "h", *range(count))
    before = engine.execute("GET", "h")
    with engine.keyspace.unit():
        engine.execute("PFADD", "h", *range(count, 2 * count))
        engine.execute("PFCOUNT", "h")
        engine.execute("PFMERGE", "h", "h")
        engine.execute("PFADD", "new", "x")
        engine.keyspace.rollback()
    assert engine.execute("GET", "h") == before
    assert engine.execute("EXISTS", "new") == 0


def test_the_self_test_passes(engine: Engine) -> None:
    assert engine.execute("PFSELFTEST") == b"OK"


def test_a_value_that_outgrows_hll_sparse_max_bytes_becomes_dense() -> None:
    engine = Engine()
    engine.execute("PFADD", "key", *"abcdeghijk")
    assert engine.execute("PFDEBUG", "ENCODING", "key") == b"sparse"
    engine.execute("CONFIG", "SET", "hll-sparse-max-bytes", 30)
    engine.execute("PFADD", "key", "new")
    assert engine.execute("PFDEBUG", "ENCODING", "key") == b"dense"


def test_a_script_may_add_any_number_of_elements(engine: Engine) -> None:
    script = "return redis.pcall('PFADD', KEYS[1], unpack(ARGV))"
    updates = [
        engine.execute("EVAL", script, 1, "h", *elements)
        for elements in ((), (), ("a",), ("a",), ("a", "b"), ("a", "b"), (), (1,))
    ]
    assert updates == [1, 0, 1, 0, 1, 0, 0, 1]
    assert engine.execute("PFCOUNT", "h") == 3
    engine.execute("SET", "text", "x")
    for elements in ((), ("a",), ("a", "b")):
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            engine.execute("EVAL", script, 1, "text", *elements)


def test_what_a_script_adds_to_an_expired_key_begins_anew() -> None:
    now = [0]
    engine = Engine(clock=lambda: now[0])
    script = "return redis.call('PFADD', 'h', 'a')"
    assert engine.execute("EVAL", script, 0) == 1
    engine.execute("PEXPIRE", "h", 10)
    assert engine.execute("EVAL", script, 0) == 0
    now[0] += 11_000
    assert engine.execute("EVAL", script, 0) == 1
    assert engine.execute("PTTL", "h") == -1


def test_what_is_merged_again_is_merged_anew_where_a_source_has_grown() -> None:
    engine = Engine()
    engine.execute("PFADD", "a", *map(str, range(5000)))
    engine.execute("PFADD", "b", *map(str, range(4000, 9000)))
    for _ in range(2):
        assert engine.execute("PFMERGE", "d", "a", "b") == b"OK"
        assert engine.execute("PFCOUNT", "d") == engine.execute("PFCOUNT", "a", "b")
    merged = engine.execute("GET", "d")
    engine.execute("PFADD", "a", *map(str, range(9000, 20000)))
    with engine.keyspace.unit():
        engine.execute("PFMERGE", "d", "a")
        assert engine.execute("PFCOUNT", "d") == engine.execute("PFCOUNT", "a", "b")
        engine.keyspace.rollback()
    assert engine.execute("GET", "d") == merged
