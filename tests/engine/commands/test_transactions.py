"""MULTI, EXEC, WATCH."""

from __future__ import annotations

import pytest

from redislua_kernel.engine import Client, Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NULL_ARRAY


@pytest.fixture
def client(engine: Engine) -> Client:
    return engine.client()


def test_exec_runs_the_queue_and_keeps_errors_as_values(client: Client) -> None:
    client.execute("MULTI")
    assert client.execute("SET", "k", "x") == b"QUEUED"
    client.execute("INCR", "k")
    client.execute("GET", "k")
    assert client.execute("EXEC") == [
        b"OK",
        ResponseError("ERR value is not an integer or out of range"),
        b"x",
    ]


def test_a_command_that_cannot_be_queued_aborts_the_transaction(client: Client) -> None:
    client.execute("MULTI")
    with pytest.raises(ResponseError, match="unknown command"):
        client.execute("NOSUCH")
    with pytest.raises(ResponseError, match=r"^EXECABORT Transaction discarded because of prev"):
        client.execute("EXEC")
    assert client.execute("PING") == b"PONG"


@pytest.mark.parametrize("name", ["MULTI", "DISCARD", "WATCH"])
def test_a_call_of_the_wrong_size_aborts_the_transaction(client: Client, name: str) -> None:
    client.execute("MULTI")
    extra = () if name == "WATCH" else ("x",)
    with pytest.raises(ResponseError, match="wrong number of arguments"):
        client.execute(name, *extra)
    with pytest.raises(ResponseError, match="EXECABORT"):
        client.execute("EXEC")


def test_exec_with_words_ends_the_transaction(client: Client) -> None:
    client.execute("MULTI")
    with pytest.raises(ResponseError) as caught:
        client.execute("EXEC", "x")
    assert caught.value.message == (
        "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command"
    )
    with pytest.raises(ResponseError, match="EXEC without MULTI"):
        client.execute("EXEC")


@pytest.mark.parametrize(
    "touch",
    [
        ("SET", "k", "2"),
        ("DEL", "k"),
        ("EXPIRE", "k", "10"),
        ("RENAME", "k", "other"),
        ("COPY", "source", "k", "REPLACE"),
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("SWAPDB", "0", "1"),
        ("MOVE", "k", "2"),
    ],
)
def test_a_touched_key_makes_exec_do_nothing(
    engine: Engine, client: Client, touch: tuple[str, ...]
) -> None:
    engine.execute("MSET", "k", 1, "source", 2)
    client.execute("WATCH", "k")
    engine.execute(*touch)
    client.execute("MULTI")
    client.execute("SET", "done", 1)
    assert client.execute("EXEC") is NULL_ARRAY
    assert engine.execute("EXISTS", "done") == 0


@pytest.mark.parametrize("harmless", [("GET", "k"), ("DEL", "missing"), ("SET", "other", "1")])
def test_what_leaves_the_key_alone_touches_nothing(
    engine: Engine, client: Client, harmless: tuple[str, ...]
) -> None:
    engine.execute("SET", "k", 1)
    client.execute("WATCH", "k")
    engine.execute(*harmless)
    client.execute("MULTI")
    assert client.execute("EXEC") == []


def test_expiring_touches_but_having_expired_before_does_not() -> None:
    now = [10**9]
    engine = Engine(clock=lambda: now[0])
    client = engine.client()
    engine.execute("SET", "gone", 1, "PX", 1)
    engine.execute("SET", "going", 1, "PX", 100)
    now[0] += 50_000
    client.execute("WATCH", "gone")
    client.execute("MULTI")
    assert client.execute("EXEC") == []
    client.execute("WATCH", "going")
    now[0] += 500_000
    client.execute("MULTI")
    assert client.execute("EXEC") is NULL_ARRAY


def test_the_keyspace_is_listened_to_only_while_someone_watches(
    engine: Engine, client: Client
) -> None:
    client.execute("WATCH", "a", "b")
    assert engine.keyspace.listeners
    assert engine.keyspace.table_listeners
    client.close()
    assert not engine.keyspace.listeners
    assert not engine.keyspace.table_listeners


def test_several_effects_are_wrapped_in_one_transaction(engine: Engine, client: Client) -> None:
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    client.execute("MULTI")
    client.execute("SET", "a", 1)
    client.execute("INCR", "a")
    client.execute("EXEC")
    assert [effect.words[0] for effect in seen] == [b"MULTI", b"SET", b"INCR", b"EXEC"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("EXEC",), "ERR EXEC without MULTI"),
        (("DISCARD",), "ERR DISCARD without MULTI"),
        (("MULTI", "MULTI"), "ERR MULTI calls can not be nested"),
        (("MULTI", "WATCH k"), "ERR WATCH inside MULTI is not allowed"),
    ],
)
def test_calls_out_of_place_are_refused(client: Client, words: tuple[str, ...], error: str) -> None:
    *before, last = words
    for word in before:
        client.execute(word)
    with pytest.raises(ResponseError) as raised:
        client.execute(*last.split())
    assert str(raised.value) == error


def test_discard_forgets_queue_and_watches(engine: Engine, client: Client) -> None:
    client.execute("WATCH", "k")
    client.execute("MULTI")
    client.execute("SET", "k", 1)
    assert client.execute("DISCARD") == b"OK"
    assert not client.watched
    assert engine.execute("EXISTS", "k") == 0


def test_memory_that_ran_out_aborts_exec(engine: Engine, client: Client) -> None:
    client.execute("MULTI")
    client.execute("SET", "k", 1)
    engine.execute("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(ResponseError, match=r"^EXECABORT Transaction discarded because of: OOM"):
        client.execute("EXEC")


def test_a_key_that_has_expired_changes_nothing_by_changing_its_database() -> None:
    now = [1_000_000]
    engine = Engine(clock=lambda: now[0])
    client = engine.client()
    engine.execute("SET", "k", "x", "PX", 1)
    now[0] += 5_000
    client.execute("SELECT", 1)
    client.execute("WATCH", "k")
    engine.execute("SWAPDB", 0, 1)
    client.execute("MULTI")
    assert client.execute("EXEC") == []


def test_what_is_refused_at_any_time_is_not_queued(client: Client) -> None:
    client.execute("MULTI")
    with pytest.raises(ResponseError, match="MODULE command not allowed"):
        client.execute("MODULE", "LOAD", "path")
    with pytest.raises(ResponseError, match="EXECABORT"):
        client.execute("EXEC")
