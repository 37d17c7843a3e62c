"""The strict mode: scripts touch the keys they declare, and its errors teach."""

import pytest

from redislua_kernel import Engine, ResponseError


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.conditions.be_strict(True)
    return engine


def refused(engine: Engine, *words: str) -> str:
    with pytest.raises(ResponseError) as caught:
        engine.execute(*words)
    return str(caught.value)


def test_declared_keys_are_touched_freely(engine: Engine) -> None:
    script = "redis.call('SET', KEYS[1], 1) return redis.call('MGET', KEYS[1], KEYS[2])"
    assert engine.execute("EVAL", script, "2", "{u}1", "{u}2") == [b"1", None]


def test_an_undeclared_key_is_named_with_its_slot_and_the_declared_ones(engine: Engine) -> None:
    script = "return redis.call('MGET', KEYS[1], 'user:2')"
    text = refused(engine, "EVAL", script, "1", "user:1")
    assert text.startswith(
        "ERR strict mode: MGET touches the key 'user:2' (slot 6777), which the script has not "
        "declared. It has declared 'user:1' (slot 10778). Pass every key in KEYS: a cluster "
        "chooses the node that runs a script by them."
    )
    assert "'{user}:1' and '{user}:2'" in text
    assert text.endswith("on @user_script:1.")


def test_a_script_without_keys_is_told_so(engine: Engine) -> None:
    text = refused(engine, "EVAL", "return redis.call('GET', 'k')", "0")
    assert "'k' (slot 7629)" in text
    assert "The script has declared no keys." in text


def test_pcall_catches_the_refusal_and_nothing_is_written(engine: Engine) -> None:
    script = "local e = redis.pcall('SET', 'other', 1) return e.err"
    assert b"strict mode: SET touches the key 'other'" in engine.execute("EVAL", script, 1, "k")
    assert engine.execute("DBSIZE") == 0


def test_functions_declare_keys_too(engine: Engine) -> None:
    engine.execute(
        "FUNCTION",
        "LOAD",
        "#!lua name=lib\nredis.register_function('get', "
        "function(keys, args) return redis.call('GET', args[1]) end)",
    )
    assert engine.execute("FCALL", "get", 1, "k", "k") is None
    assert "GET touches the key 'j'" in refused(engine, "FCALL", "get", "1", "k", "j")


@pytest.mark.parametrize("cluster", [False, True])
def test_declared_keys_of_several_slots_are_explained(engine: Engine, cluster: bool) -> None:
    engine.conditions.join_cluster(cluster)
    text = refused(engine, "EVAL", "return 1", "2", "order:1", "user:1")
    assert text == (
        "CROSSSLOT strict mode: the declared keys are in different slots: 'order:1' (slot 14374), "
        "'user:1' (slot 10778). A cluster runs a script only if one slot has all its keys: only "
        "what is between braces counts for the slot, as in '{tag}:order:1' and '{tag}:user:1'."
    )


def test_a_tag_that_is_there_is_recommended(engine: Engine) -> None:
    text = refused(engine, "EVAL", "return 1", "2", "cart:{42}", "user:{43}")
    assert "as in 'cart:{42}' and 'user:{42}'" in text


def test_many_keys_are_cut_short(engine: Engine) -> None:
    keys = [f"k{number}" for number in range(20)]
    assert ", 12 more." in refused(engine, "EVAL", "return 1", "20", *keys)


@pytest.mark.parametrize("option", ["BY", "GET"])
def test_patterns_of_sort_name_keys_that_no_script_declares(engine: Engine, option: str) -> None:
    engine.execute("RPUSH", "l", 1)
    sort = f"return redis.call('SORT', KEYS[1], '{option}', 'w_*')"
    with pytest.raises(ResponseError, match=f"SORT looks at other keys by {option} 'w_\\*'"):
        engine.execute("EVAL", sort, 1, "l")
    plain = "return redis.call('SORT', KEYS[1], 'BY', 'nosort', 'GET', '#')"
    assert engine.execute("EVAL", plain, 1, "l") == [b"1"]


def test_channels_are_no_keys(engine: Engine) -> None:
    assert engine.execute("EVAL", "return redis.call('SPUBLISH', 'c', 'm')", 0) == 0


def test_commands_of_clients_are_not_restricted(engine: Engine) -> None:
    assert engine.execute("MSET", "a", 1, "b", 2) == b"OK"


def test_it_can_be_switched_off_again(engine: Engine) -> None:
    engine.conditions.be_strict(False)
    assert engine.execute("EVAL", "return redis.call('GET', 'k')", 0) is None
