"""A server in this process, and connections to it."""

import logging
from collections.abc import Callable, Iterator

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.server import Server
from tests.server.wire import Wire


@pytest.fixture
def server(caplog: pytest.LogCaptureFixture) -> Iterator[Server]:
    """Our server on a free port, with an engine of its own; nothing fails inside it unseen."""
    server = Server(Engine(), port=0)
    server.start()
    yield server
    server.stop()
    server.worker.interrupt()
    server.worker.close()
    failures = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    assert not [each.getMessage() for each in failures if each.levelno >= logging.ERROR]


@pytest.fixture
def impatient(server: Server) -> Server:
    """The server, which calls a script overdue after 50 ms."""
    server.engine.execute("CONFIG", "SET", "busy-reply-threshold", 50)
    return server


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[[], Wire]]:
    """Make connections to the server."""
    wires = []

    def connect() -> Wire:
        wires.append(Wire(server.port))
        return wires[-1]

    yield connect
    for wire in wires:
        wire.socket.close()
