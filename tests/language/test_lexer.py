"""The tokens of Lua."""

from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.language.lexer import open_blocks, tokenize


def test_tokens_are_told_apart() -> None:
    kinds = [(t.kind, t.text) for t in tokenize("local x = 'a\\'b' .. [==[ ]] ]==] -- c\n0x1F")]
    assert kinds == [
        ("keyword", "local"), ("name", "x"), ("symbol", "="), ("string", "'a\\'b'"),
        ("symbol", ".."), ("string", "[==[ ]] ]==]"), ("comment", "-- c"), ("number", "0x1F"),
    ]  # fmt: skip


def test_an_unfinished_string_or_comment_is_open() -> None:
    for code in ("'a", '"', "[[a", "--[==[ a ]]", "-- a", "'a\\'"):
        assert tokenize(code)[-1].is_open, code
    for code in ("'a'", '""', "[[a]]", "--[==[ a ]==]", "x"):
        assert not tokenize(code)[-1].is_open, code


def test_blocks_are_counted() -> None:
    assert open_blocks("for i = 1, 2 do if x then") == 2
    assert open_blocks("if x then y() elseif z then") == 1
    assert open_blocks("if x then y() else z() end") == 0
    assert open_blocks("return {1, f(") == 2
    assert open_blocks("-- do\n'do'") == 0


@given(st.text())
def test_any_text_has_tokens_in_order(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert token.start >= end
        assert text[token.start : token.end] == token.text
        assert token.content in token.text
        end = token.end
