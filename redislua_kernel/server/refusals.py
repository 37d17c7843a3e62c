"""Whom a server turns away at its door, and with which words: redis-server 8.2.3's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislua_kernel.server.sockets import is_local

if TYPE_CHECKING:
    from redislua_kernel.server.server import Server

__all__ = ["refusal_of"]

TOO_MANY_CLIENTS = b"-ERR max number of clients reached\r\n"
TOO_MANY_IN_CLUSTER = b"-ERR max number of clients + cluster connections reached\r\n"
PROTECTED = (
    b"-DENIED Redis is running in protected mode because protected mode is enabled and no password "
    b"is set for the default user. In this mode connections are only accepted from the loopback "
    b"interface. If you want to connect from external computers to Redis you may adopt one of the "
    b"following solutions: 1) Just disable protected mode sending the command 'CONFIG SET "
    b"protected-mode no' from the loopback interface by connecting to Redis from the same host the "
    b"server is running, however MAKE SURE Redis is not publicly accessible from internet if you "
    b"do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just "
    b"disable the protected mode by editing the Redis configuration file, and setting the "
    b"protected mode option to 'no', and then restarting the server. 3) If you started the server "
    b"manually just for testing, restart it with the '--protected-mode no' option. 4) Set up an "
    b"authentication password for the default user. NOTE: You only need to do one of the above "
    b"things in order for the server to start accepting connections from the outside.\r\n"
)


def refusal_of(server: Server, peer: object) -> bytes | None:
    """Give what a new connection is told before it is closed; None: it is welcome."""
    limits, engine = server.limits, server.engine
    if len(server.connections) >= limits.clients:
        return TOO_MANY_IN_CLUSTER if engine.conditions.is_cluster else TOO_MANY_CLIENTS
    if limits.protects and engine.users.default.nopass and not is_local(peer):
        return PROTECTED
    return None
