"""A client in one line, as CLIENT LIST and ACL LOG show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import shown
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["describe_client"]


def describe_client(client: Client, caller: Client) -> bytes:
    """Give CLIENT LIST's line for a client, without its end.

    Buffers and file descriptors are the transport's and stay 0; the last command is known
    of the caller only.
    """
    transaction = client.transaction
    states = {
        b"O": client.id in client.engine.monitors.clients,
        b"P": client.subscribed,
        b"x": transaction is not None,
        b"b": client.blocked is not None,
        **_tracking_flags(client),
    }
    flags = b"".join(flag for flag, is_set in states.items() if is_set)
    fields = {
        "id": client.id,
        "addr": client.address,
        "laddr": client.local_address,
        "fd": 0,
        "name": client.name.decode(),
        "age": (client.engine.keyspace.now_us - client.created) // 1_000_000,
        "idle": 0,
        "flags": (flags or b"N").decode(),
        "db": client.database,
        "sub": len(client.subscriptions),
        "psub": len(client.patterns),
        "ssub": len(client.shard_subscriptions),
        "multi": -1 if transaction is None else len(transaction.queue),
        "watch": len(client.watched),
        **dict.fromkeys(("qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp"), 0),
        **dict.fromkeys(("obl", "oll", "omem", "tot-mem"), 0),
        "events": "r",
        "cmd": _command_name(client) if client is caller else "NULL",
        "user": shown(client.user.name),
        "redir": -1 if client.tracking is None else client.tracking.redirect,
        "resp": client.resp,
        "lib-name": client.library.decode(),
        "lib-ver": client.library_version.decode(),
        "io-thread": 0,
    }
    return " ".join(f"{name}={value}" for name, value in fields.items()).encode(
        "utf-8", "surrogateescape"
    )


def _command_name(client: Client) -> str:
    """Name the command that a client has called."""
    try:
        return client.engine.commands.find(client.words).full_name
    except (IndexError, ResponseError):
        return "NULL"


def _tracking_flags(client: Client) -> dict[bytes, bool]:
    tracking = client.tracking
    if tracking is None:
        return {}
    return {b"t": True, b"R": tracking.is_broken, b"B": tracking.broadcasts}
