"""In every condition the engine refuses what redis-server 8.2.3 refuses, in the same words."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.conditions import DiskError
from tests.differential.condition_sessions import FEW_FLAG_SETS, PREPARATION, library
from tests.differential.conditions import (
    FULL,
    NOTHING,
    TOO_FEW_REPLICAS,
    Condition,
    Embedded,
    both,
    check,
    differences,
    setting,
    wait_for,
)
from tests.resp_client import RespClient
from tests.servers import Server, run_redis

pytestmark = pytest.mark.reference

#: A port on which nobody listens: no master is there.
NOBODY = "1"


REPLICA = Condition((("REPLICAOF", "127.0.0.1", NOBODY),), (("REPLICAOF", "NO", "ONE"),))
WRITABLE = setting("replica-read-only", "no", "yes")
STALE = setting("replica-serve-stale-data", "no", "yes")
LIMITED = setting("replica-ignore-maxmemory", "no", "yes")
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
def with_append_only_file(program: Path, directory: Path) -> Iterator[Server]:
    """Run a server with an append-only file, which a limit does not kill but only stops."""
    wrapper = directory / "server"
    wrapper.write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {program} \"$@\"\n")
    wrapper.chmod(0o700)
    with run_redis(wrapper, "--appendonly", "yes") as server:
        yield server


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_what_commands_bring_about(reference_server: Server, condition: Condition) -> None:
    check(differences(reference_server, Engine(), condition))


def test_a_disk_without_snapshots(reference_program: Path, tmp_path: Path) -> None:
    engine = Engine()
    engine.conditions.break_disk(DiskError.RDB)
    with without_snapshots(reference_program, tmp_path / "gone") as server:
        for condition in DISK_CONDITIONS:
            check(differences(server, engine, condition))


def test_an_append_only_file_that_cannot_be_written(
    reference_program: Path, tmp_path: Path
) -> None:
    engine = Engine()
    with with_append_only_file(reference_program, tmp_path) as server:
        with Embedded(engine) as ours, RespClient(server.host, server.port) as theirs:
            for client in (ours, theirs):
                for words in (("FUNCTION", "LOAD", library()), *PREPARATION):
                    client.command(*words)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, 0))
            engine.conditions.break_disk(DiskError.AOF)
            theirs.command("SET", "k", "1")
            wait_for(theirs, "persistence", "aof_last_write_status:err")
        check(differences(server, engine, Condition(flag_sets=FEW_FLAG_SETS)))
