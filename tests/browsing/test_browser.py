"""Browsing a database and changing it, without a page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from redislua_kernel import Engine
from redislua_kernel.browsing.browser import Browser
from redislua_kernel.browsing.changes import Changes
from redislua_kernel.browsing.contents import Table
from redislua_kernel.browsing.decoding import Piece
from tests.clock import Clock


@pytest.fixture
def engine(clock: Clock) -> Iterator[Engine]:
    engine = Engine(clock=clock)
    yield engine
    engine.close()


@contextmanager
def busy(engine: Engine) -> Iterator[None]:
    """Hold the engine on another thread, as a script does."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.lock:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


def browse(engine: Engine, pattern: bytes = b"*", page: int = 20) -> Browser:
    browser = Browser(engine, 0, pattern, page=page)
    browser.look()
    return browser


def names(browser: Browser) -> list[str]:
    return [row.name.decode() for row, _ in browser.rows]


def contents(engine: Engine, key: str, first: int = 0) -> Table:
    browser = browse(engine)
    browser.choose(key.encode())
    browser.element = first
    browser.look()
    assert isinstance(browser.contents, Table)
    return browser.contents


def test_few_keys_are_shown_with_all_branches_open(engine: Engine) -> None:
    engine.execute("MSET", "a:1", "x", "a:b:2", "y", "z", "1")
    assert names(browse(engine)) == ["a:", "a:b:", "a:b:2", "a:1", "z"]


def test_many_keys_are_shown_as_branches_and_pages(engine: Engine) -> None:
    for place in range(50):
        engine.execute("SET", f"key:{place:02}", "x")
    browser = browse(engine, page=10)
    assert names(browser) == ["key:"]
    browser.toggle(b"key:")
    browser.turn(1)
    assert names(browser) == [f"key:{place:02}" for place in range(9, 19)]
    browser.turn(99)
    assert names(browser) == ["key:49"]
    browser.turn(-99)
    assert browser.first == 0


def test_a_key_is_told_with_type_ttl_size_encoding_and_memory(engine: Engine) -> None:
    engine.execute("HSET", "h", "f", "v")
    engine.execute("EXPIRE", "h", 100)
    [(_, details)] = browse(engine).rows
    assert details is not None
    assert details[:1] + details[2:6] == ("hash", 100_000, 1, "field", "listpack")
    assert details.memory == engine.execute("MEMORY", "USAGE", "h")


def test_encodings_are_those_of_object_encoding(engine: Engine) -> None:
    engine.execute("MSET", "int", 12, "short", "x", "long", "x" * 100)
    engine.execute("APPEND", "grown", "12")
    engine.execute("APPEND", "grown", "3")
    engine.execute("ZADD", "scores", 1, "a")
    for row, details in browse(engine).rows:
        assert details is not None
        assert details.encoding.encode() == engine.execute("OBJECT", "ENCODING", row.name)


def test_expired_keys_and_fields_are_not_shown_and_not_deleted(
    engine: Engine, clock: Clock
) -> None:
    engine.execute("SET", "gone", "x", "EX", 1)
    engine.execute("HSET", "h", "stays", "1", "goes", "2")
    engine.execute("HPEXPIRE", "h", 500, "FIELDS", 1, "goes")
    clock.advance(10)
    browser = browse(engine)
    assert names(browser) == ["h"]
    assert b"gone" in engine.keyspace[0].entries
    browser.choose(b"h")
    assert browser.details is not None
    assert browser.details.size == 1
    assert contents(engine, "h").rows[0][0] == "stays"
    assert contents(engine, "h").total == 1
    browser.choose(b"gone")
    assert browser.details is browser.contents is None


def test_a_search_shows_what_it_finds_and_its_end_what_was_open(engine: Engine) -> None:
    for place in range(30):
        engine.execute("SET", f"a:{place}:cart", "x")
    browser = browse(engine)
    assert names(browser) == ["a:"]
    browser.search = "7:CA"
    assert names(browser) == ["a:", "a:17:", "a:17:cart", "a:27:", "a:27:cart", "a:7:", "a:7:cart"]
    browser.toggle(b"a:17:")
    engine.execute("SET", "a:77:cart", "x")
    browser.look()
    assert browser.count == 4
    assert "a:17:cart" not in names(browser)
    browser.search = ""
    assert names(browser) == ["a:"]


def test_a_pattern_limits_what_is_seen(engine: Engine) -> None:
    engine.execute("MSET", "user:1", "x", "cart:1", "y")
    browser = browse(engine, b"user:*")
    assert names(browser) == ["user:", "user:1"]
    assert (browser.count, browser.total) == (1, 2)


def test_the_separator_can_be_another_or_none(engine: Engine) -> None:
    engine.execute("MSET", "a/b", "x", "a:c", "y")
    browser = browse(engine)
    browser.separator = "/"
    assert names(browser) == ["a/", "a:c"]
    browser.separator = ""
    assert names(browser) == ["a/b", "a:c"]


def test_while_a_script_runs_the_names_from_before_can_be_browsed(engine: Engine) -> None:
    for place in range(30):
        engine.execute("SET", f"a:{place:02}", "x")
    browser = browse(engine)
    changes = Changes(browser)
    browser.toggle(b"a:")
    with busy(engine):
        browser.look()
        assert browser.is_late
        browser.turn(1)
        assert names(browser)[-1] == "a:29"
        browser.choose(b"a:01")
        assert browser.details is None
        assert "running" in changes.delete()
    browser.look()
    assert not browser.is_late
    assert browser.details is not None


def test_collections_are_given_page_by_page(engine: Engine) -> None:
    engine.execute("RPUSH", "l", *range(60))
    engine.execute("SADD", "s", *range(60))
    engine.execute("HSET", "h", *range(120))
    for place in range(60):
        engine.execute("XADD", "x", f"{place + 1}-0", "f", place, "<b>", "\xff")
    assert contents(engine, "l", 25).rows[0] == ("25", "25")
    assert contents(engine, "s", 50).rows[-1] == ("59",)
    assert contents(engine, "h", 50).rows[-1] == ("118", "119")
    assert contents(engine, "x", 25).rows[0] == ("26-0", "f = 25\n<b> = ÿ")
    assert {contents(engine, key).total for key in "lshx"} == {60}
    # A page that is no longer there gives way to the last one.
    assert contents(engine, "l", 500).first == 50


def test_a_string_that_has_become_short_is_shown_from_its_beginning(engine: Engine) -> None:
    engine.execute("SET", "k", "x" * 20_000)
    browser = browse(engine)
    browser.choose(b"k")
    browser.turn_contents(1 << 40)
    assert browser.element == 16_000
    engine.execute("SET", "k", "")
    browser.look()
    assert browser.element == 0


def test_a_sorted_set_is_given_by_score_with_the_spread_of_all_scores(engine: Engine) -> None:
    engine.execute("ZADD", "z", *(word for i in range(100) for word in (i, f"m{i}")))
    engine.execute("ZADD", "z", "inf", "last", "-inf", "first")
    table = contents(engine, "z", 25)
    assert table.rows[0] == ("25", "m24", "24")
    assert table.scores is not None
    assert (table.scores.low, table.scores.high, sum(table.scores.counts)) == (0, 99, 100)
    assert table.scores.page == (24, 48)
    engine.execute("ZADD", "same", 1, "a", 1, "b")
    assert contents(engine, "same").scores is None


def test_places_are_told_in_degrees_until_one_asks_for_scores(engine: Engine) -> None:
    engine.execute("GEOADD", "g", 13.361389, 38.115556, "Palermo")
    browser = browse(engine)
    browser.choose(b"g")
    assert isinstance(browser.contents, Table)
    assert browser.contents.rows == [("Palermo", "13.361389", "38.115556")]
    browser.show_other(True)
    assert isinstance(browser.contents, Table)
    assert browser.contents.rows == [("0", "Palermo", "3479099956230698")]
    engine.execute("ZADD", "times", 1_700_000_000_000, "now")
    assert contents(engine, "times").header[2] == "score"


def test_a_stream_tells_of_its_groups(engine: Engine) -> None:
    engine.execute("XADD", "x", "1-0", "f", "v")
    engine.execute("XGROUP", "CREATE", "x", "readers", "0")
    engine.execute("XREADGROUP", "GROUP", "readers", "ann", "STREAMS", "x", ">")
    assert contents(engine, "x").notes == [
        "group readers: consumers 1, pending 1, last delivered 1-0"
    ]


@pytest.mark.parametrize(
    ("setup", "name", "value", "question", "answer"),
    [
        ("SET k old", b"", b"new", "GET k", b"new"),
        ("HSET k f old", b"f", b"new", "HGET k f", b"new"),
        ("RPUSH k a b", b"1", b"new", "LRANGE k 0 -1", [b"a", b"new"]),
        ("RPUSH k a b", b"", b"new", "LLEN k", 3),
        ("SADD k a", b"new", b"", "SISMEMBER k new", 1),
        ("ZADD k 1 a", b"a", b"2.5", "ZSCORE k a", 2.5),
        ("XADD k 1-0 f v", b"f", b"new", "XLEN k", 2),
    ],
)  # fmt: skip
def test_values_are_edited_by_commands(
    engine: Engine, setup: str, name: bytes, value: bytes, question: str, answer: object
) -> None:
    engine.execute(*setup.split())
    engine.execute("EXPIRE", "k", 100)
    browser = browse(engine)
    browser.choose(b"k")
    assert Changes(browser).set(name, value) == ""
    assert engine.effects == [] or engine.effects[0].words[1] == b"k"
    assert engine.execute(*question.split()) == answer
    assert engine.execute("TTL", "k") == 100


@pytest.mark.parametrize(
    ("setup", "name"),
    [
        ("HSET k f v g w", b"f"),
        ("SADD k f g", b"f"),
        ("ZADD k 1 f 2 g", b"f"),
        ("XADD k 1-0 f v", b"1-0"),
    ],
)
def test_elements_are_taken_away(engine: Engine, setup: str, name: bytes) -> None:
    engine.execute(*setup.split())
    browser = browse(engine)
    browser.choose(b"k")
    changes = Changes(browser)
    assert browser.details is not None
    before = browser.details.size
    assert changes.remove(name) == ""
    assert browser.details.size == before - 1
    assert changes.remove(name) == "There was no such element."


def test_what_goes_wrong_is_said_in_the_engine_s_words(engine: Engine) -> None:
    engine.execute("ZADD", "k", 1, "a")
    browser = browse(engine)
    browser.choose(b"k")
    changes = Changes(browser)
    assert changes.set(b"a", b"many") == "ERR value is not a valid float"
    assert changes.expire("soon") == "ERR value is not an integer or out of range"
    assert changes.expire("0") == "A time to live is more than 0 seconds."
    engine.execute("DEL", "k")
    assert changes.persist() == "It does not expire."
    assert changes.delete() == changes.set(b"a", b"1") == "The key is no longer there."


def test_a_key_is_given_a_time_a_name_and_an_end(engine: Engine) -> None:
    engine.execute("MSET", "k", "v", "taken", "x")
    watcher = engine.client()
    watcher.execute("WATCH", "k")
    browser = browse(engine)
    browser.choose(b"k")
    changes = Changes(browser)
    assert changes.expire("100") == ""
    assert browser.details is not None
    assert browser.details.ttl == browser.soonest == 100_000
    assert changes.persist() == ""
    assert browser.soonest is None
    assert changes.rename(b"taken") == "There is a key of that name already."
    assert changes.rename(b"new") == ""
    assert browser.chosen == b"new"
    assert isinstance(browser.contents, Piece)
    assert changes.delete() == ""
    assert browser.chosen is None
    assert names(browser) == ["taken"]
    watcher.execute("MULTI")
    watcher.execute("PING")
    assert not isinstance(watcher.execute("EXEC"), list)
    clients = engine.clients.copy()
    changes.close()
    assert len(engine.clients) == len(clients) - 1
