"""Every kind of backend, for the tests that all of them must pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redislua_kernel.backend import Backend
from redislua_kernel.engine import Engine
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target
from tests.servers import Server, run_cluster

#: Each backend, and the fixture of its server.
SERVERS = {
    "redis": "reference_server",
    "valkey": "valkey_server",
    "debian": "debian_server",
    "cluster": "cluster_servers",
}


def target_of(server: Server) -> Target:
    return Target(((server.host, server.port),))


@pytest.fixture(scope="session")
def cluster_servers(reference_program: Path) -> Iterator[list[Server]]:
    """Three primaries of redis-server 8.2.3."""
    with run_cluster(reference_program) as servers:
        yield servers


@pytest.fixture
def remote(reference_server: Server) -> Iterator[Remote]:
    """A connection to the reference, which is empty."""
    yield from _fresh(Remote(target_of(reference_server)))


@pytest.fixture
def cluster(cluster_servers: list[Server]) -> Iterator[Cluster]:
    """A connection to a cluster, which is empty."""
    yield from _fresh(Cluster(target_of(cluster_servers[0])))


@pytest.fixture(params=["embedded", *SERVERS])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """One backend after another, each empty."""
    if request.param == "embedded":
        yield Engine().client()
        return
    server = request.getfixturevalue(SERVERS[request.param])
    if request.param == "cluster":
        yield from _fresh(Cluster(target_of(server[0])))
    else:
        yield from _fresh(Remote(target_of(server)))


def _fresh(remote: Any) -> Iterator[Any]:
    remote.open()
    for words in (["FLUSHALL"], ["FUNCTION", "FLUSH"], ["SCRIPT", "FLUSH"]):
        remote.execute(*words)
    yield remote
    remote.close()
