"""MIGRATE, whose target is never there."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError

_HEAD = ("MIGRATE", "127.0.0.1", "1")


def test_a_key_that_cannot_move_stays() -> None:
    engine = Engine()
    engine.execute("SET", "k", 1)
    with pytest.raises(ResponseError) as raised:
        engine.execute(*_HEAD, "", 0, 10, "COPY", "AUTH2", "u", "p", "KEYS", "x", "k")
    assert str(raised.value) == "IOERR error or timeout writing to target instance"
    assert engine.execute("GET", "k") == b"1"


@pytest.mark.parametrize("host", ["nowhere.invalid", "256.0.0.1", ""])
def test_nobody_knows_other_hosts_by_their_names(host: str) -> None:
    engine = Engine()
    engine.execute("SET", "k", 1)
    with pytest.raises(ResponseError, match=r"^IOERR error or timeout connecting to the client$"):
        engine.execute("MIGRATE", host, 1, "k", 0, 10)


def test_without_keys_there_is_nothing_to_move() -> None:
    assert Engine().execute(*_HEAD, "k", 0, 10) == b"NOKEY"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("k", 0, 10, "AUTH"), "ERR syntax error"),
        (("k", 0, 10, "NOSUCH"), "ERR syntax error"),
        (("k", "x", 10), "ERR value is not an integer or out of range"),
        (("k", 0, 10, "KEYS", "k"), "ERR When using MIGRATE KEYS option, the key argument must"),
    ],
)
def test_bad_words_are_refused(words: tuple[str | int, ...], error: str) -> None:
    with pytest.raises(ResponseError) as raised:
        Engine().execute(*_HEAD, *words)
    assert str(raised.value).startswith(error)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("k", 0, 10), [b"k"]),
        (("", 0, 10, "AUTH", "KEYS", "KEYS", "a", "b"), [b"a", b"b"]),
        (("", 0, 10, "AUTH2", "KEYS", "KEYS", "KEYS", "a"), [b"a"]),
    ],
)
def test_its_keys_are_found(words: tuple[str | int, ...], keys: list[bytes]) -> None:
    assert Engine().execute("COMMAND", "GETKEYS", *_HEAD, *words) == keys
