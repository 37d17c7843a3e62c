"""A library gets to all nodes or to none, and nothing else there is touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.deploying import Nodes, change, nodes_of, survey
from redislua_kernel.remote.remote import Remote
from tests.remote.conftest import target_of
from tests.servers import Server

OLD = b"#!lua name=points\nredis.register_function('earn', function() return 1 end)"
NEW = b"#!lua name=points\nredis.register_function('earn', function() return 2 end)"


@pytest.fixture
def nodes(cluster: Cluster, cluster_servers: list[Server]) -> Iterator[Nodes]:
    """All primaries of an empty cluster, found from one of them that was named without -c."""
    with nodes_of(target_of(cluster_servers[0])) as found:
        yield found


def everywhere(nodes: Nodes, version: bytes | None) -> dict[str, bytes | None]:
    return dict.fromkeys(nodes, version)


def versions(nodes: Nodes) -> list[bytes | None]:
    return [each.version for each in survey(nodes, b"points", frozenset())]


def test_a_library_goes_to_every_primary_of_a_cluster(nodes: Nodes, cluster: Cluster) -> None:
    outcomes = change(nodes, b"points", everywhere(nodes, NEW))
    assert [each.said for each in outcomes] == ["loaded"] * 3
    assert [cluster.execute("FCALL", "earn", 1, key) for key in ("a", "b", "c")] == [2, 2, 2]


def test_who_has_it_already_is_left_alone(nodes: Nodes) -> None:
    first, *_ = nodes.values()
    first.call([b"FUNCTION", b"LOAD", NEW])
    outcomes = change(nodes, b"points", everywhere(nodes, NEW))
    assert [each.said for each in outcomes] == ["has it already", "loaded", "loaded"]


def test_if_one_node_refuses_the_others_get_back_what_they_had(nodes: Nodes) -> None:
    first, _, third = nodes.values()
    first.call([b"FUNCTION", b"LOAD", OLD])
    third.call([b"FUNCTION", b"LOAD", NEW.replace(b"name=points", b"name=till")])
    outcomes = change(nodes, b"points", everywhere(nodes, NEW))
    assert [each.said for each in outcomes[:2]] == ["changed, and put back"] * 2
    assert outcomes[2].failed
    assert "Function earn already exists" in outcomes[2].said
    assert versions(nodes) == [OLD, None, None]


def test_what_would_be_refused_is_seen_beforehand(nodes: Nodes) -> None:
    last = list(nodes.values())[-1]
    last.call([b"FUNCTION", b"LOAD", OLD.replace(b"name=points", b"name=till")])
    found = survey(nodes, b"points", frozenset([b"earn"]))
    assert [each.trouble for each in found] == ["", "", "library till has a function earn already"]


def test_a_node_that_is_gone_stops_it_and_the_others_are_put_back(nodes: Nodes) -> None:
    *_, place = nodes
    nodes[place].close()
    nodes[place]._find = lambda: nodes[place].resolved.at("127.0.0.1", 1)
    outcomes = change(nodes, b"points", everywhere(nodes, NEW))
    assert outcomes[2].failed
    assert "cannot connect" in outcomes[2].said
    del nodes[place]  # type: ignore[attr-defined]
    assert versions(nodes) == [None, None]


def test_going_back_deletes_what_was_not_there(nodes: Nodes) -> None:
    change(nodes, b"points", everywhere(nodes, NEW))
    outcomes = change(nodes, b"points", everywhere(nodes, None))
    assert [each.said for each in outcomes] == ["deleted"] * 3


def test_a_name_that_differs_in_case_is_another_library(
    remote: Remote, reference_server: Server
) -> None:
    other = OLD.replace(b"points", b"POINTS").replace(b"earn", b"other")
    remote.execute("FUNCTION", "LOAD", other)
    with nodes_of(target_of(reference_server)) as nodes:
        assert versions(nodes) == [None]
        change(nodes, b"points", everywhere(nodes, NEW))
        change(nodes, b"points", everywhere(nodes, None))
    assert remote.execute("FCALL", "other", 0) == 1


def test_a_replica_is_refused(remote: Remote, reference_server: Server) -> None:
    remote.execute("REPLICAOF", "127.0.0.1", 1)
    try:
        with nodes_of(target_of(reference_server)) as nodes:
            (found,) = survey(nodes, b"points", frozenset())
    finally:
        remote.execute("REPLICAOF", "NO", "ONE")
    assert found.trouble == "it is a replica: deploy to its primary"
