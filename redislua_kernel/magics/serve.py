"""%serve: the notebook's own engine for redis-cli and other clients, on loopback."""

from __future__ import annotations

import os

from redislua_kernel.cells import UsageError
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import magic
from redislua_kernel.quantities import count_of
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session

_HOST = "127.0.0.1"


@magic("serve", usage="[--port N]", offers=at_first("option", ("--port", "stop")), while_busy=True)
def serve(session: Session, *words: bytes) -> Outputs:
    """Open this notebook's engine to redis-cli and other clients, or tell where it is open.

    Clients and cells see the same data. It listens on this machine alone, on any free port or
    on the one that is named, until %serve stop or the end of the kernel.

        %serve
        %serve --port 6400
    """
    port = _port(words)
    server = session.server
    if server is None:
        return Text(_start(session, port or 0))
    if port not in (None, server.port):
        raise UsageError(f"already serving on port {server.port}; %serve stop ends that")
    clients = count_of(len(server.connections), "client")
    return Text(f"{address_of(server.port)}{clients}\n")


@magic("serve stop", while_busy=True)
def stop(session: Session) -> Outputs:
    """Close the engine to clients again; the data stay.

    %serve stop
    """
    server = session.server
    if server is None:
        raise UsageError("nothing is served; %serve begins to")
    session.stop_serving()
    return Text(f"No longer serving on {_HOST}:{server.port}\n")


def _start(session: Session, port: int) -> str:
    from redislua_kernel.server import Server  # noqa: PLC0415  # only where one is wanted

    server = Server(session.engine, _HOST, port, worker=session.worker)
    try:
        server.start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"cannot listen on port {port}: {reason}") from None
    session.server = server
    return address_of(server.port)


def address_of(port: int) -> str:
    """Say where it listens, and how to go there."""
    return f"Serving on {_HOST}:{port}\nredis-cli -p {port}\n"


def _port(words: tuple[bytes, ...]) -> int | None:
    """Read the port to listen on; None: the user names none."""
    if not words:
        return None
    option, number = words[0].lower(), words[-1]
    if len(words) != 2 or option != b"--port" or not number.isdigit() or int(number) > 65535:
        raise UsageError("usage: %serve [--port N], or %serve stop")
    return int(number)
