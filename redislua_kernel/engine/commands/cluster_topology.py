"""The subcommands of CLUSTER that change nodes and slots: there is one node, and it stays so.

What the reference refuses on such a node is refused in its words; what would take slots away
from the node, or bring in another one, is refused in ours.
"""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.cluster import require_cluster, require_node
from redislua_kernel.engine.commands.cluster_slots import parse_slot
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, wrong_arity
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.reply import OK, Reply

_FLAGS = "admin stale no_async_loading"


def _unchangeable(name: str) -> CommandError:
    return CommandError(
        f"ERR CLUSTER {name} is not possible: this engine is a cluster of one node with all slots"
    )


def _ranges(name: str, words: tuple[bytes, ...]) -> list[tuple[int, int]]:
    if len(words) % 2:
        raise wrong_arity(f"cluster|{name}")
    bounds = [parse_slot(word) for word in words]
    ranges = list(zip(bounds[::2], bounds[1::2], strict=True))
    for first, last in ranges:
        if first > last:
            raise CommandError(
                f"ERR start slot number {first} is greater than end slot number {last}"
            )
    return ranges


@command("CLUSTER ADDSLOTS", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(N)")
def cluster_addslots(client: Client, *slots: bytes) -> Reply:
    """Give slots to this node, which has all of them."""
    require_cluster(client)
    first, *_ = [parse_slot(slot) for slot in slots]
    raise CommandError(f"ERR Slot {first} is already busy")


@command("CLUSTER ADDSLOTSRANGE", flags=_FLAGS, group="cluster", since="7.0.0", complexity="O(N)")
def cluster_addslotsrange(client: Client, start: bytes, end: bytes, *more: Words) -> Reply:
    """Give ranges of slots to this node, which has all of them."""
    require_cluster(client)
    first, _ = _ranges("addslotsrange", (start, end, *more))[0]
    raise CommandError(f"ERR Slot {first} is already busy")


@command("CLUSTER DELSLOTS", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(N)")
def cluster_delslots(client: Client, *slots: bytes) -> Reply:
    """Take slots away from this node; refused."""
    require_cluster(client)
    for slot in slots:
        parse_slot(slot)
    raise _unchangeable("DELSLOTS")


@command("CLUSTER DELSLOTSRANGE", flags=_FLAGS, group="cluster", since="7.0.0", complexity="O(N)")
def cluster_delslotsrange(client: Client, start: bytes, end: bytes, *more: Words) -> Reply:
    """Take ranges of slots away from this node; refused."""
    require_cluster(client)
    _ranges("delslotsrange", (start, end, *more))
    raise _unchangeable("DELSLOTSRANGE")


@command("CLUSTER FLUSHSLOTS", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_flushslots(client: Client) -> Reply:
    """Take all slots away from this node; refused."""
    if require_cluster(client).keyspace[0].entries:
        raise CommandError("ERR DB must be empty to perform CLUSTER FLUSHSLOTS.")
    raise _unchangeable("FLUSHSLOTS")


@command("CLUSTER SETSLOT", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_setslot(client: Client, slot: bytes, state: bytes, *words: Words) -> Reply:
    """Begin or end the move of a slot to another node: only STABLE, the end, can be."""
    require_cluster(client)
    parse_slot(slot)
    if state.upper() == b"STABLE" and not words:
        return OK
    raise _unchangeable("SETSLOT")


@command("CLUSTER MEET", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_meet(client: Client, ip: bytes, port: bytes, *bus_port: Words) -> Reply:
    """Bring another node into the cluster; refused."""
    require_cluster(client)
    raise _unchangeable("MEET")


@command("CLUSTER FORGET", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_forget(client: Client, node: bytes) -> Reply:
    """Take another node out of the cluster; there is none."""
    require_node(client, node)
    raise CommandError("ERR I tried hard but I can't forget myself...")


@command("CLUSTER REPLICATE", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_replicate(client: Client, node: bytes) -> Reply:
    """Make this node the replica of another one; there is none."""
    require_node(client, node)
    raise CommandError("ERR Can't replicate myself")


@command("CLUSTER FAILOVER", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_failover(client: Client, *option: Words) -> Reply:
    """Let a replica take the place of its master; this node is no replica."""
    require_cluster(client)
    if option and (len(option) > 1 or option[0].upper() not in (b"FORCE", b"TAKEOVER")):
        raise SYNTAX_ERROR
    raise CommandError("ERR You should send CLUSTER FAILOVER to a replica")


@command(
    "CLUSTER RESET",
    flags="admin noscript stale",
    group="cluster",
    since="3.0.0",
    complexity="O(N) where N is the number of nodes.",
)
def cluster_reset(client: Client, *mode: Words) -> Reply:
    """Let this node forget its slots and the other nodes; refused."""
    engine = require_cluster(client)
    if mode and (len(mode) > 1 or mode[0].upper() not in (b"HARD", b"SOFT")):
        raise SYNTAX_ERROR
    if engine.keyspace[0].entries:
        raise CommandError("ERR CLUSTER RESET can't be called with master nodes containing keys")
    raise _unchangeable("RESET")


@command("CLUSTER SAVECONFIG", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_saveconfig(client: Client) -> Reply:
    """Write what the node knows of the cluster to the disk: nothing is kept there."""
    require_cluster(client)
    return OK


@command("CLUSTER BUMPEPOCH", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)")
def cluster_bumpepoch(client: Client) -> Reply:
    """Raise the epoch of the node's configuration; refused."""
    require_cluster(client)
    raise _unchangeable("BUMPEPOCH")


@command(
    "CLUSTER SET-CONFIG-EPOCH", flags=_FLAGS, group="cluster", since="3.0.0", complexity="O(1)"
)
def cluster_set_config_epoch(client: Client, epoch: bytes) -> Reply:
    """Set the epoch of a new node's configuration; refused."""
    require_cluster(client)
    parse_int(epoch)
    raise _unchangeable("SET-CONFIG-EPOCH")
