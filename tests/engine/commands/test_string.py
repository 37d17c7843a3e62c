"""Strings: SET's options, numbers, ranges, common subsequences, undoing."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError
from tests.engine.outcomes import replicated

NOW = 1_700_000_000_000


@pytest.fixture
def engine() -> Engine:
    return Engine(clock=lambda: NOW * 1000)


def test_set_has_conditions_and_gives_the_old_value(engine: Engine) -> None:
    assert engine.execute("SET", "k", "1", "XX") is None
    assert engine.execute("SET", "k", "1", "NX") == b"OK"
    assert engine.execute("SET", "k", "2", "NX", "GET") == b"1"
    assert engine.execute("SET", "k", "3", "XX", "GET") == b"1"
    assert engine.execute("GET", "k") == b"3"


def test_set_ends_a_time_unless_told_to_keep_it(engine: Engine) -> None:
    engine.execute("SET", "k", "1", "EX", 10)
    engine.execute("SET", "k", "2", "KEEPTTL")
    assert engine.keyspace[0].expiry(b"k") == NOW + 10_000
    engine.execute("SET", "k", "3")
    assert engine.keyspace[0].expiry(b"k") is None


def test_relative_times_replicate_as_absolute_ones(engine: Engine) -> None:
    at = b"%d" % (NOW + 10_000)
    assert replicated(engine, "SETEX", "k", 10, "1") == [(b"SET", b"k", b"1", b"PXAT", at)]
    assert replicated(engine, "GETEX", "k", "PX", 10_000) == [(b"PEXPIREAT", b"k", at)]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("SET k v NX XX", "ERR syntax error"),
        ("SET k v EX 1 PX 1", "ERR syntax error"),
        ("SET k v EX 1 KEEPTTL", "ERR syntax error"),
        ("SET k v EX x NONSENSE", "ERR syntax error"),
        ("SET k v EX x", "ERR value is not an integer or out of range"),
        ("SET k v EX 0", "ERR invalid expire time in 'set' command"),
        ("SET k v PX 9223372036854775807", "ERR invalid expire time in 'set' command"),
        ("GETEX k PERSIST EX 1", "ERR syntax error"),
        ("SETRANGE k -1 x", "ERR offset is out of range"),
        ("SETRANGE k 536870912 x", "ERR string exceeds maximum allowed size"),
        ("INCR text", "ERR value is not an integer or out of range"),
        ("INCRBYFLOAT text 1", "ERR value is not a valid float"),
        ("INCRBYFLOAT k inf", "ERR increment would produce NaN or Infinity"),
        ("DECRBY k -9223372036854775808", "ERR decrement would overflow"),
        ("LCS k text LEN IDX", "ERR If you want both the length and indexes"),
        ("LCS k l", "ERR The specified keys must contain string values"),
    ],
)
def test_wrong_calls_are_refused_and_change_nothing(engine: Engine, words: str, error: str) -> None:
    engine.execute("SET", "text", "abc")
    engine.execute("RPUSH", "l", "1")
    with pytest.raises(ResponseError, match=f"^{error}"):
        engine.execute(*words.split())
    assert list(engine.keyspace[0].entries) == [b"text", b"l"]


def test_getex_reads_and_sets_takes_or_ends_the_time(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    assert engine.execute("GETEX", "k", "EX", 5) == b"v"
    assert engine.keyspace[0].expiry(b"k") == NOW + 5000
    assert engine.execute("GETEX", "k", "PERSIST") == b"v"
    assert engine.keyspace[0].expiry(b"k") is None
    assert engine.execute("GETEX", "k", "EXAT", 1) == b"v"
    assert engine.execute("GET", "k") is None


@pytest.mark.parametrize(
    ("start", "increment", "result"),
    [
        ("10.50", "0.1", "10.6"),
        ("5.0e3", "2.0e2", "5200"),
        ("3.0", "1.000000000000000005", "4.00000000000000001"),
        ("0", "0.1", "0.1"),
        ("1", "-1", "0"),
        ("1e17", "0.5", "100000000000000000.5"),
        ("0x10", "1", "17"),
    ],
)
def test_floats_add_up_in_long_doubles(
    engine: Engine, start: str, increment: str, result: str
) -> None:
    engine.execute("SET", "k", start)
    assert engine.execute("INCRBYFLOAT", "k", increment) == result.encode()


def test_bytes_are_written_and_read_in_place(engine: Engine) -> None:
    assert engine.execute("APPEND", "k", "Hello") == 5
    assert engine.execute("SETRANGE", "k", 7, "!") == 8
    assert engine.execute("GETRANGE", "k", -4, -1) == b"o\0\0!"
    assert engine.execute("STRLEN", "k") == 8
    assert engine.execute("SETRANGE", "none", 5, "") == 0


def test_mget_gives_null_for_other_types(engine: Engine) -> None:
    engine.execute("MSET", "a", "1", "b", "2")
    engine.execute("APPEND", "b", "3")
    engine.execute("RPUSH", "l", "1")
    assert engine.execute("MGET", "a", "b", "l", "none") == [b"1", b"23", None, None]
    assert engine.execute("MSETNX", "c", "1", "a", "2") == 0


def test_mget_gives_what_is_no_plain_text_after_an_empty_one(engine: Engine) -> None:
    engine.execute("MSET", "empty", "", "n", "7")
    engine.execute("SETBIT", "bits", 1, 1)
    engine.execute("RPUSH", "list", "x")
    assert engine.execute("MGET", "empty", "bits", "n", "list") == [b"", b"@", b"7", None]


def test_lcs_gives_the_text_the_length_and_the_places(engine: Engine) -> None:
    engine.execute("MSET", "a", "ohmytext", "b", "mynewtext")
    assert engine.execute("LCS", "a", "b") == b"mytext"
    assert engine.execute("LCS", "a", "b", "LEN") == 6
    assert engine.execute("LCS", "a", "b", "IDX", "MINMATCHLEN", 4, "WITHMATCHLEN") == {
        b"matches": [[[4, 7], [5, 8], 4]],
        b"len": 6,
    }
    assert engine.execute("LCS", "a", "none") == b""


@pytest.mark.parametrize(
    "words",
    [
        "SET k 2 EX 9",
        "SETRANGE k 5 abc",
        "APPEND k x",
        "INCR k",
        "INCRBYFLOAT k 0.5",
        "GETDEL k",
        "GETEX k EX 5",
        "MSET k 5 z 6",
    ],
)
def test_every_change_can_be_undone(engine: Engine, words: str) -> None:
    engine.execute("SET", "k", "1")
    with engine.keyspace.unit():
        engine.execute(*words.split())
        engine.keyspace.rollback()
    assert engine.keyspace[0].entries == {b"k": b"1"}
    assert not engine.keyspace[0].expires


def test_a_whole_number_that_incrbyfloat_made_is_kept_as_text(engine: Engine) -> None:
    engine.execute("INCRBYFLOAT", "k", 3)
    assert engine.execute("OBJECT", "ENCODING", "k") == b"embstr"
    assert engine.execute("INCR", "k") == 4
    assert engine.execute("OBJECT", "ENCODING", "k") == b"int"
    engine.execute("INCRBYFLOAT", "k", 3)
    engine.execute("APPEND", "k", "0")
    assert engine.execute("GET", "k") == b"70"
    assert engine.execute("OBJECT", "ENCODING", "k") == b"raw"


def test_a_key_its_string_and_its_expiry_are_embedded_together(engine: Engine) -> None:
    for key, encoding in (("k", b"embstr"), ("longer", b"raw")):
        engine.execute("SET", key, "x" * 40)
        assert engine.execute("OBJECT", "ENCODING", key) == encoding
    engine.execute("EXPIRE", "k", 100)
    assert engine.execute("OBJECT", "ENCODING", "k") == b"raw"


def test_a_counter_is_a_string_to_all_other_commands(engine: Engine) -> None:
    engine.execute("INCRBY", "n", 41)
    engine.execute("DECRBY", "m", 7)
    assert engine.execute("GET", "n") == b"41"
    assert engine.execute("MGET", "n", "m", "none") == [b"41", b"-7", None]
    assert engine.execute("TYPE", "n") == b"string"
    assert engine.execute("OBJECT", "ENCODING", "n") == b"int"
    assert engine.execute("STRLEN", "m") == 2
    assert engine.execute("GETRANGE", "n", 1, 1) == b"1"
    engine.execute("COPY", "n", "copy")
    engine.execute("RENAME", "m", "moved")
    assert engine.execute("MGET", "copy", "moved") == [b"41", b"-7"]
    engine.execute("RESTORE", "restored", 0, engine.execute("DUMP", "n"))
    assert engine.execute("INCR", "restored") == 42
    assert engine.execute("GETSET", "n", "x") == b"41"
    assert engine.execute("GETDEL", "copy") == b"41"
    engine.execute("INCR", "c")
    assert engine.execute("APPEND", "c", "0") == 2
    assert engine.execute("INCR", "c") == 11
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        engine.execute("LPUSH", "c", "x")


def test_a_counter_that_has_expired_begins_anew() -> None:
    now = NOW * 1000
    engine = Engine(clock=lambda: now)
    engine.execute("INCRBY", "n", 5)
    engine.execute("PEXPIRE", "n", 10)
    now += 11_000
    assert engine.execute("INCR", "n") == 1
    assert engine.execute("TTL", "n") == -1
