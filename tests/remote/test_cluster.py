"""A cluster: each command goes where its keys are, and what is for all goes to every primary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel.engine.slots import key_slot
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import Explained
from redislua_kernel.remote.programs import count_scripts, read_scripts
from redislua_kernel.reply import ResponseError
from tests.remote.conftest import target_of
from tests.servers import Server
from tests.waiting import wait_until

#: One key of each third of the slots.
KEYS = ("b", "c", "a")
LIBRARY = "#!lua name=l\nredis.register_function('f', function(keys) return keys[1] end)"


@pytest.fixture
def nodes(cluster_servers: list[Server]) -> Iterator[list[Connection]]:
    """A connection to each node, by itself."""
    connections = [Connection(target_of(server)) for server in cluster_servers]
    yield connections
    for each in connections:
        each.close()


def id_of(node: Connection) -> bytes:
    identity: bytes = node.call([b"CLUSTER", b"MYID"])
    return identity


def move_slot(slot: int, source: Connection, target: Connection, nodes: list[Connection]) -> None:
    """Give a slot without keys to another node, and wait until all know.

    Who imports a slot takes a new epoch when it becomes its owner. Without one, the claim of the
    former owner, on its way between the nodes meanwhile, would win.
    """
    number = b"%d" % slot
    target.call([b"CLUSTER", b"SETSLOT", number, b"IMPORTING", id_of(source)])
    for node in (target, source):
        node.call([b"CLUSTER", b"SETSLOT", number, b"NODE", id_of(target)])
    wait_until(lambda: all(owner_of(slot, node) == id_of(target) for node in nodes))


def owner_of(slot: int, node: Connection) -> bytes:
    """The id of the node that has a slot, as a node has it."""
    listed = node.call([b"CLUSTER", b"SLOTS"])
    owners: list[bytes] = [who[2] for first, last, who, *_ in listed if first <= slot <= last]
    return owners[0]


def test_the_keys_of_these_tests_are_of_one_node_each(cluster: Cluster) -> None:
    assert len({cluster.node_of(key.encode()) for key in KEYS}) == len(cluster.primaries) == 3


def test_scripts_and_functions_go_where_their_keys_are(cluster: Cluster) -> None:
    cluster.execute("FUNCTION", "LOAD", LIBRARY)
    for key in KEYS:
        assert cluster.execute("EVAL", "return redis.call('INCR', KEYS[1])", 1, key) == 1
        assert cluster.run_script(b"return redis.call('GET', KEYS[1])", [key.encode()], []) == b"1"
        assert cluster.run_script(b"return redis.call('GET', KEYS[1])", [key.encode()], []) == b"1"
        assert cluster.execute("FCALL", "f", 1, key) == key.encode()
        assert cluster.execute("EVAL", "return 'no keys'", 0) == b"no keys"


def test_what_is_for_all_goes_to_every_primary(cluster: Cluster, nodes: list[Connection]) -> None:
    for key in KEYS:
        cluster.execute("SET", key, key)
    assert cluster.execute("DBSIZE") == 3
    assert sorted(cluster.execute("KEYS", "*")) == [b"a", b"b", b"c"]
    sha = cluster.execute("SCRIPT", "LOAD", "return 1")
    cluster.execute("FUNCTION", "LOAD", LIBRARY)
    for node in nodes:
        assert node.call([b"SCRIPT", b"EXISTS", sha]) == [1]
        assert len(node.call([b"FUNCTION", b"LIST"])) == 1
    nodes[1].call([b"SCRIPT", b"FLUSH"])
    assert cluster.execute("SCRIPT", "EXISTS", sha) == [0]
    cluster.execute("FLUSHALL")
    assert [node.call([b"DBSIZE"]) for node in nodes] == [0, 0, 0]


def test_an_error_of_one_node_alone_names_the_node(
    cluster: Cluster, nodes: list[Connection]
) -> None:
    nodes[1].call([b"FUNCTION", b"LOAD", LIBRARY.encode()])
    with pytest.raises(Explained) as caught:
        cluster.execute("FUNCTION", "LOAD", LIBRARY)
    assert caught.value.message == "ERR Library 'l' already exists"
    assert str(nodes[1].state.hosts[0][1]) in caught.value.advice.partition(",")[0]
    assert ", and has run on " in caught.value.advice


def test_keys_of_several_slots_are_told_with_their_slots(cluster: Cluster) -> None:
    for words in (["EVAL", "return 1", "2", "a", "b"], ["MSET", "a", "1", "b", "2"]):
        with pytest.raises(ResponseError) as caught:
            cluster.execute(*words)
        assert caught.value.message == "CROSSSLOT Keys in request don't hash to the same slot"
        assert isinstance(caught.value, Explained)
        assert '"a" is in slot 15495, on 127.0.0.1:' in caught.value.advice
        assert '"b" is in slot 3300, on 127.0.0.1:' in caught.value.advice
    with pytest.raises(Explained) as caught:
        cluster.execute("EVAL", "redis.call('GET', 'b')", 1, "a")
    assert "attempted to access a non local key" in caught.value.message
    assert '"a" is in slot 15495' in caught.value.advice


def test_a_slot_that_has_moved_is_followed(cluster: Cluster, nodes: list[Connection]) -> None:
    slot, target, owner = key_slot(b"a"), nodes[0], nodes[2]
    assert cluster.execute("SET", "a", "1")
    cluster.execute("DEL", "a")
    move_slot(slot, owner, target, nodes)
    try:
        assert cluster.execute("EVAL", "return redis.call('INCR', KEYS[1])", 1, "a") == 1
        assert cluster.node_of(b"a") == target.state.hosts[0]
        assert target.call([b"GET", b"a"]) == b"1"
    finally:
        target.call([b"DEL", b"a"])
        move_slot(slot, target, owner, nodes)
    assert cluster.execute("INCR", "a") == 1


def test_a_slot_on_its_way_is_asked_for(cluster: Cluster, nodes: list[Connection]) -> None:
    slot, target, source = b"%d" % key_slot(b"a"), nodes[0], nodes[2]
    target.call([b"CLUSTER", b"SETSLOT", slot, b"IMPORTING", id_of(source)])
    source.call([b"CLUSTER", b"SETSLOT", slot, b"MIGRATING", id_of(target)])
    try:
        assert cluster.execute("EVAL", "return redis.call('INCR', KEYS[1])", 1, "a") == 1
        assert cluster.node_of(b"a") == source.state.hosts[0]  # still, for all others
        with pytest.raises(ResponseError, match="TRYAGAIN"):
            cluster.execute("MGET", "a", "{a}b")
    finally:
        target.call([b"ASKING"])
        target.call([b"DEL", b"a"])
        for node in (target, source):
            node.call([b"CLUSTER", b"SETSLOT", slot, b"STABLE"])


def test_a_transaction_stays_on_the_node_that_watch_has_chosen(cluster: Cluster) -> None:
    for key in KEYS:
        cluster.execute("WATCH", key)
        cluster.execute("MULTI")
        cluster.execute("INCR", key)
        assert cluster.execute("EXEC") == [1]


def test_the_first_key_of_a_transaction_chooses_the_node(cluster: Cluster) -> None:
    for key in KEYS:
        assert cluster.execute("MULTI") == b"OK"
        assert cluster.execute("INCR", key) == b"QUEUED"
        assert cluster.execute("EXEC") == [1]


def test_resp3_is_spoken_with_every_node(cluster: Cluster) -> None:
    cluster.execute("HELLO", 3)
    for key in KEYS:
        cluster.execute("HSET", key, "f", "v")
        assert cluster.execute("HGETALL", key) == {b"f": b"v"}
    assert cluster.resp == 3


def test_commands_that_are_not_known_here_are_asked_about(cluster: Cluster) -> None:
    with pytest.raises(ResponseError, match="unknown command"):
        cluster.execute("NO.SUCH", "a")


def test_a_script_that_only_says_noscript_is_not_run_twice(cluster: Cluster) -> None:
    body = (
        b"redis.call('INCR', KEYS[1]) if redis.call('GET', KEYS[1]) == '1' then return 'first' end "
        b"return redis.error_reply('NOSCRIPT No matching script. Please use EVAL.')"
    )
    assert cluster.run_script(body, [b"a"], []) == b"first"
    with pytest.raises(ResponseError, match="NOSCRIPT"):
        cluster.run_script(body, [b"a"], [])
    assert cluster.execute("GET", "a") == b"2"


def test_scripts_that_only_one_node_has_are_listed(cluster: Cluster) -> None:
    bodies = [b"return KEYS[1]", b"return 'never ran'"]
    cluster.run_script(bodies[0], [b"a"], [])
    assert [each.body for each in read_scripts(cluster, bodies, b"")] == bodies[:1]
    assert count_scripts(cluster) == 1


def test_it_tells_of_its_nodes(cluster: Cluster) -> None:
    facts = cluster.facts()
    assert facts.mode == "cluster"
    assert [name for name, _ in cluster.details(facts) if name.startswith("slots")] == [
        "slots 0 to 5460",
        "slots 5461 to 10921",
        "slots 10922 to 16383",
    ]
