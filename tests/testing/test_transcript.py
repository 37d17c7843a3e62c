"""Transcripts as they are read."""

import pytest

from redislua_kernel.testing import Transcript, TranscriptError
from redislua_kernel.testing.matching import matches
from redislua_kernel.testing.spans import microseconds

TEXT = """# who has the lock
> SET lock:a ann
> FCALL release 1 lock:a "bob or cid"

(integer) 0
? Compare the token.
? It is in ARGV[1].
= redis.call('EXISTS', 'lock:a') == 1
> 2 @advance 10s
"""


def test_a_command_has_the_lines_below_it_for_its_reply() -> None:
    first, second, third, last = Transcript.read(TEXT).steps
    assert first.words == (b"SET", b"lock:a", b"ann")
    assert not first.expected
    assert second.words[-1] == b"bob or cid"
    assert second.expected == ("(integer) 0",)
    assert second.hint == "Compare the token. It is in ARGV[1]."
    assert third.text == "redis.call('EXISTS', 'lock:a') == 1"
    assert (last.words, last.count) == ((b"@advance", b"10s"), 2)


def test_only_what_expects_something_is_a_check() -> None:
    assert Transcript.read(TEXT).checks == 2


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\n(integer) 1", 2, "a reply without a command"),
        ("? think", 1, "a reply without a command"),
        ("> GET 'x", 1, "unbalanced quotes"),
        ("> GET x\n>", 2, "nothing follows the >"),
        ("> @advance", 1, "@advance is none of @advance 10s"),
        ("> @sleep 1", 1, "@sleep 1 is none of"),
        ("= true\ntrue", 2, "an expression has no reply"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(TranscriptError, match=message) as raised:
        Transcript.read(text)
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (["(integer) 1"], ["(integer) 1"]),
        (["(nil)  "], ["(nil)"]),
        (["(error) WRONGTYPE ..."], ["(error) WRONGTYPE Operation against"]),
        (['1) "a"', "...", '4) "d"'], ['1) "a"', '2) "b"', '3) "c"', '4) "d"']),
        (['1) "a"', "..."], ['1) "a"']),
        (["..."], ["(nil)"]),
    ],
)
def test_replies_are_as_expected(expected: list[str], got: list[str]) -> None:
    assert matches(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (["(integer) 1"], ["(integer) 10"]),
        (["(integer) 1"], ["(integer) 1", "(integer) 1"]),
        (['   2) "b"'], ['2) "b"']),
        (["(error) ... key"], ["(error) ERR key", "key"]),
        ([".*"], ["(nil)"]),
    ],
)
def test_replies_are_not_as_expected(expected: list[str], got: list[str]) -> None:
    assert not matches(expected, got)


def test_spans_of_time_are_read() -> None:
    assert [microseconds(each) for each in ("1.5ms", "2", "2s", "1m", "1h", "1d")] == [
        1500, 2_000_000, 2_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
    ]  # fmt: skip
    with pytest.raises(ValueError, match="soon is no span of time"):
        microseconds("soon")
