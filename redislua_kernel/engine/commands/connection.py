"""Connection commands that need no server: PING, ECHO, SELECT, …"""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import DATABASE_OUT_OF_RANGE
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Int
from redislua_kernel.reply import OK, Reply, Status

PONG = Status(b"PONG")


@command("PING", flags="fast", group="connection", since="1.0.0", complexity="O(1)")
def ping(client: Client, message: bytes | None = None) -> Reply:
    """Tell that the engine is alive: PONG, or the message."""
    return PONG if message is None else message


@command("ECHO", flags="fast loading stale", group="connection", since="1.0.0", complexity="O(1)")
def echo(client: Client, message: bytes) -> bytes:
    """Give the message back."""
    return message


@command("SELECT", flags="loading stale fast", group="connection", since="1.0.0", complexity="O(1)")
def select(client: Client, index: Int) -> Reply:
    """Choose the database that the next commands work on."""
    if not 0 <= index < len(client.engine.keyspace.databases):
        raise DATABASE_OUT_OF_RANGE
    client.db = client.engine.keyspace[index]
    return OK
