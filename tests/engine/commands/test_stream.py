"""Streams: entries, trimming, ids."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.reply import NULL_ARRAY
from tests.engine.outcomes import error_of


@pytest.fixture
def engine() -> Engine:
    return Engine(clock=lambda: 5_000_000)


def fill(engine: Engine, count: int) -> None:
    for number in range(1, count + 1):
        engine.execute("XADD", "s", f"{number}-0", "n", number)


def ids(engine: Engine) -> list[bytes]:
    return [entry[0] for entry in engine.execute("XRANGE", "s", "-", "+")]


def test_ids_grow_though_the_clock_stands_still(engine: Engine) -> None:
    assert engine.execute("XADD", "s", "*", "a", 1) == b"5000-0"
    assert engine.execute("XADD", "s", "*", "a", 1) == b"5000-1"
    assert engine.execute("XADD", "s", "5000-*", "a", 1) == b"5000-2"
    assert engine.execute("XADD", "s", "6000-*", "a", 1) == b"6000-0"
    assert "equal or smaller" in error_of(engine, "XADD", "s", "6000-0", "a", 1)
    assert "greater than 0-0" in error_of(engine, "XADD", "s", "0-0", "a", 1)


def test_nomkstream_creates_nothing(engine: Engine) -> None:
    assert engine.execute("XADD", "s", "NOMKSTREAM", "*", "a", 1) is None
    assert engine.execute("XLEN", "s") == 0


def test_an_odd_number_of_fields_is_an_arity_error(engine: Engine) -> None:
    assert "wrong number" in error_of(engine, "XADD", "s", "*", "a", 1, "b")


def test_ranges_take_exclusive_and_incomplete_ids(engine: Engine) -> None:
    fill(engine, 3)
    assert [entry[0] for entry in engine.execute("XRANGE", "s", "(1-0", "3")] == [b"2-0", b"3-0"]
    assert engine.execute("XREVRANGE", "s", "+", "-", "COUNT", 1) == [(b"3-0", (b"n", b"3"))]
    assert engine.execute("XRANGE", "s", "-", "+", "COUNT", 0) is NULL_ARRAY
    assert "invalid start ID" in error_of(
        engine, "XRANGE", "s", "(18446744073709551615-18446744073709551615", "+"
    )


def test_an_approximate_trim_drops_whole_nodes(engine: Engine) -> None:
    fill(engine, 250)
    assert engine.execute("XTRIM", "s", "MAXLEN", "~", 100) == 100
    assert engine.execute("XLEN", "s") == 150
    assert engine.execute("XTRIM", "s", "MAXLEN", 100) == 50
    assert engine.execute("XTRIM", "s", "MINID", "~", "201") == 50
    assert ids(engine)[0] == b"201-0"


def test_trimming_options_that_do_not_go_together_are_refused(engine: Engine) -> None:
    fill(engine, 3)
    assert "special ~ option" in error_of(engine, "XTRIM", "s", "MAXLEN", 1, "LIMIT", 1)
    assert "not compatible" in error_of(engine, "XTRIM", "s", "MAXLEN", 1, "MINID", 1)
    assert len(ids(engine)) == 3


def test_an_emptied_stream_stays_and_remembers_its_last_id(engine: Engine) -> None:
    fill(engine, 2)
    assert engine.execute("XDEL", "s", "1-0", "2-0", "9-9") == 2
    assert engine.execute("XINFO", "STREAM", "s")[b"last-generated-id"] == b"2-0"
    assert "equal or smaller" in error_of(engine, "XADD", "s", "1-0", "a", 1)


def test_an_invalid_id_among_several_deletes_nothing(engine: Engine) -> None:
    fill(engine, 2)
    assert "Invalid stream ID" in error_of(engine, "XDEL", "s", "1-0", "x")
    assert len(ids(engine)) == 2


def test_xdelex_spares_what_a_group_still_needs(engine: Engine) -> None:
    fill(engine, 3)
    engine.execute("XGROUP", "CREATE", "s", "g", "0")
    engine.execute("XREADGROUP", "GROUP", "g", "c", "COUNT", 2, "STREAMS", "s", ">")
    engine.execute("XACK", "s", "g", "1-0")
    assert engine.execute("XDELEX", "s", "ACKED", "IDS", 3, "1-0", "2-0", "3-0") == [1, 2, 2]
    assert engine.execute("XDELEX", "s", "DELREF", "IDS", 1, "2-0") == [1]
    assert engine.execute("XPENDING", "s", "g")[0] == 0
    assert "must match" in error_of(engine, "XDELEX", "s", "IDS", 2, "1-0")


def test_xread_is_pairs_in_resp2_and_a_map_in_resp3(engine: Engine) -> None:
    fill(engine, 2)
    client = engine.client()
    words = ("XREAD", "COUNT", 1, "BLOCK", 0, "STREAMS", "s", "nokey", "1", "0")
    assert client.execute(*words) == [[b"s", [(b"2-0", (b"n", b"2"))]]]
    client.resp = 3
    assert client.execute(*words) == [(b"s", [(b"2-0", (b"n", b"2"))])]
    assert client.execute("XREAD", "STREAMS", "s", "$") is NULL_ARRAY
    assert client.execute("XREAD", "STREAMS", "s", "+")[0][1][0][0] == b"2-0"


def test_a_key_of_another_type_is_refused(engine: Engine) -> None:
    engine.execute("SET", "s", "x")
    for words in (("XADD", "s", "*", "a", 1), ("XLEN", "s"), ("XINFO", "STREAM", "s")):
        assert error_of(engine, *words).startswith("WRONGTYPE")


def test_xsetid_never_goes_below_the_top_entry(engine: Engine) -> None:
    fill(engine, 3)
    assert "target stream top item" in error_of(engine, "XSETID", "s", "2-0")
    engine.execute("XSETID", "s", "9-0", "ENTRIESADDED", 20, "MAXDELETEDID", "4-0")
    info = engine.execute("XINFO", "STREAM", "s")
    assert info[b"last-generated-id"] == b"9-0"
    assert info[b"entries-added"] == 20
    assert info[b"max-deleted-entry-id"] == b"4-0"


def test_additions_and_trims_replicate_with_what_they_came_to(engine: Engine) -> None:
    log: list[tuple[bytes, ...]] = []
    engine.keyspace.effect_listeners.append(lambda effects: log.extend(e.words for e in effects))
    engine.execute("XADD", "s", "*", "a", "1")
    engine.execute("XADD", "s", "MAXLEN", "~", 5, "LIMIT", 10, "*", "a", "2")
    engine.execute("XADD", "s", "5000-*", "a", "3")
    engine.execute("XADD", "s", "06000", "a", "4")
    engine.execute("XADD", "s", "LIMIT", 10, "MAXLEN", "~", 5, "7000", "a", "5")
    assert log == [
        (b"XADD", b"s", b"5000-0", b"a", b"1"),
        (b"XADD", b"s", b"MAXLEN", b"=", b"2", b"5000-1", b"a", b"2"),
        (b"XADD", b"s", b"5000-2", b"a", b"3"),
        (b"XADD", b"s", b"06000", b"a", b"4"),  # as it was written
        (b"XADD", b"s", b"MAXLEN", b"=", b"5", b"7000", b"a", b"5"),
    ]


def test_everything_done_in_a_unit_can_be_undone(engine: Engine) -> None:
    fill(engine, 205)
    before = engine.execute("XINFO", "STREAM", "s", "FULL", "COUNT", 0)
    with engine.keyspace.unit():
        engine.execute("XADD", "s", "MAXLEN", 20, "*", "a", 1)
        engine.execute("XDEL", "s", "204-0", "205-0")
        engine.execute("XADD", "s", "*", "b", 1)
        engine.execute("XTRIM", "s", "MINID", "203")
        engine.execute("XSETID", "s", "99999-0")
        engine.keyspace.rollback()
    assert engine.execute("XINFO", "STREAM", "s", "FULL", "COUNT", 0) == before


def test_a_view_does_not_see_later_entries(engine: Engine) -> None:
    fill(engine, 3)
    view = engine.keyspace.fork()
    engine.execute("XADD", "s", "9-0", "a", 1)
    engine.execute("XDEL", "s", "1-0")
    stream = view[0].lookup(b"s", Stream)
    assert stream is not None
    stream._check()
    assert [entry_id for entry_id, _ in stream.range()] == [(1, 0), (2, 0), (3, 0)]


def test_a_setting_says_how_many_entries_an_approximate_trim_spares(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "stream-node-max-entries", 2)
    fill(engine, 5)
    assert engine.execute("XTRIM", "s", "MAXLEN", "~", 2) == 2
    assert engine.execute("XTRIM", "s", "MAXLEN", "~", 0, "LIMIT", 1) == 0


@pytest.mark.parametrize("value", ["", "7", "x" * 50, "-12345678901", "x" * 100])
def test_a_node_is_full_by_bytes_however_late_they_are_measured(value: str) -> None:
    def nodes_of(*, measures_each: bool) -> list[tuple[int, int]]:
        engine = Engine(clock=lambda: 5_000_000)
        engine.execute("CONFIG", "SET", "stream-node-max-entries", 1_000)
        for number in range(1, 300):
            engine.execute("XADD", "s", f"{number}-0", "n", value, "m", number)
            if number % 7 == 0:
                engine.execute("XDEL", "s", f"{number - 3}-0")
            stream = engine.keyspace[0].lookup(b"s", Stream)
            assert stream is not None
            if measures_each:
                stream._check()
        return [(len(node.ids), node.size) for node in stream.nodes]

    assert nodes_of(measures_each=True) == nodes_of(measures_each=False)


def test_undoing_an_addition_forgets_its_bytes(engine: Engine) -> None:
    fill(engine, 3)
    stream = engine.keyspace[0].lookup(b"s", Stream)
    assert stream is not None
    before = stream.nodes[0].size
    with engine.keyspace.unit():
        engine.execute("XADD", "s", "4-0", "n", "long" * 30)
        engine.execute("XDEL", "s", "2-0")
        engine.execute("XADD", "s", "5-0", "other", 5)
        engine.keyspace.rollback()
    assert stream.nodes[0].size == before
    stream._check()
