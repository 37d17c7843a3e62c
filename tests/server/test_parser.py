"""Requests: however they are cut into packets, the same commands come out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.words import split_words
from redislua_kernel.server.parser import RequestParser
from tests.server.wire import frame


def parse(*packets: bytes, bulk_limit: int = 1 << 29) -> tuple[list[list[bytes]], str]:
    """Feed packets; give all commands and the protocol error, if any."""
    parser = RequestParser(bulk_limit)
    commands = []
    for packet in packets:
        parser.feed(packet)
        while not parser.is_exhausted:
            commands += parser.take()
    return commands, str(parser.error or "")


_WORD = st.one_of(st.binary(max_size=8), st.sampled_from([b"\r\n", b"$1\r\n", b"x" * 2000]))
_COMMANDS = st.lists(st.lists(_WORD, min_size=1, max_size=5), max_size=8)


@given(commands=_COMMANDS, data=st.data())
def test_packets_may_end_anywhere(commands: list[list[bytes]], data: st.DataObject) -> None:
    stream = b"".join(frame(*words) for words in commands)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    packets = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parse(*packets) == (commands, "")


def test_a_pipeline_may_mix_arrays_and_inline_commands() -> None:
    stream = frame(b"GET", b"a") + b"PING\r\n\r\n" + b"*0\r\n*-1\r\n" + frame(b"GET", b"\r\n")
    assert parse(stream + b"ECHO 'a b'\n")[0] == [
        [b"GET", b"a"], [b"PING"], [b"GET", b"\r\n"], [b"ECHO", b"a b"]
    ]  # fmt: skip


def test_each_byte_may_come_alone() -> None:
    stream = frame(b"SET", b"k", b"v\r\n") + b"GET k\r\n" + frame(b"PING")
    packets = [bytes([byte]) for byte in stream]
    assert parse(*packets) == ([[b"SET", b"k", b"v\r\n"], [b"GET", b"k"], [b"PING"]], "")


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (b"*1\r\nxyz\r\n", "expected '$', got 'x'"),
        (b"*a\r\n", "invalid multibulk length"),
        (b"*2147483648\r\n", "invalid multibulk length"),
        (b"*\r\n", "invalid multibulk length"),
        (b"*1\r\n$-1\r\n", "invalid bulk length"),
        (b"*1\r\n$03\r\nabc\r\n", "invalid bulk length"),
        (b"*1\r\n$100\r\n", "invalid bulk length"),
        (b"*" + b"1" * 70000, "too big mbulk count string"),
        (b"*1\r\n$" + b"1" * 70000, "too big bulk count string"),
        (b"x" * 70000, "too big inline request"),
        (b'GET "a\r\n', "unbalanced quotes in request"),
        (b'GET "a"b\r\n', "unbalanced quotes in request"),
    ],
)
def test_a_bad_frame_ends_the_input_after_what_came_before(stream: bytes, error: str) -> None:
    expected = ([[b"PING"]], error)
    assert parse(frame(b"PING") + stream, bulk_limit=99) == expected


def test_a_huge_claimed_array_takes_no_memory() -> None:
    parser = RequestParser()
    parser.feed(b"*2147483647\r\n$536870912\r\nabc")
    assert parser.take() == []
    assert parser.buffered == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b"  a\tb ", [b"a", b"b"]),
        (rb'"\x41\n\t\r\a\b\"\\\q\xzz"', [b'A\n\t\r\a\b"\\qxzz']),
        (rb"'it\'s \n'", [b"it's \\n"]),
        (b"''", [b""]),
        (b'a"b c"', [b"ab c"]),
        (b'"a', None),
        (b"'a", None),
        (b"'a'b", None),
        (b"a\vb", [b"a\vb"]),
    ],
)
def test_inline_words_follow_redis_clis_quoting(line: bytes, words: list[bytes] | None) -> None:
    assert split_words(line) == words


@pytest.mark.parametrize("stream", [b"PING\0\r\nPING\r\n", b"*1\0\r\n$4\r\nPING\r\n"])
def test_no_line_ends_after_a_zero_byte(stream: bytes) -> None:
    assert parse(stream) == ([], "")
