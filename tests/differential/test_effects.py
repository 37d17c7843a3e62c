"""The effects of scripts are what redis-server 8.2.3 sends to a replica."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.journal import REPLICATE_TO_REPLICAS
from tests.engine.random_commands import COMMANDS, Words, run
from tests.resp_client import RespClient
from tests.servers import Server, run_redis

pytestmark = pytest.mark.reference

#: A write to the selected database, and its words.
Write = tuple[int, tuple[str, ...]]

#: Chance decides about these, or the moment at which each side runs.
_NOT_COMPARED = {"SPOP", "BLPOP", "EVAL", "SELECT"}
#: What lies a second ahead, or is over when the other side looks.
_SHORT = {"1"}

_NOW = re.compile(r"\b1[6-9]\d{11}(-\d+)?\b")


class Replica:
    """What a server sends to those who follow it; it is one to the server."""

    def __init__(self, server: Server) -> None:
        self._stream = RespClient(server.host, server.port)
        self._master = RespClient(server.host, server.port)
        self._database = -1
        self._marks = 0

    def __enter__(self) -> Self:
        self._stream.send("PSYNC", "?", "-1")
        assert self._stream.read()["v"].startswith("FULLRESYNC")
        file = self._stream._file
        while (line := file.readline()) == b"\n":
            pass
        file.read(int(line[1:]))  # the data so far
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.__exit__()
        self._master.__exit__()

    def received(self) -> list[Write]:
        """Give all that was sent since the last time."""
        self._marks += 1
        mark = ("PUBLISH", "mark", str(self._marks))
        self._master.command(*mark)
        received: list[Write] = []
        while True:
            words = tuple(item["v"] for item in self._stream.read()["v"])
            if words == mark:
                return received
            if words[0] == "SELECT":
                self._database = int(words[1])
            else:
                received.append((self._database, words))


@pytest.fixture(scope="module")
def server(reference_program: Path) -> Iterator[Server]:
    # With an append-only file: without one, what is meant for it alone makes no transaction.
    options = (
        "--appendonly",
        "yes",
        "--databases",
        "2",
        "--repl-diskless-sync-delay",
        "0",
        "--repl-timeout",
        "999",
    )
    with run_redis(reference_program, *options) as server:
        yield server


@pytest.fixture(scope="module")
def replica(server: Server) -> Iterator[Replica]:
    with Replica(server) as replica:
        yield replica


def _is_settled(words: Words) -> bool:
    return words[0] not in _NOT_COMPARED and not ("EX" in words[0] and set(words) & _SHORT)


def _call(words: Words) -> str:
    return f"redis.pcall({', '.join(map(repr, words))})"


CALLS = COMMANDS.filter(_is_settled).map(_call)
TARGETS = st.sampled_from([f"redis.set_repl({targets})" for targets in range(4)])
CHANGES = st.sampled_from(
    ["redis.call('SELECT', 1)", "redis.call('PUBLISH', 'c', 'm')", "redis.pcall('PFCOUNT', 'a')"]
)
SCRIPTS = st.lists(CALLS | CALLS | CALLS | TARGETS | CHANGES, min_size=1, max_size=8).map("\n".join)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(scripts=st.lists(SCRIPTS, min_size=1, max_size=4))
def test_a_script_has_the_effects_that_the_reference_replicates(
    server: Server, replica: Replica, scripts: list[str]
) -> None:
    engine = Engine(databases=2)
    with RespClient(server.host, server.port) as client:
        client.command("FLUSHALL")
        replica.received()
        for script in scripts:
            client.command("EVAL", script, "0")
            run(engine, ("EVAL", script, "0"))
            assert _shown(_effects(engine)) == _shown(replica.received())


#: What follows from a command, rather than stands in its place.
SURE = [
    "redis.call('SADD', 's', '1', '2', '3')|redis.call('SPOP', 's', 2)",
    """redis.call('HSET', 'h', 'a', '1', 'b', '2')
    |redis.call('HEXPIRE', 'h', 0, 'FIELDS', 2, 'a', 'b')""",
    """redis.call('XADD', 'x', '1-1', 'f', 'v') redis.call('XGROUP', 'CREATE', 'x', 'g', '0')
    |redis.call('XREADGROUP', 'GROUP', 'g', 'a', 'STREAMS', 'x', '>')
    redis.call('XCLAIM', 'x', 'g', 'b', 0, '1-1') redis.call('XAUTOCLAIM', 'x', 'g', 'c', 0, '0')
    redis.call('XREADGROUP', 'GROUP', 'g', 'd', 'NOACK', 'STREAMS', 'x', '>')""",
]


@pytest.mark.parametrize("script", SURE)
@pytest.mark.parametrize("targets", range(4))
def test_some_effects_no_script_keeps_back(
    server: Server, replica: Replica, script: str, targets: int
) -> None:
    engine = Engine(databases=2)
    script = script.replace("|", f" redis.set_repl({targets}) ")
    with RespClient(server.host, server.port) as client:
        client.command("FLUSHALL")
        replica.received()
        client.command("EVAL", script, "0")
        run(engine, ("EVAL", script, "0"))
        ours, theirs = _shown(_effects(engine)), _shown(replica.received())
    assert _but_members(ours) == _but_members(theirs)


def _but_members(writes: list[Write]) -> list[Write]:
    """Leave out which members SPOP has drawn."""
    return [(db, words[:2] if words[0] == "SREM" else words) for db, words in writes]


def _effects(engine: Engine) -> list[Write]:
    return [
        (effect.database, tuple(word.decode("latin-1") for word in effect.words))
        for effect in engine.effects
        if effect.targets & REPLICATE_TO_REPLICAS
    ]


def _shown(writes: list[Write]) -> list[Write]:
    """Show writes without what cannot be equal: the time, and a transaction's database."""
    return [
        (
            -1 if words[0] in ("MULTI", "EXEC") else database,
            (words[0].upper(), *(_NOW.sub("now", word) for word in words[1:])),
        )
        for database, words in writes
    ]
