"""A view of an engine: the same to begin with, and on its own from then on."""

import gc
import weakref

import pytest

from redislua_kernel import Engine, ResponseError
from tests.waiting import wait_until

LIBRARY = """#!lua name=l
redis.register_function('f', function(keys) return redis.call('GET', keys[1]) end)
"""


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.execute("SET", "k", "old")
    made.execute("RPUSH", "list", "a", "b")
    made.execute("FUNCTION", "LOAD", LIBRARY)
    return made


def test_a_view_begins_with_the_data_the_libraries_the_scripts_and_the_settings(
    engine: Engine,
) -> None:
    sha = engine.execute("SCRIPT", "LOAD", "return redis.call('LLEN', 'list')")
    engine.execute("CONFIG", "SET", "busy-reply-threshold", 7)
    view = engine.view()
    assert view.execute("FCALL", "f", 1, "k") == b"old"
    assert view.execute("EVALSHA", sha, 0) == 2
    assert view.execute("CONFIG", "GET", "busy-reply-threshold") == {b"busy-reply-threshold": b"7"}


def test_neither_side_sees_what_the_other_writes(engine: Engine) -> None:
    view = engine.view()
    view.execute("EVAL", "redis.call('SET', 'k', 'theirs') redis.call('RPUSH', 'list', 'c')", 0)
    engine.execute("EVAL", "redis.call('SET', 'k', 'ours') redis.call('LPOP', 'list')", 0)
    assert view.execute("GET", "k") == b"theirs"
    assert view.execute("LRANGE", "list", 0, -1) == [b"a", b"b", b"c"]
    assert engine.execute("GET", "k") == b"ours"
    assert engine.execute("LRANGE", "list", 0, -1) == [b"b"]


def test_neither_side_sees_the_libraries_and_scripts_of_the_other(engine: Engine) -> None:
    view = engine.view()
    view.execute("FUNCTION", "DELETE", "l")
    sha = view.execute("SCRIPT", "LOAD", "return 1")
    assert engine.execute("FCALL", "f", 1, "k") == b"old"
    assert engine.execute("SCRIPT", "EXISTS", sha) == [0]


def test_a_view_can_be_dropped_or_taken_over(engine: Engine) -> None:
    view = engine.view()
    view.execute("DEL", "k")
    with engine.keyspace.unit():
        engine.keyspace.adopt(view.keyspace)
    assert engine.execute("EXISTS", "k") == 0


def test_no_view_is_made_while_there_is_something_to_undo(engine: Engine) -> None:
    with engine.keyspace.unit():
        engine.execute("SET", "k", "new")
        with pytest.raises(RuntimeError):
            engine.view()


def test_a_script_that_fails_in_a_view_leaves_the_engine_alone(engine: Engine) -> None:
    view = engine.view()
    with pytest.raises(ResponseError):
        view.execute("EVAL", "redis.call('SET', 'k', 'x') error('no')", 0)
    assert engine.execute("GET", "k") == b"old"


def test_a_closed_engine_is_freed(engine: Engine) -> None:
    view = engine.view()
    view.execute("EVAL", "return redis.call('GET', 'k')", 0)
    runtime = weakref.ref(view.scripting.runtime)
    view.close()
    del view

    def is_gone() -> bool:
        gc.collect()
        return runtime() is None

    wait_until(is_gone)  # another thread may look at it now
