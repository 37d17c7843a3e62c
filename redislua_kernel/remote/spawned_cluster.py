"""A cluster of the notebook's own: three primaries that share the slots evenly.

Its nodes must hear each other, so they listen on ports of the loopback interface, too.
"""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, suppress
from secrets import choice

from redislua_kernel.engine.slots import SLOTS
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect
from redislua_kernel.remote.spawning import Spawned
from redislua_kernel.remote.target import Target

__all__ = ["SpawnedCluster"]

_HOST = "127.0.0.1"
_PRIMARIES = 3
_START_SECONDS = 60.0
#: Systems give connections, and who asks for any port, the ones above.
_PORTS = range(20_000, 32_000)


class SpawnedCluster:
    """Three running servers that have found each other."""

    kind = "cluster"

    def __init__(self, nodes: list[Spawned], ports: list[int]) -> None:
        self._nodes = nodes
        self._ports = ports

    @classmethod
    def start(cls) -> SpawnedCluster:
        """Start the nodes and make them one cluster; raises CannotConnect."""
        with ExitStack() as undo:
            nodes = []
            free = _free_ports(2 * _PRIMARIES)
            ports, buses = free[:_PRIMARIES], free[_PRIMARIES:]
            for port, bus in zip(ports, buses, strict=True):
                words = ["--bind", _HOST, "--port", str(port), "--cluster-enabled", "yes"]
                nodes.append(Spawned.start("redis", *words, "--cluster-port", str(bus)))
                undo.callback(nodes[-1].stop)
            _join(nodes, ports, buses)
            undo.pop_all()
        return cls(nodes, ports)

    @property
    def target(self) -> Target:
        """How to connect to it."""
        hosts = tuple((_HOST, port) for port in self._ports)
        return Target(hosts, is_cluster=True, name="of three spawned servers")

    @property
    def place(self) -> str:
        """Where it listens."""
        return ", ".join(f"{_HOST}:{port}" for port in self._ports)

    @property
    def is_running(self) -> bool:
        """Tell whether all nodes still answer."""
        return all(node.is_running for node in self._nodes)

    def stop(self) -> None:
        """End it, with all its data."""
        for node in self._nodes:
            node.stop()


def _join(nodes: list[Spawned], ports: list[int], buses: list[int]) -> None:
    connections = [Connection(node.target) for node in nodes]
    try:
        for place, connection in enumerate(connections):
            first, end = (SLOTS * each // _PRIMARIES for each in (place, place + 1))
            _call(connection, "CLUSTER", "SET-CONFIG-EPOCH", place + 1)
            _call(connection, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            if place:
                _call(connection, "CLUSTER", "MEET", _HOST, ports[0], buses[0])
        end_of_patience = time.monotonic() + _START_SECONDS
        while not all(map(_is_formed, connections)):
            if time.monotonic() > end_of_patience:
                raise CannotConnect("the spawned servers do not find each other")
            time.sleep(0.02)
    finally:
        for connection in connections:
            connection.close()


def _is_formed(connection: Connection) -> bool:
    told = bytes(_call(connection, "CLUSTER", "INFO"))
    return b"cluster_state:ok" in told and b"cluster_size:%d\r" % _PRIMARIES in told


def _call(connection: Connection, *words: str | int) -> bytes:
    reply: bytes = connection.call([str(word).encode() for word in words])
    return reply


def _free_ports(count: int) -> list[int]:
    """Find some ports, each another one: all are held until the last is found."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            probe, port = held.enter_context(socket.socket()), choice(_PORTS)
            with suppress(OSError):  # somebody has it
                probe.bind((_HOST, port))
                found.append(port)
    return found
