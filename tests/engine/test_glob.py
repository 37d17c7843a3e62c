"""Glob patterns."""

import time

import pytest

from redislua_kernel.engine.glob import glob_match


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        (b"*", [b"", b"a", b"a\nb"], []),
        (b"a*c", [b"ac", b"abc", b"a**c"], [b"ab", b"xac", b"acx"]),
        (b"a?c", [b"abc", b"a\xffc"], [b"ac", b"abbc"]),
        (b"[ab]", [b"a", b"b"], [b"c", b"ab", b""]),
        (b"[^ab]", [b"c"], [b"a", b""]),
        (b"[a-c]", [b"b"], [b"d", b"-"]),
        (b"[c-a]", [b"b"], [b"d"]),
        (b"[a\\-c]", [b"-", b"a", b"c"], [b"b"]),
        (b"[ab", [b"a"], [b"["]),
        (b"[]", [], [b"", b"]"]),
        (b"\\*", [b"*"], [b"a", b"\\*"]),
        (b"a\\", [b"a\\"], [b"a"]),
        (b"a.c$", [b"a.c$"], [b"abc"]),
        (b"", [b""], [b"a"]),
    ],
)
def test_patterns(pattern: bytes, matching: list[bytes], others: list[bytes]) -> None:
    assert [text for text in matching if not glob_match(pattern, text)] == []
    assert [text for text in others if glob_match(pattern, text)] == []


def test_case_is_ignored_on_request() -> None:
    assert glob_match(b"Ab[C-D]", b"aBc", ignore_case=True)
    assert not glob_match(b"Ab", b"ab")


def test_a_run_of_stars_costs_no_more_than_one() -> None:
    began = time.monotonic()
    assert not glob_match(b"*" * 50 + b"b", b"a" * 2000)
    assert time.monotonic() - began < 1


def test_a_pattern_with_very_many_stars_matches_nothing() -> None:
    assert glob_match(b"*?" * 1000, b"a" * 1000)
    assert not glob_match(b"*?" * 1001, b"a" * 1001)
