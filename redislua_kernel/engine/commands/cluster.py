"""What belongs to a cluster: known, and refused, as the engine is none."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, unknown_subcommand
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import Reply

CLUSTER_DISABLED = CommandError("ERR This instance has cluster support disabled")

_SUBCOMMANDS = frozenset(
    b"ADDSLOTS ADDSLOTSRANGE BUMPEPOCH COUNT-FAILURE-REPORTS COUNTKEYSINSLOT DELSLOTS "
    b"DELSLOTSRANGE FAILOVER FLUSHSLOTS FORGET GETKEYSINSLOT HELP INFO KEYSLOT LINKS MEET MYID "
    b"MYSHARDID NODES REPLICAS REPLICATE RESET SAVECONFIG SET-CONFIG-EPOCH SETSLOT SHARDS SLAVES "
    b"SLOT-STATS SLOTS".split()
)


@command("CLUSTER", flags="", group="cluster", since="3.0.0", complexity="O(1)", categories="slow")
def cluster(client: Client, subcommand: bytes, *words: Words) -> Reply:
    """Ask about or change a cluster; refused, as this is none."""
    if subcommand.upper() not in _SUBCOMMANDS:
        raise unknown_subcommand(subcommand, "CLUSTER")
    raise CLUSTER_DISABLED


@command(
    "READONLY",
    flags="loading stale fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readonly(client: Client) -> Reply:
    """Let a cluster's replica serve reads; refused, as this is no cluster."""
    raise CLUSTER_DISABLED


@command(
    "READWRITE",
    flags="loading stale fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readwrite(client: Client) -> Reply:
    """End READONLY; refused, as this is no cluster."""
    raise CLUSTER_DISABLED


@command(
    "ASKING",
    flags="fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def asking(client: Client) -> Reply:
    """Follow a cluster's redirection; refused, as this is no cluster."""
    raise CLUSTER_DISABLED
