"""CLUSTER and what else belongs to a cluster: what the only node of one tells.

An engine in cluster mode owns all slots, and so it answers as a real node that does. What would
change that is in `cluster_topology`, and slots are in `cluster_slots`. Outside cluster mode all
of it is refused.
"""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.slots import SLOTS
from redislua_kernel.reply import OK, Reply, Verbatim

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

CLUSTER_DISABLED = CommandError("ERR This instance has cluster support disabled")

#: Between a node's port and the one on which nodes talk to each other.
BUS_OFFSET = 10000
LAST_SLOT = SLOTS - 1
_ANY_ADDRESS = (b"0.0.0.0", b"::", b"*", b"")


def require_cluster(client: Client) -> Engine:
    """Give the engine if it is in cluster mode. Raises the error that says it is not."""
    engine = client.engine
    if not engine.conditions.is_cluster:
        raise CLUSTER_DISABLED
    return engine


def require_node(client: Client, node: bytes) -> None:
    """Raise the error for a node that is not in the cluster."""
    if node != node_id(require_cluster(client)):
        raise CommandError(f"ERR Unknown node {shown(node)}")


def node_id(engine: Engine) -> bytes:
    """Give the name of the engine's node."""
    return sha1(b"node " + engine.run_id.encode()).hexdigest().encode()


def _port(engine: Engine) -> int:
    return engine.config.integer(b"port")


def _address(engine: Engine) -> bytes:
    """Give where clients find the node: a real one learns it when nodes meet, this one is alone.

    Nothing if it is not served, or on all of a machine's addresses.
    """
    values = engine.config.values
    if values[b"cluster-announce-ip"]:
        return values[b"cluster-announce-ip"]
    is_known = _port(engine) and values[b"bind"] not in _ANY_ADDRESS
    return values[b"bind"] if is_known else b""


@command("CLUSTER INFO", flags="stale", group="cluster", since="3.0.0", complexity="O(1)")
def cluster_info(client: Client) -> Reply:
    """Describe the state of the cluster."""
    require_cluster(client)
    fields = {
        "cluster_state": "ok",
        "cluster_slots_assigned": SLOTS,
        "cluster_slots_ok": SLOTS,
        "cluster_slots_pfail": 0,
        "cluster_slots_fail": 0,
        "cluster_known_nodes": 1,
        "cluster_size": 1,
        "cluster_current_epoch": 0,
        "cluster_my_epoch": 0,
        "cluster_stats_messages_sent": 0,
        "cluster_stats_messages_received": 0,
        "total_cluster_links_buffer_limit_exceeded": 0,
    }
    return Verbatim("".join(f"{name}:{value}\r\n" for name, value in fields.items()).encode())


@command("CLUSTER MYID", flags="stale", group="cluster", since="3.0.0", complexity="O(1)")
def cluster_myid(client: Client) -> bytes:
    """Give the name of this node."""
    return node_id(require_cluster(client))


@command("CLUSTER MYSHARDID", flags="stale", group="cluster", since="7.2.0", complexity="O(1)")
def cluster_myshardid(client: Client) -> bytes:
    """Give the name of this node's shard."""
    return sha1(b"shard " + require_cluster(client).run_id.encode()).hexdigest().encode()


@command(
    "CLUSTER NODES",
    flags="stale",
    group="cluster",
    since="3.0.0",
    complexity="O(N) where N is the number of nodes.",
)
def cluster_nodes(client: Client) -> Reply:
    """List the nodes with their addresses, states and slots."""
    engine = require_cluster(client)
    port = _port(engine)
    return Verbatim(
        b"%b %b:%d@%d myself,master - 0 0 0 connected 0-%d\n"
        % (node_id(engine), _address(engine), port, port + BUS_OFFSET, LAST_SLOT)
    )


@command(
    "CLUSTER SLOTS",
    flags="loading stale",
    group="cluster",
    since="3.0.0",
    complexity="O(N) where N is the number of nodes.",
)
def cluster_slots(client: Client) -> Reply:
    """List the ranges of slots, each with the nodes that serve it."""
    engine = require_cluster(client)
    return [[0, LAST_SLOT, [_address(engine), _port(engine), node_id(engine), {}]]]


@command(
    "CLUSTER SHARDS",
    flags="loading stale",
    group="cluster",
    since="7.0.0",
    complexity="O(N) where N is the number of nodes.",
)
def cluster_shards(client: Client) -> Reply:
    """List the shards, each with its slots and its nodes."""
    engine = require_cluster(client)
    node = {
        b"id": node_id(engine),
        b"port": _port(engine),
        b"ip": _address(engine),
        b"endpoint": _address(engine),
        b"role": b"master",
        b"replication-offset": 0,
        b"health": b"online",
    }
    return [{b"slots": [0, LAST_SLOT], b"nodes": [node]}]


@command("CLUSTER LINKS", flags="stale", group="cluster", since="7.0.0", complexity="O(1)")
def cluster_links(client: Client) -> Reply:
    """List the connections between this node and others: none."""
    require_cluster(client)
    return []


@command("CLUSTER REPLICAS", flags="admin stale", group="cluster", since="5.0.0", complexity="O(N)")
def cluster_replicas(client: Client, node: bytes) -> Reply:
    """List the replicas of a node: none."""
    require_node(client, node)
    return []


@command("CLUSTER SLAVES", flags="admin stale", group="cluster", since="3.0.0", complexity="O(N)")
def cluster_slaves(client: Client, node: bytes) -> Reply:
    """List the replicas of a node, under the command's old name."""
    return cluster_replicas(client, node)


@command(
    "CLUSTER COUNT-FAILURE-REPORTS",
    flags="admin stale",
    group="cluster",
    since="3.0.0",
    complexity="O(N) where N is the number of reports.",
)
def cluster_count_failure_reports(client: Client, node: bytes) -> int:
    """Count the nodes that report another one as failing: none."""
    require_node(client, node)
    return 0


@command("CLUSTER HELP", flags="loading stale", group="cluster", since="5.0.0", complexity="O(1)")
def cluster_help(client: Client) -> Reply:
    """Explain the subcommands of CLUSTER."""
    require_cluster(client)
    return help_reply("CLUSTER")


_CONNECTION = "loading stale fast"


@command(
    "READONLY",
    flags=_CONNECTION,
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readonly(client: Client) -> Reply:
    """Let a cluster's replica serve reads to this connection."""
    require_cluster(client)
    return OK


@command(
    "READWRITE",
    flags=_CONNECTION,
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readwrite(client: Client) -> Reply:
    """End READONLY."""
    require_cluster(client)
    return OK


@command(
    "ASKING",
    flags="fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def asking(client: Client) -> Reply:
    """Follow a redirection to a slot that is being moved."""
    require_cluster(client)
    return OK
