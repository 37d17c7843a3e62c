"""How much memory a client takes, estimated: what it has sent, waits for, and listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislua_kernel.engine.link import NO_TRAFFIC, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redislua_kernel.engine.client import Client

__all__ = ["client_memory"]

#: A client that has done nothing yet, with its connection.
BASE = 6000
#: What remembering a name costs beside its bytes.
PER_NAME = 120


def client_memory(client: Client, traffic: Traffic = NO_TRAFFIC) -> int:
    """Estimate the bytes that a client takes, those in its connection's buffers among them."""
    names: list[Iterable[bytes]] = [
        client.subscriptions,
        client.patterns,
        client.shard_subscriptions,
        [key for _, key in client.watched],
    ]
    if client.tracking is not None:
        names.append(client.tracking.prefixes)
    queued = 0 if client.transaction is None else client.transaction.size
    buffers = traffic.query + traffic.arguments + traffic.unsent
    return BASE + queued + buffers + sum(PER_NAME + len(name) for each in names for name in each)
