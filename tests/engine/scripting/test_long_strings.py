"""Long strings and comments with [[ inside get longer brackets, and errors quote the old ones."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.scripting.long_strings import restore_brackets, widen_brackets


@pytest.mark.parametrize(
    ("code", "widened"),
    [
        (b"return [[a [[ b]]", b"return [=[a [[ b]=]"),
        (b"return [[a]] .. [[ [[ ]]", b"return [[a]] .. [=[ [[ ]=]"),
        (b"--[[ a [[ b ]] x()", b"--[=[ a [[ b ]=] x()"),
        (b"x = [[ [[ ]=] ]]", b"x = [==[ [[ ]=] ]==]"),
        (b"x = [[ [[ ]=]]", b"x = [==[ [[ ]=]==]"),  # the end must not come too early
        (b"x = [[ [[", b"x = [=[ [["),
    ],
)
def test_brackets_around_brackets_are_widened(code: bytes, widened: bytes) -> None:
    assert widen_brackets(code) == widened


@pytest.mark.parametrize(
    "code",
    [
        b"t[a[1]]",
        b"'[[ [['",
        b'"\\"[[ [["',
        b"-- [[ [[\nreturn 1",
        b"[=[ [[ [[ ]=]",
        b"[[a]] [[b]]",
    ],
)
def test_all_else_stays_as_it_is(code: bytes) -> None:
    assert widen_brackets(code) == code


def test_an_error_quotes_the_code_as_it_was_written() -> None:
    code = b"x = 5 [[a [[ b]]"
    assert restore_brackets(code, b"near '[=[a [[ b]=]'") == b"near '[[a [[ b]]'"


def test_a_script_with_such_a_comment_runs() -> None:
    assert Engine().execute("EVAL", "--[[ see [[a link]]\nreturn 1", 0) == 1
