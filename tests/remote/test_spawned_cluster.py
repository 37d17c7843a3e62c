"""A cluster of the notebook's own."""

from __future__ import annotations

import socket

import pytest

from redislua_kernel.remote import spawned_cluster
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.spawned_cluster import SpawnedCluster
from tests.ports import HOST, free_port


@pytest.mark.usefixtures("reference_program")
def test_its_nodes_leave_alone_the_ports_that_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, *free = (free_port() for _ in range(7))
    drawn = iter([taken, free[0], free[0], *free[1:]])
    monkeypatch.setattr(spawned_cluster, "choice", lambda ports: next(drawn))
    with socket.create_server((HOST, taken)):
        spawned = SpawnedCluster.start()
        cluster = Cluster(spawned.target)
        assert cluster.execute("SET", "k", "v") == b"OK"
        cluster.close()
        spawned.stop()
    assert sorted(spawned.target.hosts) == sorted((HOST, port) for port in free[:3])


def test_its_ports_are_none_that_a_connection_gets_by_chance() -> None:
    assert max(spawned_cluster._free_ports(20)) < 32_768
