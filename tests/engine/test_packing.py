"""Collections that nobody uses are packed: what there is to see of them stays the same."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.rdb.values import write_value
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.packed import MOST_BYTES, MOST_ELEMENTS, Packed
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.value import Value
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import ResponseError
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import COMMANDS, Words, run
from tests.waiting import wait_until

#: A command that makes a small collection of each kind, and what reads it.
SMALL = [
    (("HSET", "k", "a", "1", "b", ""), ("HGETALL", "k")),
    (("RPUSH", "k", "a", "", "\xff\xfe"), ("LRANGE", "k", 0, -1)),
    (("SADD", "k", "3", "1", "2"), ("SMEMBERS", "k")),
    (("SADD", "k", "x", "1", "\0"), ("SMEMBERS", "k")),
    (("ZADD", "k", "1", "a", "-inf", "b", "0.1", "c", "1e300", "d"), ("ZRANGE", "k", 0, -1)),
]


@pytest.fixture
def engine() -> Engine:
    return Engine(databases=2, clock=Clock())


def stored(engine: Engine, key: bytes = b"k") -> object:
    return engine.keyspace[0].entries.get(key)


def pack_all(engine: Engine) -> None:
    for database in engine.keyspace.databases:
        database.pack(list(database.entries))


@pytest.mark.parametrize(("make", "read"), SMALL)
def test_a_collection_made_at_once_is_packed_until_it_is_read(
    engine: Engine, make: Words, read: Words
) -> None:
    engine.execute("DEBUG", "POPULATE", 1024)
    engine.execute(*make)
    assert isinstance(stored(engine), Packed)
    assert engine.execute("TYPE", "k") != b"string"
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        engine.execute("GET", "k")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        engine.execute("APPEND", "k", "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        engine.execute("XLEN", "k")
    assert engine.execute("MGET", "k", "k") == [None, None]
    assert isinstance(stored(engine), Packed)
    reply = engine.execute(*read)
    assert isinstance(stored(engine), Value)
    pack_all(engine)
    assert isinstance(stored(engine), Packed)
    assert engine.execute(*read) == reply


@pytest.mark.parametrize(("make", "read"), SMALL)
def test_what_is_told_of_a_packed_value_is_what_is_told_of_the_value(
    engine: Engine, make: Words, read: Words
) -> None:
    engine.execute(*make)
    pack_all(engine)
    told = [("OBJECT", "ENCODING", "k"), ("MEMORY", "USAGE", "k"), ("SCAN", 0, "TYPE", "hash")]
    before = [engine.execute(*words) for words in told]
    assert isinstance(stored(engine), Packed)
    payload = engine.execute("DUMP", "k")
    assert isinstance(stored(engine), Value)
    assert [engine.execute(*words) for words in told] == before
    pack_all(engine)
    assert engine.execute("DUMP", "k") == payload


@pytest.mark.parametrize(("make", "read"), SMALL)
def test_undoing_a_change_of_a_packed_value_leaves_it_as_it_was(
    engine: Engine, make: Words, read: Words
) -> None:
    engine.execute(*make)
    before = engine.execute("DUMP", "k")
    pack_all(engine)
    with engine.keyspace.unit():
        engine.execute(*make[:-1], "9")
        engine.execute("HSET", "k2", "a", "1", "b", "2")
        engine.keyspace.rollback()
    assert engine.execute("DUMP", "k") == before
    assert engine.execute("DBSIZE") == 1


def test_what_a_piece_has_no_room_for_stays_as_it_is(engine: Engine) -> None:
    engine.execute("HSET", "times", "a", "1", "b", "2")
    engine.execute("HEXPIRE", "times", "100", "FIELDS", "1", "a")
    engine.execute("HSET", "big", "a", "x" * 100)
    engine.execute("SADD", "many", *range(MOST_ELEMENTS + 1))
    engine.execute("RPUSH", "long", "x" * MOST_BYTES, "y")
    engine.execute("RPUSH", "every byte", *[bytes([byte]) for byte in range(128)], *"\xff\xfe\x80")
    engine.execute("RPUSH", "all separators", b"\xff\xfe\0\x1f\x1e\x01")
    engine.execute("ZADD", "skiplist", 1, "x" * 100)
    pack_all(engine)
    assert not any(isinstance(value, Packed) for value in engine.keyspace[0].entries.values())


def test_a_value_that_a_snapshot_shares_is_not_kept_twice(engine: Engine) -> None:
    engine.execute("RPUSH", "k", "a")
    view = engine.view()
    pack_all(engine)
    assert stored(engine) is stored(view)
    engine.execute("RPUSH", "k", "b")
    pack_all(engine)
    assert isinstance(stored(engine), Packed)
    assert view.execute("LRANGE", "k", 0, -1) == [b"a"]


def test_a_view_unpacks_for_itself(engine: Engine) -> None:
    engine.execute("RPUSH", "k", "a", "b")
    pack_all(engine)
    view = engine.view()
    view.execute("RPUSH", "k", "c")
    assert isinstance(stored(engine), Packed)
    assert engine.execute("LLEN", "k") == 2


def test_a_view_unpacks_by_the_limits_that_were_set(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "list-max-listpack-size", 3)
    engine.execute("RPUSH", "k", "a", "b", "c", "d")
    before = picture(engine)
    pack_all(engine)
    view = engine.keyspace.fork()
    assert picture(engine, view) == before
    with engine.keyspace.unit():
        engine.keyspace.adopt(view)
    assert picture(engine) == before


def test_looking_at_a_packed_value_with_a_memory_limit_keeps_count(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "maxmemory", "100mb")
    for make, read in SMALL:
        engine.execute("DEL", "k")
        engine.execute(*make)
        pack_all(engine)
        used = engine.used_memory()
        engine.execute(*read)
        assert engine.used_memory() == used
        pack_all(engine)
        assert engine.used_memory() == used


def test_tidying_packs_what_many_changes_made_and_then_rests(engine: Engine) -> None:
    for number in range(1500):
        engine.execute("HSET", f"h:{number}", "field", "value")
    with engine.keyspace.unit():
        assert not engine.tidy()
    while engine.tidy():
        pass
    assert all(isinstance(value, Packed) for value in engine.keyspace[0].entries.values())
    engine.execute("HSET", "new", "field", "value")
    assert not engine.tidy()
    for number in range(1500):  # only read: there is much to pack again
        engine.execute("HGET", f"h:{number}", "field")
    assert engine.tidy()


def test_a_worker_tidies_up_when_it_has_nothing_to_do(engine: Engine) -> None:
    worker = Worker(engine)
    with engine.lock:  # somebody has the engine at first, which must not keep it from that
        for number in range(1500):
            engine.execute("HSET", f"h:{number}", "field", "value")
        worker.submit(int).result(10)
        time.sleep(0.05)
    names = [b"h:%d" % number for number in range(1500)]
    wait_until(lambda: all(isinstance(stored(engine, name), Packed) for name in names))
    worker.close()


def test_keys_that_go_while_a_round_is_on_its_way_do_not_matter(engine: Engine) -> None:
    for number in range(1500):
        engine.execute("RPUSH", f"l:{number}", "a")
    assert engine.tidy()
    engine.execute("FLUSHALL")
    engine.execute("SET", "l:7", "a string")
    while engine.tidy():
        pass
    assert engine.execute("GET", "l:7") == b"a string"


@pytest.mark.parametrize("many", [0, 1024])
@given(program=st.lists(st.tuples(COMMANDS, st.booleans()), max_size=25), seed=st.integers())
@settings(deadline=None, max_examples=40)
def test_packing_at_any_moment_changes_nothing_that_commands_tell(
    many: int, program: list[tuple[Words, bool]], seed: int
) -> None:
    packing, plain = (Engine(databases=2, clock=Clock(), rng=random.Random(seed)) for _ in range(2))
    for words, packs in program:
        if packs:
            pack_all(packing)
        with patch("redislua_kernel.engine.database._MANY", many):
            ours = run(packing, words)
        theirs = run(plain, words)
        assert _text(ours) == _text(theirs)
        assert packing.effects == plain.effects
    assert picture(packing) == picture(plain)
    pack_all(packing)
    assert picture(packing) == picture(plain)
    packing.close()
    plain.close()


@given(st.lists(st.tuples(COMMANDS, st.booleans()), max_size=20), st.lists(COMMANDS, max_size=9))
@settings(deadline=None, max_examples=40)
def test_undoing_a_unit_brings_back_what_was_packed(
    before: list[tuple[Words, bool]], unit: list[Words]
) -> None:
    engine = Engine(databases=2, clock=Clock(), rng=random.Random(1))
    for words, packs in before:
        run(engine, words)
        if packs:
            pack_all(engine)
    shown = picture(engine)
    with engine.keyspace.unit():
        for words in unit:
            run(engine, words)
        engine.keyspace.rollback()
    assert picture(engine) == shown
    pack_all(engine)
    assert picture(engine) == shown
    engine.close()


WORDS = st.lists(st.binary(max_size=12), min_size=1, max_size=20, unique=True)
#: An engine is made once: it takes longer than all the rest.
SCRATCH = Engine(databases=1)
MAKERS: list[Callable[[Engine, list[bytes]], Value]] = [
    lambda engine, words: Hash.begun(engine.keyspace.journal, [*words, *words]),
    lambda engine, words: List(engine.keyspace.journal, words),
    lambda engine, words: Set.of(engine.keyspace.journal, words),
    lambda engine, words: SortedSet.of(
        engine.keyspace.journal, {word: len(word) / 3 - 1 for word in words}
    ),
]


@pytest.mark.parametrize("make", MAKERS)
@given(words=WORDS)
@settings(deadline=None, max_examples=50)
def test_whatever_bytes_there_are_a_piece_gives_them_back(
    make: Callable[[Engine, list[bytes]], Value], words: list[bytes]
) -> None:
    engine = SCRATCH
    if make is MAKERS[0] and len(words) % 2:
        words = [*words, b"one more word"]
    value = make(engine, words)
    packed = value.pack()
    if packed is not None:
        assert write_value(packed.unpack(engine.keyspace.journal)) == write_value(value)


def _text(reply: object) -> str:
    return str(reply) if isinstance(reply, ResponseError) else repr(reply)
