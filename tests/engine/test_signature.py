"""A function's signature is its command's grammar."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import pytest

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.signature import (
    Flag,
    Group,
    Int,
    IntOption,
    Key,
    KeyRange,
    Token,
    Word,
    Words,
    parse_float,
    parse_int,
    parse_int32,
    read_signature,
)
from redislua_kernel.errors import ResponseError


@pytest.mark.parametrize("word", ["0", "-1", "9223372036854775807", "-9223372036854775808"])
def test_words_that_are_integers(word: str) -> None:
    assert parse_int(word.encode()) == int(word)


@pytest.mark.parametrize(
    "word", ["", "x", " 1", "1 ", "+1", "01", "-0", "1_0", "1.0", "9223372036854775808", "0x1"]
)
def test_words_that_are_no_integers(word: str) -> None:
    with pytest.raises(ResponseError, match=r"^ERR value is not an integer or out of range"):
        parse_int(word.encode())


def test_an_integer_may_have_to_fit_32_bits() -> None:
    assert parse_int32(b"2147483647") == 2147483647
    with pytest.raises(ResponseError):
        parse_int32(b"2147483648")


@pytest.mark.parametrize(
    ("word", "number"),
    [("1", 1.0), ("-1.5", -1.5), ("1e3", 1000.0), ("inf", float("inf")), ("-INF", float("-inf")),
     (".5", 0.5), ("0x10", 16.0), ("+1", 1.0), ("0e-999", 0.0)],
)  # fmt: skip
def test_words_that_are_doubles(word: str, number: float) -> None:
    assert parse_float(word.encode()) == number


@pytest.mark.parametrize("word", ["", "x", "nan", " 1", "1 ", "1_0", "1e999", "1e-400", "1,5"])
def test_words_that_are_no_doubles(word: str) -> None:
    with pytest.raises(ResponseError, match=r"^ERR value is not a valid float"):
        parse_float(word.encode())


def fixed(db: Database, key: Key, start: Int, by: Annotated[float, Word(parse_float)]) -> Any:
    """Do it."""
    return key, start, by


def trailing(db: Database, key: Key, count: Int = 7) -> Any:
    """Do it."""
    return key, count


def grouped(db: Database, *pairs: Annotated[bytes, Key, Group(2)]) -> Any:
    """Do it."""
    return pairs


def variadic(db: Database, *words: Words) -> Any:
    """Do it."""
    return words


def optional(
    db: Database, key: Key, *, nx: Flag = False, ex: IntOption = None,
    match: Annotated[bytes | None, Token(Word())] = None,
) -> Any:  # fmt: skip
    """Do it."""
    return key, nx, ex, match


@pytest.mark.parametrize(
    ("function", "arity"),
    [(fixed, 4), (trailing, -2), (grouped, -3), (variadic, -1), (optional, -2)],
)
def test_the_arity_follows(function: Any, arity: int) -> None:
    assert read_signature(function).arity == arity


def test_the_places_of_keys_follow() -> None:
    assert read_signature(fixed).keys == KeyRange(1, 1, 1)
    assert read_signature(variadic).keys == KeyRange()


TEST = partial(
    Command, "TEST", flags=frozenset(), group="", since="", complexity="", summary="",
    categories=frozenset(),
)  # fmt: skip
ARITY = "wrong number of arguments for 'test' command"


@pytest.mark.parametrize(
    ("function", "line", "result"),
    [
        (fixed, "k 1 2.5", (b"k", 1, 2.5)),
        (fixed, "k 1", ARITY),
        (fixed, "k 1 2 3", ARITY),
        (fixed, "k x 2", "not an integer"),
        (fixed, "k 1 x", "not a valid float"),
        (trailing, "k", (b"k", 7)),
        (trailing, "k 1", (b"k", 1)),
        (trailing, "k 1 2", ARITY),
        (grouped, "a b c d", (b"a", b"b", b"c", b"d")),
        (grouped, "a b c", ARITY),
        (grouped, "", ARITY),
        (variadic, "", ()),
        (variadic, "a b", (b"a", b"b")),
        (optional, "k", (b"k", False, None, None)),
        (optional, "k nx Ex 5 match x", (b"k", True, 5, b"x")),
        (optional, "k EX", "syntax error"),
        (optional, "k EX x", "not an integer"),
        (optional, "k NOSUCH", "syntax error"),
    ],
)
def test_words_are_decoded(function: Any, line: str, result: Any) -> None:
    run = TEST(function=function).run
    target = type("Client", (), {"db": Keyspace(1)[0]})
    words = [b"test", *line.encode().split()]
    if isinstance(result, str):
        with pytest.raises(ResponseError, match=result):
            run(target, words)
    else:
        assert run(target, words) == result
