"""In every condition the engine refuses what redis-server 8.2.3 refuses, in the same words."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.conditions import DiskError
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY, Push
from redislua_kernel.server.encoder import encode
from tests.differential.condition_sessions import (
    ENTER,
    FEW_FLAG_SETS,
    FLAG_SETS,
    LEAVE,
    PREPARATION,
    Flags,
    Session,
    Words,
    library,
    sessions,
)
from tests.resp_client import Reply, RespClient, read_reply
from tests.servers import Server, run_redis

pytestmark = pytest.mark.reference

#: A port on which nobody listens: no master is there.
NOBODY = "1"


@dataclass(frozen=True)
class Condition:
    """How a server gets into a condition and out of it, by commands."""

    enter: tuple[Words, ...] = ()
    leave: tuple[Words, ...] = ()
    flag_sets: Sequence[Flags] = FLAG_SETS


def setting(name: str, inside: str, outside: str) -> Condition:
    return Condition((("CONFIG", "SET", name, inside),), (("CONFIG", "SET", name, outside),))


def both(*conditions: Condition) -> Condition:
    return Condition(
        tuple(words for each in conditions for words in each.enter),
        tuple(words for each in reversed(conditions) for words in each.leave),
        FEW_FLAG_SETS,
    )


NOTHING = Condition()
FULL = setting("maxmemory", "1", "0")
REPLICA = Condition((("REPLICAOF", "127.0.0.1", NOBODY),), (("REPLICAOF", "NO", "ONE"),))
WRITABLE = setting("replica-read-only", "no", "yes")
STALE = setting("replica-serve-stale-data", "no", "yes")
LIMITED = setting("replica-ignore-maxmemory", "no", "yes")
TOO_FEW_REPLICAS = setting("min-replicas-to-write", "1", "0")
#: For a server whose disk has failed already. FLUSHALL would save if there were snapshots.
BROKEN = Condition(
    (
        ("CONFIG", "SET", "save", "3600 1000000"),
        ("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes"),
    ),
    (("CONFIG", "SET", "save", ""), ("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")),
)

CONDITIONS = {
    "nothing": NOTHING,
    "full": FULL,
    "replica": REPLICA,
    "writable replica": both(REPLICA, WRITABLE),
    "stale": both(REPLICA, STALE),
    "stale, writable": both(REPLICA, STALE, WRITABLE),
    "too few replicas": TOO_FEW_REPLICAS,
    "full, too few replicas": both(FULL, TOO_FEW_REPLICAS),
    "full replica": both(REPLICA, FULL, TOO_FEW_REPLICAS),
    "full stale replica that heeds the limit": both(REPLICA, STALE, FULL, LIMITED),
}
DISK_CONDITIONS = (
    BROKEN,
    both(BROKEN, FULL),
    both(BROKEN, REPLICA),
    both(BROKEN, TOO_FEW_REPLICAS),
    both(BROKEN, REPLICA, STALE, TOO_FEW_REPLICAS),
)
CLUSTER_CONDITIONS = (NOTHING, both(FULL), both(TOO_FEW_REPLICAS))

#: So many differences a failed test shows.
SHOWN = 10


class Embedded:
    """A client of an engine, with the face of a RespClient."""

    def __init__(self, engine: Engine) -> None:
        self._client = engine.client()
        self._pushed: list[Push] = []
        self._client.deliver = self._pushed.append

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def command(self, *words: str) -> Reply:
        try:
            reply = self._client.call([word.encode("latin-1") for word in words])
        except ResponseError as error:
            reply = error
        if reply is NO_REPLY:
            reply = self._pushed.pop()
        return read_reply(io.BytesIO(encode(reply, self._client.resp)))


AnyClient = Embedded | RespClient


def hold(
    session: Session, condition: Condition, control: AnyClient, client: AnyClient
) -> list[Reply]:
    """Hold one session, from the same start, and give its replies."""
    for words in (("FLUSHALL",), ("SCRIPT", "FLUSH"), *PREPARATION):
        control.command(*words)
    replies = []
    for words in session:
        if words in (ENTER, LEAVE):
            change(control, condition.enter if words is ENTER else condition.leave)
        else:
            replies.append(client.command(*words))
    change(control, condition.leave)
    return replies


def change(control: AnyClient, commands: Sequence[Words]) -> None:
    for words in commands:
        assert control.command(*words)["t"] == "+", words


def differences(server: Server, engine: Engine, condition: Condition) -> list[str]:
    """Hold all sessions on both sides and tell where they differ."""
    found = []
    ours_control = Embedded(engine)
    with RespClient(server.host, server.port) as theirs_control:
        for control in (ours_control, theirs_control):
            change(control, condition.leave)
            control.command("FUNCTION", "LOAD", "REPLACE", library())
        for session in sessions(condition.flag_sets):
            with RespClient(server.host, server.port) as client:
                theirs = hold(session, condition, theirs_control, client)
            with Embedded(engine) as client:
                ours = hold(session, condition, ours_control, client)
            asked = [words for words in session if words not in (ENTER, LEAVE)]
            found += [
                f"{words}\n  expected {expected}\n  answered {answer}"
                for words, expected, answer in zip(asked, theirs, ours, strict=True)
                if answer != expected
            ]
    return found


@contextmanager
def without_snapshots(program: Path, directory: Path) -> Iterator[Server]:
    """Run a server whose snapshots fail: their directory is gone."""
    directory.mkdir()
    with run_redis(program, "--dir", str(directory), "--save", "3600", "1000000") as server:
        directory.rmdir()
        with RespClient(server.host, server.port) as client:
            client.command("BGSAVE")
            wait_for(client, "persistence", "rdb_last_bgsave_status:err")
        yield server


@contextmanager
def cluster_of_one(program: Path) -> Iterator[Server]:
    """Run a cluster node that owns all slots."""
    with run_redis(program, "--cluster-enabled", "yes") as server:
        with RespClient(server.host, server.port) as client:
            client.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            wait_for(client, "cluster", "cluster_state:ok")
        yield server


def wait_for(client: RespClient, section: str, line: str) -> None:
    """Wait until INFO, or CLUSTER INFO, has a line."""
    words = ("CLUSTER", "INFO") if section == "cluster" else ("INFO", section)
    deadline = time.monotonic() + 10
    while line not in client.command(*words)["v"]:
        assert time.monotonic() < deadline, line
        time.sleep(0.05)


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_what_commands_bring_about(reference_server: Server, condition: Condition) -> None:
    check(differences(reference_server, Engine(), condition))


def test_a_disk_without_snapshots(reference_program: Path, tmp_path: Path) -> None:
    engine = Engine()
    engine.conditions.break_disk(DiskError.RDB)
    with without_snapshots(reference_program, tmp_path / "gone") as server:
        for condition in DISK_CONDITIONS:
            check(differences(server, engine, condition))


def test_a_cluster_of_one_node(reference_program: Path) -> None:
    engine = Engine(cluster=True)
    with cluster_of_one(reference_program) as server:
        for condition in CLUSTER_CONDITIONS:
            check(differences(server, engine, condition))


def check(found: list[str]) -> None:
    assert not found, f"{len(found)} replies differ:\n" + "\n".join(found[:SHOWN])
