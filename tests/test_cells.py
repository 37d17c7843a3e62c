"""A cell's text, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.cells import (
    Kind,
    UsageError,
    encode,
    keys_and_args,
    library_name,
    parse,
    split_words,
)


def test_a_cell_without_magics_is_all_body() -> None:
    text = "\n-- a comment\nreturn 1\n"
    cell = parse(text)
    assert (cell.kind, cell.body, cell.offset) == (Kind.SCRIPT, text.encode(), 0)


def test_eval_states_keys_and_arguments() -> None:
    cell = parse("%%eval k1 'k 2' , a1 ,\nreturn KEYS")
    assert cell.kind is Kind.SCRIPT
    assert cell.head is not None
    assert keys_and_args(cell.head.words[1:]) == ([b"k1", b"k 2"], [b"a1", b","])
    assert (cell.body, cell.offset) == (b"return KEYS", 1)


def test_line_magics_stand_above_a_body_that_keeps_its_bytes() -> None:
    cell = parse("-- about\n%keys a b\n\n%args 1\n\n  return KEYS[1] \n\n")
    assert [magic.words for magic in cell.magics] == [(b"keys", b"a", b"b"), (b"args", b"1")]
    assert [magic.line for magic in cell.magics] == [1, 3]
    assert (cell.body, cell.offset) == (b"  return KEYS[1] \n\n", 5)
    assert cell.line(cell.offset + 1) == "  return KEYS[1] "


def test_a_line_magic_may_stand_above_a_cell_magic() -> None:
    cell = parse("%config resp 3\n%%redis\nGET k")
    assert cell.kind is Kind.COMMANDS
    assert [magic.name for magic in cell.magics] == ["config"]
    assert cell.body == b"GET k"


@pytest.mark.parametrize("text", ["", " \n", "%redis PING", "%redis PING\n\n"])
def test_a_cell_may_have_no_body(text: str) -> None:
    assert parse(text).kind is Kind.NONE


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#!lua name=mylib\nx", b"mylib"),
        ("#!lua flags=a name=x", b"x"),
        ("#!lua name=\n", b""),
        ("#!lua flags=no-writes\nreturn 1", None),
        (" #!lua name=x", None),
        ("return 1 -- name=x", None),
    ],
)
def test_a_shebang_with_a_name_makes_a_library(text: str, name: bytes | None) -> None:
    assert library_name(text.encode()) == name
    assert parse(text).kind is (Kind.SCRIPT if name is None else Kind.LIBRARY)


def test_a_shebang_below_magics_still_makes_a_library() -> None:
    assert parse("%config resp 3\n\n#!lua name=x\n").kind is Kind.LIBRARY


def test_a_percent_sign_within_lua_is_no_magic() -> None:
    text = "return 7\n% 4"
    assert parse(text).body == text.encode()
    long_comment = "--[[\n%keys a\n]] return 1"
    assert parse(long_comment).magics == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  GET\tk ", [b"GET", b"k"]),
        (r'"a\x00\xffb" "\n\r\t\b\a\\\"\q"', [b"a\x00\xffb", b'\n\r\t\b\a\\"q']),
        (r"'it\'s' '\n'", [b"it's", rb"\n"]),
        ("\"\" ''", [b"", b""]),
        ("a'b'", [b"ab"]),
        ("é", ["é".encode()]),
        ("\x1cx", [b"\x1cx"]),
    ],
)
def test_words_are_quoted_as_in_redis_cli(line: str, words: list[bytes]) -> None:
    assert split_words(line) == words


@pytest.mark.parametrize("line", ['"a', "'a", '"a"b', "'a'b", 'x "', r'"a\"'])
def test_a_quote_that_does_not_close_is_an_error(line: str) -> None:
    with pytest.raises(UsageError, match="unbalanced quotes"):
        split_words(line)


@pytest.mark.parametrize(
    ("text", "line"), [("%keys a\n%args 'b", 1), ("%", 0), ("%%", 0), ("% keys", 0)]
)
def test_a_magic_that_cannot_be_read_names_its_line(text: str, line: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.line == line


@given(st.text())
def test_any_text_is_a_cell_or_a_usage_error(text: str) -> None:
    try:
        cell = parse(text)
    except UsageError:
        return
    assert encode(text).endswith(cell.body)
    assert encode("\n".join(text.split("\n")[cell.offset :])) == cell.body
