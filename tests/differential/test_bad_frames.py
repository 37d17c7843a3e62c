"""Damaged requests get the answers of redis-server 8.2.3, and leave the connection as it does.

In each state a connection can be in: the bytes that come back are compared, and so is whether
the connection still answers afterwards. REDISLUA_FRAMES and REDISLUA_SEED are the long form's.
"""

from __future__ import annotations

import os
import random
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.bad_frames import FrameWriter
from tests.resp_client import RespClient
from tests.servers import Server, run_redis, run_serve

pytestmark = pytest.mark.reference

PASSWORD = "secret"
LOGIN = ("AUTH", PASSWORD)

#: What a connection has sent before.
STATES: dict[str, tuple[tuple[str, ...], ...]] = {
    "logged in": (LOGIN,),
    "with RESP3": (("HELLO", "3", "AUTH", "default", PASSWORD),),
    "in a transaction": (LOGIN, ("MULTI",), ("SET", "k", "1")),
    "subscribed": (LOGIN, ("SUBSCRIBE", "c")),
    "subscribed with RESP3": (("HELLO", "3", "AUTH", "default", PASSWORD), ("SUBSCRIBE", "c")),
    "a stranger": (),
}

#: Tells whether there is still somebody who answers, whatever came before.
SENTINEL = b"\r\n*2\r\n$4\r\nPING\r\n$5\r\nalive\r\n"

#: What HELLO tells of the client and of the server's modules; what is in `differences`.
_NOT_COMPARED = re.compile(
    rb"(?<=\$2\r\nid\r\n):\d+"
    rb"|(?<=modules\r\n)(?:\*1\r\n.*?args\r\n\*0|\*0)\r\n"
    rb"|-WRONGPASS [^\r]+\r\n",
    re.DOTALL,
)


@pytest.fixture(scope="module")
def both(reference_program: Path) -> Iterator[tuple[Server, Server]]:
    with run_redis(reference_program, "--requirepass", PASSWORD) as theirs, run_serve() as ours:
        with RespClient(ours.host, ours.port) as client:
            client.command("CONFIG", "SET", "requirepass", PASSWORD)
        yield theirs, ours


def answer(server: Server, state: str, stream: bytes) -> bytes:
    """Send a stream on a new connection in a state; give all that comes back until it closes."""
    with RespClient(server.host, server.port) as client:
        for words in (("AUTH", PASSWORD), ("DEL", "k")) if state != "a stranger" else ():
            client.command(*words)
    with RespClient(server.host, server.port) as client:
        for words in STATES[state]:
            client.command(*words)
        client._socket.sendall(stream + SENTINEL)
        client._socket.shutdown(socket.SHUT_WR)
        return _NOT_COMPARED.sub(b"", client._file.read())


def check(both: tuple[Server, Server], state: str, rng: random.Random) -> None:
    stream = FrameWriter(rng).stream()
    theirs, ours = (answer(server, state, stream) for server in both)
    assert ours == theirs, (state, stream)


@pytest.mark.parametrize("state", STATES)
def test_damaged_requests_are_answered_the_same(both: tuple[Server, Server], state: str) -> None:
    @settings(max_examples=60, derandomize=True, database=None)
    @given(rng=st.randoms(use_true_random=True))
    def test(rng: random.Random) -> None:
        check(both, state, rng)

    test()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("state", STATES)
def test_many_damaged_requests_are_answered_the_same(
    both: tuple[Server, Server], state: str
) -> None:
    rng = random.Random(os.environ.get("REDISLUA_SEED", "redislua"))
    for _ in range(int(os.environ.get("REDISLUA_FRAMES", "5000"))):
        check(both, state, rng)
