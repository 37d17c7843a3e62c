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

#: Each backend on real servers, and the fixture of these.
SERVERS = {
    "redis": "reference_server",
    "valkey": "valkey_server",
    "debian": "debian_server",
    "cluster": "cluster_servers",
}
_MARKERS = {
    "redis": pytest.mark.reference,
    "valkey": pytest.mark.valkey,
    "debian": pytest.mark.debian_redis,
    "cluster": pytest.mark.reference,
}
REAL = [pytest.param(name, marks=_MARKERS[name]) for name in SERVERS]


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


@pytest.fixture(params=["embedded", *REAL])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """One backend after another, each empty."""
    if request.param == "embedded":
        yield Engine().client()
    else:
        yield from _fresh(_connect(request))


@pytest.fixture(params=REAL)
def real_backend(request: pytest.FixtureRequest) -> Iterator[Remote]:
    """One backend on real servers after another, each empty."""
    yield from _fresh(_connect(request))


def _connect(request: pytest.FixtureRequest) -> Remote:
    server = request.getfixturevalue(SERVERS[request.param])
    if request.param == "cluster":
        return Cluster(target_of(server[0]))
    return Remote(target_of(server))


def _fresh(remote: Any) -> Iterator[Any]:
    remote.open()
    for words in (["FLUSHALL"], ["FUNCTION", "FLUSH"], ["SCRIPT", "FLUSH"]):
        remote.execute(*words)
    yield remote
    remote.close()
