"""Cursors: nothing that stays is missed, whatever comes and goes meanwhile."""

from __future__ import annotations

import random
from typing import Any
from zlib import crc32

import pytest

from redislua_kernel.engine.interrupts import interruptible_sort
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.scan import parse_cursor, parse_scan_options, scan
from redislua_kernel.errors import ResponseError


def walk(container: dict[bytes, int], count: int = 10) -> list[bytes]:
    """Scan a whole container of a keyspace of its own."""
    db = Keyspace()[0]
    cursor, found = scan(db, container, 0, count)
    while cursor:
        cursor, batch = scan(db, container, cursor, count)
        found += batch
    return found


@pytest.mark.parametrize("count", [1, 7, 10, 1000])
def test_a_walk_returns_every_element_once(count: int) -> None:
    container = {b"k%d" % i: i for i in range(100)}
    assert sorted(walk(container, count)) == sorted(container)


def test_an_empty_container_ends_at_once() -> None:
    assert scan(Keyspace()[0], {}, 0, 10) == (0, [])


def test_elements_with_one_hash_come_together() -> None:
    assert crc32(b"plumless") == crc32(b"buckeroo")
    container = {b"plumless": 1, b"buckeroo": 2, b"other": 3}
    assert sorted(walk(container, 1)) == sorted(container)


@pytest.mark.parametrize("seed", range(5))
def test_walks_begun_after_any_changes_return_what_there_is(seed: int) -> None:
    rng = random.Random(seed)
    db = Keyspace()[0]
    container = {b"k%d" % i: i for i in range(3000)}
    for _ in range(30):
        for _ in range(rng.choice([1, 20, 200])):
            container[b"k%d" % rng.randrange(4000)] = 0
            db.changed(b"key", b"event")
            container.pop(b"k%d" % rng.randrange(4000), None)
        cursor, found = scan(db, container, 0, rng.choice([1, 50, 5000]))
        while cursor:
            cursor, batch = scan(db, container, cursor, 200)
            found += batch
        assert sorted(found) == sorted(container)


@pytest.mark.parametrize("seed", range(5))
def test_what_stays_is_returned_while_others_come_and_go(seed: int) -> None:
    rng = random.Random(seed)
    db = Keyspace()[0]
    stays = {b"s%d" % i: i for i in range(50)}
    container = dict(stays)
    cursor, found = scan(db, container, 0, 3)
    while cursor:
        db.changed(b"key", b"event")
        container[b"t%d" % rng.randrange(100)] = 0
        container.pop(b"t%d" % rng.randrange(100), None)
        if rng.random() < 0.2:
            db.keyspace.scan_orders.clear()
        cursor, batch = scan(db, container, cursor, 3)
        found += batch
    assert stays.keys() <= set(found)


def test_a_walk_begun_after_a_change_sees_it() -> None:
    db = Keyspace()[0]
    container = {b"a": 1}
    assert scan(db, container, 0, 10) == (0, [b"a"])
    container[b"b"] = 2
    del container[b"a"]
    db.changed(b"key", b"event")
    assert scan(db, container, 0, 10) == (0, [b"b"])


def test_a_walk_begun_after_a_rollback_sees_it() -> None:
    keyspace = Keyspace()
    db = keyspace[0]
    with keyspace.unit():
        db.put(b"a", b"1")
    with keyspace.unit():
        db.remove(b"a")
        db.put(b"b", b"1")
        assert scan(db, db.entries, 0, 10) == (0, [b"b"])
        keyspace.rollback()
    assert scan(db, db.entries, 0, 10) == (0, [b"a"])


@pytest.mark.parametrize(
    ("word", "cursor"),
    [(b"0", 0), (b"007", 7), (b"+5", 5), (b" 5", 5), (b"18446744073709551615", (1 << 64) - 1)],
)
def test_cursors_are_read_as_leniently_as_strtoull_does(word: bytes, cursor: int) -> None:
    assert parse_cursor(word) == cursor


@pytest.mark.parametrize("word", [b"", b"x", b"5 ", b"-5", b"18446744073709551616", b"1.0"])
def test_other_cursors_are_invalid(word: bytes) -> None:
    with pytest.raises(ResponseError, match=r"^ERR invalid cursor$"):
        parse_cursor(word)


def test_options_are_read_in_any_order_and_case() -> None:
    options = parse_scan_options([b"Match", b"a*", b"count", b"5", b"novalues"], of_hash=True)
    assert (options.match, options.count, options.novalues) == (b"a*", 5, True)
    assert list(options.select([b"ab", b"b"])) == [b"ab"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([b"COUNT", b"0"], "ERR syntax error"),
        ([b"COUNT", b"x"], "ERR value is not an integer or out of range"),
        ([b"COUNT"], "ERR syntax error"),
        ([b"TYPE", b"hash"], "ERR syntax error"),
        ([b"NOVALUES"], "ERR NOVALUES option can only be used in HSCAN"),
    ],
)
def test_wrong_options_are_refused(words: list[bytes], error: str) -> None:
    with pytest.raises(ResponseError, match=f"^{error}$"):
        parse_scan_options(words)


def test_a_walk_begun_again_looks_at_what_was_added_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    db = Keyspace()[0]
    container = {b"k%d" % i: i for i in range(20_000)}
    scan(db, container, 0, 10)
    hashed = 0

    def counting(element: bytes) -> int:
        nonlocal hashed
        hashed += 1
        return crc32(element)

    monkeypatch.setattr("redislua_kernel.engine.scan.crc32", counting)
    for number in range(20):
        container[b"new%d" % number] = number
        del container[b"k%d" % number]
        db.changed(b"key", b"event")
        scan(db, container, 0, 10)
    assert hashed < 20 * 150
    monkeypatch.undo()
    assert sorted(scan(db, container, 0, 30_000)[1]) == sorted(container)


def test_a_walk_begun_after_many_changes_sorts_only_what_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db = Keyspace()[0]
    container = {b"k%d" % i: i for i in range(20_000)}
    scan(db, container, 0, 10)
    for number in range(500):
        container[b"new%d" % number] = number
        db.changed(b"key", b"event")
    sorted_at_once = []

    def noting(items: list[bytes], key: Any) -> list[bytes]:
        sorted_at_once.append(len(items))
        return interruptible_sort(items, key)

    monkeypatch.setattr("redislua_kernel.engine.scan.interruptible_sort", noting)
    cursor, found = scan(db, container, 0, 10)
    while cursor:
        cursor, batch = scan(db, container, cursor, 10)
        found += batch
    assert sorted(found) == sorted(container)
    assert max(sorted_at_once) < 100
