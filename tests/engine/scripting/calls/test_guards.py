"""Scripts in a cluster: the keys of one call, and those of all calls."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError

A_THEN_B = "redis.call('SET', 'a', 1) return redis.call('SET', 'b', 1)"


@pytest.fixture
def engine() -> Engine:
    return Engine(cluster=True)


def test_a_script_without_a_shebang_may_go_from_slot_to_slot(engine: Engine) -> None:
    assert engine.execute("EVAL", A_THEN_B, 0) == b"OK"


def test_with_a_shebang_it_stays_in_one(engine: Engine) -> None:
    with pytest.raises(ResponseError, match="access keys that do not hash to the same slot"):
        engine.execute("EVAL", f"#!lua\n{A_THEN_B}", 0)
    assert engine.execute("EVAL", f"#!lua flags=allow-cross-slot-keys\n{A_THEN_B}", 0) == b"OK"


def test_the_slot_of_declared_keys_is_the_scripts(engine: Engine) -> None:
    script = "#!lua\nreturn redis.call('GET', ARGV[1])"
    assert engine.execute("EVAL", script, 1, "{t}1", "{t}2") is None
    with pytest.raises(ResponseError, match="do not hash to the same slot"):
        engine.execute("EVAL", script, 1, "{t}1", "other")


def test_one_call_never_spans_slots(engine: Engine) -> None:
    script = "return redis.call('mset', 'a', 1, 'b', 2)"
    with pytest.raises(ResponseError) as caught:
        engine.execute("EVAL", script, 0)
    assert str(caught.value).startswith(
        "ERR Command 'mset' in script attempted to access keys that don't hash to the same slot"
    )


def test_what_is_wrong_with_the_words_comes_first(engine: Engine) -> None:
    for words, text in (("'GET'", "Wrong number of args"), ("'GET', {}", "strings or integers")):
        with pytest.raises(ResponseError, match=text):
            engine.execute("EVAL", f"return redis.call({words})", 0)


def test_modes_do_not_leak_into_later_scripts(engine: Engine) -> None:
    script = "return redis.call('SET', KEYS[1], ARGV[1])"
    for cluster in (True, False, True, False):
        engine.conditions.join_cluster(cluster)
        assert engine.execute("EVAL", script, 1, "k", 1) == b"OK"
        assert engine.execute("EVAL", "return redis.call('MGET', 'k')", 0) == [b"1"]
