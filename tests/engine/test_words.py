"""Splitting lines into words."""

import pytest

from redislua_kernel.engine.words import split_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b"  \t\r\n ", []),
        (b"set  k\tv ", [b"set", b"k", b"v"]),
        (b"set \"a b\" 'c d'", [b"set", b"a b", b"c d"]),
        (b'""', [b""]),
        (rb'"\n\r\t\b\a\\\"\x41\q"', [b'\n\r\t\b\a\\"Aq']),
        (rb'"\xZZ"', [b"xZZ"]),
        (rb"'it\'s \n'", [rb"it's \n"]),
        (b'a"b c"', [b"ab c"]),
        (b"\xff\xfe", [b"\xff\xfe"]),
    ],
)
def test_a_line_is_split_as_redis_cli_splits_it(line: bytes, words: list[bytes]) -> None:
    assert split_words(line) == words


@pytest.mark.parametrize("line", [b'"', b"'", b'"a', b"'a", b'"a"b', b"'a'b", b'"a\\"'])
def test_a_line_with_unbalanced_quotes_has_no_words(line: bytes) -> None:
    assert split_words(line) is None


def test_what_is_quoted_may_join_the_rest_of_a_word() -> None:
    assert split_words(rb"""'a'b "c"'d' ''x 'e' f""", joins_quoted=True) == [
        b"ab", b"cd", b"x", b"e", b"f"
    ]  # fmt: skip
    assert split_words(b"'a'b \"", joins_quoted=True) is None
