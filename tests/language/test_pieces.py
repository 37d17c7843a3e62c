"""Lua in pieces, for who colours it."""

import pytest

from redislua_kernel.language.pieces import pieces


def test_each_piece_has_its_kind() -> None:
    assert pieces(b"#!lua name=x\nlocal n = 1 -- one") == [
        ("comment", "#!lua name=x"), ("", "\n"),
        ("keyword", "local"), ("", " "), ("name", "n"), ("", " "), ("symbol", "="), ("", " "),
        ("number", "1"), ("", " "), ("comment", "-- one"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "code", ["", "\n", "#!lua", "x = 'open", "--[[ never closed\n", "\0 é <b> "]
)
def test_nothing_of_the_text_is_lost(code: str) -> None:
    assert "".join(text for _, text in pieces(code.encode())) == code
