"""Masters and replicas: nothing is replicated, but a replica refuses what a real one refuses.

A replica here is one whose master cannot be reached, and which has data all the same.
"""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import OK, Reply, Status

INSTANCE_CHANGED = CommandError(
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"
)
_FLAGS = "admin noscript stale no_async_loading"


@command("REPLICAOF", flags=_FLAGS, group="server", since="5.0.0", complexity="O(1)")
def replicaof(client: Client, host: bytes, port: bytes) -> Reply:
    """Make the engine the replica of a master, or with NO ONE a master again."""
    conditions = client.engine.conditions
    if conditions.is_cluster:
        raise CommandError("ERR REPLICAOF not allowed in cluster mode.")
    if (host.lower(), port.lower()) == (b"no", b"one"):
        conditions.lead()
        return OK
    master = host, _port(port)
    if conditions.master is not None and conditions.master == master:
        return Status(b"OK Already connected to specified master")
    conditions.follow(*master)
    for other in list(client.engine.clients.values()):
        if other.blocked is not None:
            client.engine.blocked.fail(other, INSTANCE_CHANGED)
            other.closing = True
    return OK


@command("SLAVEOF", flags=_FLAGS, group="server", since="1.0.0", complexity="O(1)")
def slaveof(client: Client, host: bytes, port: bytes) -> Reply:
    """Do what REPLICAOF does, under its old name."""
    return replicaof(client, host, port)


@command("FAILOVER", flags="admin noscript stale", group="server", since="6.2.0", complexity="O(1)")
def failover(client: Client, *options: Words) -> Reply:
    """Let a replica take the place of its master; refused, as there is none."""
    conditions = client.engine.conditions
    if conditions.is_cluster:
        raise CommandError("ERR FAILOVER not allowed in cluster mode.")
    if len(options) == 1 and options[0].upper() == b"ABORT":
        raise CommandError("ERR No failover in progress.")
    _check_failover(list(options))
    if conditions.master is not None:
        raise CommandError("ERR FAILOVER is not valid when server is a replica.")
    raise CommandError("ERR FAILOVER requires connected replicas.")


def _check_failover(words: list[bytes]) -> None:
    """Raise the error for options that make no sense."""
    given = set()
    while words:
        option = words.pop(0).upper()
        if option in given:
            raise SYNTAX_ERROR
        given.add(option)
        if option == b"TIMEOUT" and words:
            if parse_int(words.pop(0)) <= 0:
                raise CommandError("ERR FAILOVER timeout must be greater than 0")
        elif option == b"TO" and len(words) > 1:
            parse_int(words[1])
            del words[:2]
        elif option != b"FORCE":
            raise SYNTAX_ERROR


def _port(word: bytes) -> int:
    try:
        port = parse_int(word)
    except ResponseError:
        port = -1
    if not 0 <= port <= 65535:
        raise CommandError("ERR Invalid master port")
    return port


@command(
    "ROLE",
    flags="noscript loading stale fast",
    group="server",
    since="2.8.12",
    complexity="O(1)",
    categories="admin dangerous",
)
def role(client: Client) -> Reply:
    """Tell the role in replication: a master without replicas, or a replica without its master."""
    master = client.engine.conditions.master
    if master is None:
        return [b"master", 0, []]
    host, port = master
    return [b"slave", host, port, b"connect", -1]
