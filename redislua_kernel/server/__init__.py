"""The RESP server: the embedded engine on a socket, for redis-cli, redis-py and the rest.

server         starts and ends, and does what is due ten times a second
listeners      where it takes connections, on sockets; refusals: whom it turns away; limits: the
               settings
connection     one client's socket: when its commands run, and where
command_queue  its commands: read, in their order, run; parser: bytes to commands
gate           the way into the engine, and to the worker; routes: what has to go there
wait, postponed
               a command that blocks; those that CLIENT PAUSE holds up
output         what goes out, within limits; reply_writer, encoder: replies as bytes
eviction       maxmemory-clients
debug_session, debug_channel
               SCRIPT DEBUG: a script under the debugger, and its client
"""

from redislua_kernel.server.server import Server

__all__ = ["Server"]
