"""A client in one line, as CLIENT LIST and ACL LOG show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import shown
from redislua_kernel.engine.link import NO_TRAFFIC, REPLY_BUFFER
from redislua_kernel.engine.memory.clients import client_memory
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["describe_client"]


def describe_client(client: Client, caller: Client) -> bytes:
    """Give CLIENT LIST's line for a client, without its end.

    The query buffer of the caller has its command in it. Unsent output counts as the reference
    keeps it: in a buffer (obl), and what that cannot hold in a list of further ones (oll, omem).
    """
    traffic = NO_TRAFFIC if client.link is None else client.link.traffic()
    transaction = client.transaction
    queue = [] if transaction is None else transaction.queue
    states = {
        b"O": client.id in client.engine.monitors.clients,
        b"P": client.subscribed,
        b"x": transaction is not None,
        b"b": client.blocked is not None or client.is_postponed,
        b"e": client.no_evict,
        b"T": client.no_touch,
        **_tracking_flags(client),
    }
    flags = b"".join(flag for flag, is_set in states.items() if is_set)
    runs = client is caller
    argument_memory = traffic.arguments + sum(
        map(len, client.words if runs or client.blocked is not None else ())
    )
    queue_memory = 0 if transaction is None else transaction.size
    buffered = min(traffic.unsent, REPLY_BUFFER)
    listed = traffic.unsent - buffered
    fields = {
        "id": client.id,
        "addr": client.address,
        "laddr": client.local_address,
        "fd": traffic.descriptor,
        "name": client.name.decode(),
        "age": (client.engine.keyspace.now_us - client.created) // 1_000_000,
        "idle": int(traffic.idle),
        "flags": (flags or b"N").decode(),
        "db": client.database,
        "sub": len(client.subscriptions),
        "psub": len(client.patterns),
        "ssub": len(client.shard_subscriptions),
        "multi": -1 if transaction is None else len(queue),
        "watch": len(client.watched),
        "qbuf": traffic.query + (_request_size(client.words) if runs else 0),
        "qbuf-free": 0,
        "argv-mem": argument_memory,
        "multi-mem": queue_memory,
        "rbs": REPLY_BUFFER,
        "rbp": buffered,
        "obl": buffered,
        "oll": -(-listed // REPLY_BUFFER),
        "omem": listed,
        "tot-mem": client_memory(client, traffic) + (argument_memory if runs else 0),
        "events": "rw" if traffic.unsent else "r",
        "cmd": _last_command(client),
        "user": shown(client.user.name),
        "redir": -1 if client.tracking is None else client.tracking.redirect,
        "resp": client.resp,
        "lib-name": client.library.decode(),
        "lib-ver": client.library_version.decode(),
        "io-thread": 0,
        "tot-net-in": traffic.received,
        "tot-net-out": traffic.sent,
        "tot-cmds": traffic.commands,
    }
    return " ".join(f"{name}={value}" for name, value in fields.items()).encode(
        "utf-8", "surrogateescape"
    )


def _request_size(words: Sequence[bytes]) -> int:
    """Give the bytes of a command as a RESP array; 0 for none."""
    if not words:
        return 0
    return len(b"*%d\r\n" % len(words)) + sum(
        len(b"$%d\r\n" % len(word)) + len(word) + 2 for word in words
    )


def _last_command(client: Client) -> str:
    """Name the command that a client ran last."""
    if not client.words:
        return "NULL"
    try:
        return client.engine.commands.find(client.words).full_name
    except ResponseError:
        return "NULL"


def _tracking_flags(client: Client) -> dict[bytes, bool]:
    tracking = client.tracking
    if tracking is None:
        return {}
    return {b"t": True, b"R": tracking.is_broken, b"B": tracking.broadcasts}
