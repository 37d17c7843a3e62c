"""Consumer groups: reading, acknowledging, claiming."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NULL_ARRAY
from tests.clock import Clock


@pytest.fixture
def engine(clock: Clock) -> Engine:
    engine = Engine(clock=clock)
    for number in (1, 2, 3):
        engine.execute("XADD", "s", f"{number}-0", "n", number)
    engine.execute("XGROUP", "CREATE", "s", "g", "0")
    return engine


def read(engine: Engine, consumer: str, *options: object) -> list[bytes]:
    reply = engine.execute("XREADGROUP", "GROUP", "g", consumer, *options, "STREAMS", "s", ">")  # type: ignore[arg-type]
    return [] if reply is NULL_ARRAY else [entry[0] for entry in reply[0][1]]


def test_each_entry_goes_to_one_consumer(engine: Engine) -> None:
    assert read(engine, "c", "COUNT", 2) == [b"1-0", b"2-0"]
    assert read(engine, "d") == [b"3-0"]
    assert read(engine, "d") == []
    assert engine.execute("XPENDING", "s", "g") == [
        3, b"1-0", b"3-0", [[b"c", b"2"], [b"d", b"1"]],
    ]  # fmt: skip


def test_a_consumer_reads_its_own_history(engine: Engine) -> None:
    read(engine, "c")
    engine.execute("XDEL", "s", "2-0")
    reply = engine.execute("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", "1")
    assert reply == [[b"s", [[b"2-0", NULL_ARRAY], (b"3-0", (b"n", b"3"))]]]


def test_acknowledged_entries_are_no_longer_pending(engine: Engine) -> None:
    read(engine, "c")
    assert engine.execute("XACK", "s", "g", "1-0", "3-0", "9-9") == 2
    assert engine.execute("XPENDING", "s", "g", "-", "+", 10) == [[b"2-0", b"c", 0, 1]]
    assert engine.execute("XACKDEL", "s", "g", "IDS", 2, "2-0", "1-0") == [1, -1]
    assert engine.execute("XLEN", "s") == 2


def test_idle_entries_can_be_claimed(engine: Engine, clock: Clock) -> None:
    read(engine, "c")
    clock.advance(5)
    assert engine.execute("XCLAIM", "s", "g", "d", 6000, "1-0") == []
    assert engine.execute("XCLAIM", "s", "g", "d", 4000, "1-0", "JUSTID") == [b"1-0"]
    reply = engine.execute("XAUTOCLAIM", "s", "g", "e", 1000, "-", "COUNT", 1)
    assert reply == [b"3-0", [(b"2-0", (b"n", b"2"))], []]
    assert engine.execute("XPENDING", "s", "g", "-", "+", 10) == [
        [b"1-0", b"d", 0, 1],
        [b"2-0", b"e", 0, 2],
        [b"3-0", b"c", 5000, 1],
    ]


def test_autoclaim_drops_what_the_stream_no_longer_holds(engine: Engine) -> None:
    read(engine, "c")
    engine.execute("XDEL", "s", "1-0")
    reply = engine.execute("XAUTOCLAIM", "s", "g", "d", 0, "0", "JUSTID")
    assert reply == [b"0-0", [b"2-0", b"3-0"], [b"1-0"]]


def test_autoclaim_ends_a_stream_that_has_expired_whatever_else_is_wrong(
    engine: Engine, clock: Clock
) -> None:
    engine.execute("EXPIRE", "s", 1)
    clock.advance(2)
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    with pytest.raises(ResponseError, match="COUNT must be > 0"):
        engine.execute("XAUTOCLAIM", "s", "g", "d", 0, "0", "COUNT", 0)
    assert seen == [Effect(0, (b"DEL", b"s"))]


def test_lag_counts_what_is_yet_to_read(engine: Engine) -> None:
    read(engine, "c", "COUNT", 1)
    info = engine.execute("XINFO", "GROUPS", "s")[0]
    assert (info[b"entries-read"], info[b"lag"]) == (1, 2)
    engine.execute("XDEL", "s", "2-0")
    assert engine.execute("XINFO", "GROUPS", "s")[0][b"lag"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("XGROUP", "CREATE", "s", "g", "0"), "BUSYGROUP Consumer Group name already exists"),
        (("XGROUP", "SETID", "s", "x", "0"), "NOGROUP No such consumer group 'x' for key name 's'"),
        (("XPENDING", "s", "x"), "NOGROUP No such key 's' or consumer group 'x'"),
        (("XCLAIM", "s", "g", "c", 0, "1-0", "FOO"), "ERR Unrecognized XCLAIM option 'FOO'"),
        (("XAUTOCLAIM", "s", "g", "c", 0, "0", "COUNT", 0), "ERR COUNT must be > 0"),
        (("XPENDING", "s", "g", "IDLE", 1, "-", "+"), "ERR syntax error"),
    ],
)
def test_errors_are_the_references(engine: Engine, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(ResponseError, match="^" + message.replace("(", r"\(") + "$"):
        engine.execute(*words)


def test_reading_replicates_claims_that_rebuild_the_group(engine: Engine) -> None:
    log: list[tuple[bytes, ...]] = []
    engine.keyspace.effect_listeners.append(lambda effects: log.extend(e.words for e in effects))
    read(engine, "c", "COUNT", 1)
    assert [words[0] for words in log] == [b"MULTI", b"XCLAIM", b"XGROUP", b"EXEC"]
    assert log[2] == (b"XGROUP", b"SETID", b"s", b"g", b"1-0", b"ENTRIESREAD", b"1")
    log.clear()
    engine.execute("XREADGROUP", "GROUP", "g", "new", "STREAMS", "s", "0")
    assert log == []


def test_everything_done_in_a_unit_can_be_undone(engine: Engine) -> None:
    read(engine, "c", "COUNT", 2)
    before = engine.execute("XINFO", "STREAM", "s", "FULL")
    with engine.keyspace.unit():
        read(engine, "d")
        engine.execute("XCLAIM", "s", "g", "d", 0, "1-0", "2-0")
        engine.execute("XACK", "s", "g", "2-0")
        engine.execute("XGROUP", "DELCONSUMER", "s", "g", "d")
        engine.execute("XGROUP", "CREATE", "s", "h", "$")
        engine.execute("XGROUP", "DESTROY", "s", "g")
        engine.keyspace.rollback()
    assert engine.execute("XINFO", "STREAM", "s", "FULL") == before
    stream = engine.keyspace[0].lookup(b"s", Stream)
    assert stream is not None
    stream._check()


def test_entries_that_are_read_again_can_be_taken_back_to_who_had_them(engine: Engine) -> None:
    read(engine, "c", "COUNT", 2)
    engine.execute("XGROUP", "SETID", "s", "g", "0")
    before = engine.execute("XINFO", "STREAM", "s", "FULL")
    with engine.keyspace.unit():
        assert read(engine, "d") == [b"1-0", b"2-0", b"3-0"]
        assert len(engine.execute("XPENDING", "s", "g", "-", "+", 10, "d")) == 3
        engine.keyspace.rollback()
    assert engine.execute("XINFO", "STREAM", "s", "FULL") == before
    stream = engine.keyspace[0].lookup(b"s", Stream)
    assert stream is not None
    stream._check()


def test_a_view_keeps_its_own_pending_entries(engine: Engine) -> None:
    read(engine, "c")
    view = engine.keyspace.fork()
    engine.execute("XACK", "s", "g", "1-0", "2-0", "3-0")
    stream = view[0].lookup(b"s", Stream)
    assert stream is not None
    assert len(stream.groups[b"g"].pending) == 3
    stream._check()


def test_an_option_given_twice_is_too_much(engine: Engine) -> None:
    words = ("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM", "MKSTREAM", "ENTRIESREAD", 1)
    with pytest.raises(ResponseError, match="wrong number of arguments for 'CREATE'"):
        engine.execute(*words)


def test_what_is_pending_is_shown_by_id_whoever_took_it_when(engine: Engine) -> None:
    read(engine, "c")
    ids = [b"1-0", b"2-0", b"3-0"]
    for entry_id in (b"3-0", b"1-0", b"2-0"):
        engine.execute("XCLAIM", "s", "g", "d", 0, entry_id)
    assert [row[0] for row in engine.execute("XPENDING", "s", "g", "-", "+", 9, "d")] == ids
    engine.execute("XCLAIM", "s", "g", "c", 0, "2-0")
    engine.execute("XACK", "s", "g", "1-0")
    assert [row[0] for row in engine.execute("XPENDING", "s", "g", "-", "+", 9)] == ids[1:]
    engine.execute("XCLAIM", "s", "g", "d", 0, "2-0")
    history = engine.execute("XREADGROUP", "GROUP", "g", "d", "STREAMS", "s", "0")
    assert [entry[0] for entry in history[0][1]] == ids[1:]
    stream = engine.keyspace[0].lookup(b"s", Stream)
    assert stream is not None
    stream._check()
