"""The RESP server: the embedded engine on a socket, for redis-cli, redis-py and the rest."""

from redislua_kernel.server.server import Server

__all__ = ["Server"]
