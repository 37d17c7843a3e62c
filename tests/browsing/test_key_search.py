"""Keys by how they begin."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.browsing import key_search
from redislua_kernel.browsing.key_search import Entries, KeySearch

ANY_TIME = 60.0


@pytest.fixture
def entries() -> Entries:
    engine = Engine()
    for number in range(300):
        engine.execute("SET", f"key:{number}", "x")
    engine.execute("HSET", "user:1", "f", "v")
    return engine.keyspace[0].entries


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_search, "_NEWEST", 10)
    monkeypatch.setattr(key_search, "_AT_ONCE", 20)
    monkeypatch.setattr(key_search, "_PLACES", 3)


def find(
    search: KeySearch,
    entries: Entries,
    prefix: bytes,
    types: frozenset[str] | None = None,
    *,
    most: int = 1000,
    seconds: float = ANY_TIME,
) -> list[bytes]:
    return sorted(search.find(entries, prefix, types, most=most, seconds=seconds))


def test_it_finds_all_that_begin_so_also_a_second_time(entries: Entries) -> None:
    search = KeySearch()
    expected = sorted(key for key in entries if key.startswith(b"key:1"))
    assert len(expected) == 111
    assert find(search, entries, b"key:1") == expected
    assert find(search, entries, b"key:1") == expected
    assert find(search, entries, b"") == sorted(entries)
    assert find(search, entries, b"zzz") == []


def test_it_finds_only_the_types_that_are_wanted(entries: Entries) -> None:
    assert KeySearch().find(entries, b"", frozenset({"hash"}), most=9, seconds=ANY_TIME) == {
        b"user:1": "hash"
    }


def test_it_stops_at_the_most_that_are_wanted(entries: Entries) -> None:
    assert len(find(KeySearch(), entries, b"key:", most=7)) == 7


def test_without_time_it_finds_the_newest_and_then_ever_more(entries: Entries) -> None:
    search = KeySearch()
    assert find(search, entries, b"user", seconds=0) == [b"user:1"]
    assert find(search, entries, b"key:0", seconds=0) == []
    assert find(search, entries, b"key:0") == [b"key:0"]


def test_it_follows_what_comes_and_goes(entries: Entries) -> None:
    search = KeySearch()
    find(search, entries, b"")
    value = entries[b"key:5"]
    del entries[b"key:5"]
    assert find(search, entries, b"key:5") == sorted(
        key for key in entries if key.startswith(b"key:5")
    )
    for number in range(50):
        entries[b"new:%d" % number] = value
    assert len(find(search, entries, b"new:")) == 50
    assert find(search, {b"other": value}, b"") == [b"other"]


def test_a_key_with_a_line_end_is_found_among_the_newest(entries: Entries) -> None:
    entries[b"two\nlines"] = b"x"
    search = KeySearch()
    assert find(search, entries, b"two") == [b"two\nlines"]
    assert find(search, entries, b"lines") == []
