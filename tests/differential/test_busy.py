"""While a script runs too long, both servers say the same to its caller and to others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.resp_client import Reply, RespClient
from tests.servers import Server
from tests.waiting import wait_until

pytestmark = pytest.mark.reference

LOOP = "while true do end"
SHA1 = hashlib.sha1(LOOP.encode()).hexdigest()
CAUGHT = f"while true do pcall(function() {LOOP} end) end"

LIBRARY = f"""#!lua name=lib
redis.register_function('loop', function() {LOOP} end)
redis.register_function('caught', function() {CAUGHT} end)
redis.register_function{{function_name='reads', flags={{'no-writes'}}, callback=function()
  {LOOP} end}}
redis.register_function('quick', function() return 1 end)"""

PREPARATION = (
    ("FLUSHALL",), ("SCRIPT", "FLUSH"), ("FUNCTION", "FLUSH"), ("FUNCTION", "LOAD", LIBRARY),
    ("SCRIPT", "LOAD", LOOP), ("CONFIG", "SET", "busy-reply-threshold", "50"),
)  # fmt: skip

#: What takes too long, as commands of one connection; the last one does not come back.
RUNS = {
    "a script": [("EVAL", LOOP, "0")],
    "a script that catches errors": [("EVAL", CAUGHT, "1", "k\0", "a")],
    "a script by its digest": [("EVALSHA_RO", SHA1.upper(), "0")],
    "a function": [("FCALL", "LOOP", "2", "a", "b\xff", "c")],
    "a function that catches errors": [("FCALL", "caught", "0")],
    "a function that only reads": [("FCALL_RO", "reads", "0", "x")],
    "a transaction": [("MULTI",), ("SET", "k", "1"), ("EVAL", LOOP, "0"), ("GET", "k"), ("EXEC",)],
}

#: What another connection asks meanwhile.
QUESTIONS = [tuple(line.split()) for line in """
PING
GET k
GET
NOSUCH
FUNCTION STATS
FUNCTION STATS x
FUNCTION LIST
FUNCTION DUMP
FUNCTION FLUSH
FUNCTION DELETE lib
FUNCTION KILL x
FUNCTION HELP
SCRIPT EXISTS x
SCRIPT FLUSH
SCRIPT HELP
SCRIPT KILL x
FCALL quick 0
MULTI
FUNCTION STATS
EXEC
EXEC
MULTI
PING
DISCARD
WATCH k
UNWATCH
""".strip().splitlines()]  # fmt: skip

AFTERWARDS = (
    ("FUNCTION", "STATS"), ("SCRIPT", "KILL"), ("FUNCTION", "KILL"), ("GET", "k"),
    ("FCALL", "quick", "0"), ("SCRIPT", "EXISTS", SHA1),
)  # fmt: skip


@contextmanager
def connections(server: Server, count: int) -> Iterator[list[RespClient]]:
    with ExitStack() as stack:
        yield [stack.enter_context(RespClient(server.host, server.port)) for _ in range(count)]


def timeless(reply: Reply) -> Any:
    """Give a reply without the time that the script has been running."""
    value = reply.get("v")
    if reply["t"] == "%":
        reply = {"t": "%", "v": [item for pair in value for item in pair]}
    if isinstance(reply.get("v"), list):
        items = [timeless(item) for item in reply["v"]]
        places = [place for place, item in enumerate(items) if item == ("$", "duration_ms")]
        return [item for place, item in enumerate(items) if place - 1 not in places]
    return reply["t"], value


def session(server: Server, run: list[tuple[str, ...]], resp: str) -> list[Any]:
    is_function = run[-1][0].startswith("FCALL")
    wrong, right = ("SCRIPT", "FUNCTION") if is_function else ("FUNCTION", "SCRIPT")
    with connections(server, 3) as (runner, other, killer):
        for words in PREPARATION:
            runner.command(*words)
        other.command("HELLO", resp)
        replies = [runner.command(*words) for words in run[:-1]]
        runner.send(*run[-1])
        wait_until(lambda: killer.command("PING")["t"] == "-")
        replies += [other.command(*words) for words in QUESTIONS]
        replies += [killer.command(wrong, "KILL"), killer.command(right, "KILL"), runner.read()]
        replies += [runner.command(*words) for words in AFTERWARDS]
        runner.command("CONFIG", "SET", "busy-reply-threshold", "5000")
    return [timeless(reply) for reply in replies]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_busy_server_answers_as_the_reference(
    reference_server: Server, serve: Server, run: list[tuple[str, ...]]
) -> None:
    resp = "3" if run[-1][0].endswith("_RO") else "2"
    asked = [*run[:-1], *QUESTIONS, "a wrong KILL", "KILL", "the script", *AFTERWARDS]
    theirs, ours = session(reference_server, run, resp), session(serve, run, resp)
    for words, expected, answer in zip(asked, theirs, ours, strict=True):
        assert answer == expected, words
