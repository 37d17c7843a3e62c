"""Glob patterns."""

import random
import time

import pytest

from redislua_kernel.engine.glob import _Walk, compile_glob, glob_match


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
def test_a_pattern_matches_what_the_reference_matches(
    pattern: bytes, matching: list[bytes], others: list[bytes]
) -> None:
    for match in (compile_glob(pattern), _Walk(pattern, False).match):
        assert [text for text in matching if not match(text)] == []
        assert [text for text in others if match(text)] == []


@pytest.mark.parametrize("seed", range(20))
def test_long_patterns_are_matched_as_short_ones(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        pattern = bytes(rng.choices(b"abAB*?[]^-\\", (4, 4, 1, 1, 5, 2, 2, 2, 1, 1, 1), k=9))
        texts = [bytes(rng.choices(b"abAB", k=rng.randrange(7))) for _ in range(20)]
        ignore_case = rng.random() < 0.2 and b"-" not in pattern
        short, long = compile_glob(pattern, ignore_case), _Walk(pattern, ignore_case).match
        assert [bool(short(text)) for text in texts] == [long(text) for text in texts], pattern


def test_case_is_ignored_on_request() -> None:
    assert glob_match(b"Ab[C-D]", b"aBc", ignore_case=True)
    assert not glob_match(b"Ab", b"ab")


def test_a_run_of_stars_costs_no_more_than_one() -> None:
    began = time.thread_time()
    assert not glob_match(b"*" * 50 + b"b", b"a" * 2000)
    assert time.thread_time() - began < 1


def test_a_pattern_with_very_many_stars_matches_nothing() -> None:
    assert glob_match(b"*?" * 1000, b"a" * 1000)
    assert not glob_match(b"*?" * 1001, b"a" * 1001)


HOSTILE = {
    "stars": (b"a*" * 900 + b"b", b"a" * 5000),
    "many stars": (b"a*" * 3000 + b"b", b"a" * 9000),
    "question marks": (b"*" + b"?" * 900 + b"b*", b"a" * 5000),
    "a giant text": (b"*a*b", b"a" * 1_000_000),
    "a giant pattern": (b"x?" * 100_000, b"x"),
    "both": (b"*" + b"x" * 500_000 + b"y", b"x" * 600_000),
}


@pytest.mark.parametrize(("pattern", "text"), HOSTILE.values(), ids=HOSTILE)
def test_no_pattern_takes_long(pattern: bytes, text: bytes) -> None:
    began = time.thread_time()
    assert not glob_match(pattern, text)
    assert time.thread_time() - began < 2


def test_a_thousand_stars_match_and_more_never_do() -> None:
    assert glob_match(b"a*" * 1001, b"a" * 2000)  # nothing follows the last one
    assert not glob_match(b"a*" * 1002, b"a" * 2000)
