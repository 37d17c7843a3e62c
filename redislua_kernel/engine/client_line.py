"""A client in one line, as CLIENT LIST and ACL LOG show it."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import shown
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["describe_client"]


def describe_client(client: Client, caller: Client) -> bytes:
    """Give CLIENT LIST's line for a client, without its end.

    Reply buffers and file descriptors are the transport's and stay 0; so does the query buffer
    of all but the caller, whose command is in it.
    """
    transaction = client.transaction
    queue = [] if transaction is None else transaction.queue
    states = {
        b"O": client.id in client.engine.monitors.clients,
        b"P": client.subscribed,
        b"x": transaction is not None,
        b"b": client.blocked is not None,
        b"e": client.no_evict,
        b"T": client.no_touch,
        **_tracking_flags(client),
    }
    flags = b"".join(flag for flag, is_set in states.items() if is_set)
    request = client.words if client is caller else ()
    argument_memory = sum(map(len, request))
    queue_memory = sum(len(word) for words in queue for word in words)
    fields = {
        "id": client.id,
        "addr": client.address,
        "laddr": client.local_address,
        "fd": 0,
        "name": client.name.decode(),
        "age": (client.engine.keyspace.now_us - client.created) // 1_000_000,
        "idle": int(monotonic() - client.started) if client.words else 0,
        "flags": (flags or b"N").decode(),
        "db": client.database,
        "sub": len(client.subscriptions),
        "psub": len(client.patterns),
        "ssub": len(client.shard_subscriptions),
        "multi": -1 if transaction is None else len(queue),
        "watch": len(client.watched),
        "qbuf": _request_size(request),
        "qbuf-free": 0,
        "argv-mem": argument_memory,
        "multi-mem": queue_memory,
        **dict.fromkeys(("rbs", "rbp", "obl", "oll", "omem"), 0),
        "tot-mem": argument_memory + queue_memory,
        "events": "r",
        "cmd": _last_command(client),
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
