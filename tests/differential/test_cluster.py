"""An engine in cluster mode answers as a node of redis-server 8.2.3 that owns all slots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from redislua_kernel import Engine
from tests.differential.conditions import (
    FULL,
    NOTHING,
    TOO_FEW_REPLICAS,
    AnyClient,
    Condition,
    Embedded,
    both,
    check,
    differences,
    wait_for,
)
from tests.ports import free_port
from tests.resp_client import RespClient
from tests.servers import Server, run_redis, run_serve

pytestmark = pytest.mark.reference

#: `<id>` stands for the name of the node.
CLUSTER_COMMANDS = """
CLUSTER INFO
CLUSTER NODES
CLUSTER SLOTS
CLUSTER SHARDS
CLUSTER LINKS
CLUSTER MYID
CLUSTER MYSHARDID
CLUSTER MYID x
CLUSTER KEYSLOT k
CLUSTER KEYSLOT a{k}b{c}
CLUSTER KEYSLOT {}k
CLUSTER KEYSLOT
CLUSTER COUNTKEYSINSLOT 7629
CLUSTER COUNTKEYSINSLOT x
CLUSTER COUNTKEYSINSLOT 16384
CLUSTER GETKEYSINSLOT 7629 5
CLUSTER GETKEYSINSLOT 7629 0
CLUSTER GETKEYSINSLOT 7629 -1
CLUSTER GETKEYSINSLOT -1 1
CLUSTER REPLICAS <id>
CLUSTER SLAVES <id>
CLUSTER REPLICAS none
CLUSTER COUNT-FAILURE-REPORTS <id>
CLUSTER COUNT-FAILURE-REPORTS none
CLUSTER ADDSLOTS 5
CLUSTER ADDSLOTS 5 x
CLUSTER ADDSLOTS 16384
CLUSTER ADDSLOTSRANGE 1 5
CLUSTER ADDSLOTSRANGE 5 1
CLUSTER ADDSLOTSRANGE 1 5 6
CLUSTER ADDSLOTSRANGE 1
CLUSTER DELSLOTS x
CLUSTER DELSLOTSRANGE 9 8
CLUSTER FLUSHSLOTS
CLUSTER SETSLOT 5 STABLE
CLUSTER SETSLOT 99999 STABLE
CLUSTER FORGET none
CLUSTER FORGET <id>
CLUSTER REPLICATE none
CLUSTER REPLICATE <id>
CLUSTER FAILOVER
CLUSTER FAILOVER FORCE
CLUSTER FAILOVER NOW
CLUSTER RESET
CLUSTER RESET NOW
CLUSTER SAVECONFIG
CLUSTER SLOT-STATS
CLUSTER HELP
CLUSTER NOSUCH
CLUSTER
COMMAND COUNT x
CONFIG GET cluster-enabled
CONFIG SET cluster-enabled no
REPLICAOF NO ONE
ROLE
READONLY
READWRITE
ASKING
EVAL return{redis.pcall('CLUSTER','MYID')==KEYS,redis.pcall('CLUSTER','RESET')} 0
""".strip().splitlines()


@pytest.fixture(scope="module")
def cluster(reference_program: Path) -> Iterator[Server]:
    """A cluster node that owns all slots."""
    options = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]
    options += ["--cluster-port", str(free_port())]  # the usual one, 10000 above, may be none
    with run_redis(reference_program, *options) as server:
        with RespClient(server.host, server.port) as client:
            client.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            wait_for(client, "cluster", "cluster_state:ok")
        yield server


@pytest.mark.parametrize("condition", [NOTHING, both(FULL), both(TOO_FEW_REPLICAS)])
def test_sessions_in_a_cluster(cluster: Server, condition: Condition) -> None:
    check(differences(cluster, Engine(cluster=True), condition))


@pytest.mark.parametrize("resp", ["2", "3"])
def test_a_node_describes_itself(cluster: Server, resp: str) -> None:
    engine = Engine(cluster=True)
    engine.config.put(b"port", str(cluster.port).encode())
    with Embedded(engine) as ours, RespClient(cluster.host, cluster.port) as theirs:
        for client in (ours, theirs):
            client.command("HELLO", resp)
        pairs = zip(_described(theirs), _described(ours), strict=True)
        check([f"{expected}\n{answered}" for expected, answered in pairs if answered != expected])


def test_serve_is_a_node_at_its_own_port() -> None:
    with (
        run_serve("--cluster-enabled", "yes") as server,
        RespClient(server.host, server.port) as client,
    ):
        node = client.command("CLUSTER", "SLOTS")["v"][0]["v"][2]["v"]
        assert (node[0]["v"], node[1]["v"]) == (server.host, server.port)


@pytest.mark.parametrize("words", ["CLUSTER INFO", "CLUSTER RESET", "READONLY", "CLUSTER HELP x"])
def test_who_is_no_node_says_so(reference_server: Server, words: str) -> None:
    with (
        Embedded(Engine()) as ours,
        RespClient(reference_server.host, reference_server.port) as theirs,
    ):
        assert ours.command(*words.split()) == theirs.command(*words.split())


def _described(client: AnyClient) -> list[str]:
    client.command("FLUSHALL")
    client.command("SET", "k", "v")
    names = {client.command("CLUSTER", f"MY{what}ID")["v"]: f"<{what}id>" for what in ("", "SHARD")}
    node = next(iter(names))
    replies = []
    for line in CLUSTER_COMMANDS:
        reply = repr(client.command(*line.replace("<id>", node).split()))
        reply = re.sub(r"@\d+ ", "@bus ", reply)
        for name, shown in names.items():
            reply = reply.replace(name, shown)
        replies.append(f"{line}: {reply}")
    return replies
