"""What redis-cli prints: by hand, and compared with the real redis-cli byte by byte."""

import os
import pty
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel.errors import ResponseError
from redislua_kernel.render.terminal import format_raw, format_reply, format_terminal
from redislua_kernel.reply import (
    NULL_ARRAY,
    OK,
    BigNumber,
    Map,
    Pairs,
    Push,
    Reply,
    SetReply,
    Status,
    Verbatim,
)
from redislua_kernel.server.encoder import encode


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (1, "(integer) 1"),
        (OK, "OK"),
        (b"two", '"two"'),
        (b'\x00\xff\n\r\t\a\b\\"', '"\\x00\\xff\\n\\r\\t\\a\\b\\\\\\""'),
        (None, "(nil)"),
        (NULL_ARRAY, "(nil)"),
        (ResponseError("ERR no"), "(error) ERR no"),
        ([], "(empty array)"),
        ({}, "(empty array)"),
        ({b"k": 1}, '1) "k"\n2) (integer) 1'),
        (Pairs([[b"m", 1.5]]), '1) "m"\n2) "1.5"'),
        (SetReply([True]), "1) (integer) 1"),
        (Verbatim(b"a\nb"), '"a\\nb"'),
        ([[b"a", [None]], b"b"], '1) 1) "a"\n   2) 1) (nil)\n2) "b"'),
    ],
)
def test_a_reply_looks_as_redis_cli_shows_it_in_resp2(reply: Reply, shown: str) -> None:
    assert format_reply(reply) == shown


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ({b"k": 1}, '1# "k" => (integer) 1'),
        ({b"k": [1, 2]}, '1# "k" => \n   1) (integer) 1\n   2) (integer) 2'),
        ({}, "(empty hash)"),
        (Map([[[1], {}]]), "1# 1) (integer) 1 => (empty hash)"),
        (SetReply([b"m"]), '1~ "m"'),
        (SetReply(), "(empty set)"),
        (Pairs([[b"m", 1.5]]), '1) 1) "m"\n   2) (double) 1.5'),
        (1.5, "(double) 1.5"),
        (True, "(true)"),
        (False, "(false)"),
        (Push([b"message"]), '1) "message"'),
        (Verbatim(b"a\nb"), "a\nb"),
        (BigNumber(b"12345678901234567890"), "(big number) 12345678901234567890"),
    ],
)
def test_a_reply_looks_as_redis_cli_shows_it_in_resp3(reply: Reply, shown: str) -> None:
    assert format_reply(reply, 3) == shown


def test_numbers_of_long_arrays_align() -> None:
    lines = format_reply([0] * 10).split("\n")
    assert lines[0] == " 1) (integer) 0"
    assert lines[9] == "10) (integer) 0"


def test_a_status_that_is_not_utf8_shows_replacement_characters() -> None:
    assert format_reply(Status(b"a\xff")) == "a\ufffd"


def test_a_reply_nested_deeper_than_python_recurses_is_shown() -> None:
    reply: Reply = []
    for _ in range(3000):
        reply = [reply]
    assert format_reply(reply).endswith("1) (empty array)")


def test_raw_output_is_one_item_a_line() -> None:
    assert format_raw([b"a", [1, None], ResponseError("ERR x")]) == b"a\n1\n\nERR x\n"
    assert format_raw({b"k": True}, 3) == b"k (true)"


_WORDS = st.binary(max_size=6)
_LINES = st.text("ab c\x01é", max_size=6)
_SCALARS = st.one_of(
    _WORDS,
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False),
    _LINES.map(lambda text: Status(text.encode())),
    _LINES.map(lambda text: ResponseError(f"ERR {text}")),
    _WORDS.map(Verbatim),
    st.just(NULL_ARRAY),
)


def _aggregates(items: st.SearchStrategy[Reply]) -> st.SearchStrategy[Reply]:
    pair = st.tuples(items, items)
    return st.one_of(
        st.lists(items, max_size=12),
        st.lists(items, max_size=3).map(SetReply),
        st.lists(pair, max_size=11).map(Map),
        st.lists(pair, max_size=3).map(Pairs),
    )


_REPLIES = st.recursive(_SCALARS, _aggregates, max_leaves=30)


@pytest.mark.parametrize("resp", [2, 3])
@settings(max_examples=25)
@given(replies=st.lists(_REPLIES, min_size=20, max_size=20))
def test_redis_cli_prints_the_same(redis_cli: Path, resp: int, replies: list[Reply]) -> None:
    for fake_terminal, form in ((True, format_terminal), (False, format_raw)):
        printed = _print(redis_cli, resp, replies, fake_terminal)
        assert printed == b"".join(form(reply, resp) + b"\n" for reply in replies)


def test_redis_cli_prints_the_same_on_a_real_terminal(redis_cli: Path) -> None:
    replies = [[b"a", [1, None]], {b"k": Verbatim(b"v")}, ResponseError("ERR x"), 1.5]
    with _Replies([*replies]) as port:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [redis_cli, "-3", "-p", str(port)], stdin=subprocess.PIPE, stdout=theirs
        )
        process.communicate(b"PING\n" * len(replies), timeout=60)
        os.close(theirs)
        printed = b""
        try:
            while chunk := os.read(ours, 65536):
                printed += chunk
        except OSError:  # how a terminal says that its other end was closed
            pass
        os.close(ours)
    expected = b"".join(format_terminal(reply, 3) + b"\r\n" for reply in replies)
    assert printed.replace(b"\r\n", b"\n") == expected.replace(b"\r\n", b"\n")


def _print(redis_cli: Path, resp: int, replies: list[Reply], fake_terminal: bool) -> bytes:
    environment = {**os.environ, "FAKETTY": "1"} if fake_terminal else None
    with _Replies(replies, resp) as port:
        return subprocess.run(
            [redis_cli, f"-{resp}", "-p", str(port)],
            input=b"PING\n" * len(replies),
            env=environment,
            stdout=subprocess.PIPE,
            timeout=60,
            check=True,
        ).stdout


class _Replies:
    """A server that answers one client's PINGs with given replies."""

    def __init__(self, replies: list[Reply], resp: int = 3) -> None:
        self.replies = [encode(reply, resp) for reply in replies]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self) -> int:
        self.thread.start()
        port: int = self.listener.getsockname()[1]
        return port

    def __exit__(self, *error: object) -> None:
        self.thread.join()
        self.listener.close()

    def _serve(self) -> None:
        client, _ = self.listener.accept()
        remaining = iter(self.replies)
        with client:
            while request := client.recv(4096):
                # redis-cli greets, and asks for the commands, before it sends ours.
                ours = b"PING" in request
                client.sendall(next(remaining) if ours else b"*0\r\n")
