"""SORT: by value, by other keys, stored."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.execute("RPUSH", "numbers", 3, 1, 10, 2)
    engine.execute("SADD", "names", "b", "a", "c")
    engine.execute("MSET", "weight_a", 3, "weight_b", 1, "weight_c", 2)
    engine.execute("HSET", "info_a", "city", "Oslo")
    return engine


def test_numbers_are_sorted_as_numbers_and_with_alpha_as_bytes(engine: Engine) -> None:
    assert engine.execute("SORT", "numbers") == [b"1", b"2", b"3", b"10"]
    assert engine.execute("SORT", "numbers", "ALPHA", "DESC") == [b"3", b"2", b"10", b"1"]
    assert engine.execute("SORT", "numbers", "LIMIT", 1, 2) == [b"2", b"3"]


def test_by_and_get_look_other_keys_up(engine: Engine) -> None:
    words = ("SORT_RO", "names", "BY", "weight_*", "GET", "#", "GET", "info_*->city")
    assert engine.execute(*words) == [b"b", None, b"c", None, b"a", b"Oslo"]


def test_store_makes_a_list_and_an_empty_result_deletes_it(engine: Engine) -> None:
    assert engine.execute("SORT", "names", "ALPHA", "GET", "no_*", "STORE", "d") == 3
    assert engine.execute("LRANGE", "d", 0, -1) == [b"", b"", b""]
    assert engine.execute("SORT", "missing", "STORE", "d") == 0
    assert engine.execute("EXISTS", "d") == 0


def test_a_sets_own_order_is_sorted_inside_scripts(engine: Engine) -> None:
    script = "return redis.call('SORT', KEYS[1], 'BY', 'nosort')"
    assert engine.execute("EVAL", script, 1, "names") == [b"a", b"b", b"c"]


def test_words_that_are_no_numbers_are_refused(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"One or more scores can't be converted into double"):
        engine.execute("SORT", "names")


def test_sort_ro_stores_nothing(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR syntax error$"):
        engine.execute("SORT_RO", "numbers", "STORE", "d")


def test_other_types_are_refused(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^WRONGTYPE"):
        engine.execute("SORT", "weight_a")


def test_the_stored_key_is_among_the_commands_keys(engine: Engine) -> None:
    words = ("SORT", "a", "BY", "x", "GET", "STORE", "STORE", "b")
    assert engine.execute("COMMAND", "GETKEYS", *words) == [b"a", b"b"]


def test_a_list_that_is_not_to_be_sorted_is_given_from_either_end(engine: Engine) -> None:
    assert engine.execute("SORT", "numbers", "BY", "nosort") == [b"3", b"1", b"10", b"2"]
    words = ("SORT", "numbers", "BY", "nosort", "DESC", "LIMIT", 0, 2)
    assert engine.execute(*words) == [b"2", b"10"]


def test_sorting_makes_a_skip_list_of_a_sorted_set(engine: Engine) -> None:
    engine.execute("ZADD", "scored", 2, "a", 1, "b")
    engine.execute("SORT_RO", "scored", "ALPHA")
    assert engine.execute("OBJECT", "ENCODING", "scored") == b"skiplist"
