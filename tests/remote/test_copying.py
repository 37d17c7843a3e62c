"""A key is copied between servers of any kind, whatever their payloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.engine.changes import changes
from redislua_kernel.remote.copying import copy_key
from redislua_kernel.remote.looking import Mirror, read_details, scan
from redislua_kernel.remote.remote import Remote
from redislua_kernel.reply import ResponseError
from tests.remote.conftest import target_of
from tests.servers import Server

COMMANDS = """
SET string \x00\xff
SET expiring v PXAT 33227625600000
RPUSH list a b c
SADD set a b
SADD numbers 1 2 3
ZADD zset 1.5 a -inf b 3 c
HSET hash f v g w
XADD stream 1-1 a b
XADD stream 2-1 c d
XADD stream 3-1 e f
XDEL stream 3-1
XGROUP CREATE stream g 1-1 ENTRIESREAD 1
XREADGROUP GROUP g ann COUNT 5 STREAMS stream >
XGROUP CREATECONSUMER stream g bob
XADD empty 5-5 a b
XTRIM empty MAXLEN 0
"""

Execute = Callable[..., Any]


def fill(execute: Execute) -> None:
    for line in COMMANDS.strip().splitlines():
        execute(*(word.encode("latin-1") for word in line.split()))


@pytest.fixture(params=["redis", "valkey", "debian"])
def server(request: pytest.FixtureRequest) -> Iterator[Remote]:
    fixture = {"redis": "reference_server", "valkey": "valkey_server", "debian": "debian_server"}
    remote = Remote(target_of(request.getfixturevalue(fixture[request.param])))
    remote.execute("FLUSHALL")
    yield remote
    remote.close()


def without_dump(execute: Execute) -> Execute:
    """Run commands at a place that takes no payloads."""

    def run(*words: Any) -> Any:
        if words[0] == "RESTORE":
            raise ResponseError("ERR DUMP payload version or checksum are wrong")
        return execute(*words)

    return run


@pytest.mark.parametrize("takes_payloads", [True, False])
def test_all_types_there_and_back(server: Remote, takes_payloads: bool) -> None:
    engine = Engine()
    fill(engine.execute)
    before = engine.keyspace.fork()
    back = Engine()
    target, returned = server.execute, back.execute
    if not takes_payloads:
        target, returned = without_dump(target), without_dump(returned)
    for key in list(before.databases[0].entries):
        assert copy_key(engine.execute, target, key)
        assert copy_key(server.execute, returned, key)
    assert list(changes(before, back.keyspace)) == []
    group = ["XINFO", "GROUPS", "stream"]
    assert engine.execute(*group) == back.execute(*group)
    pending = ["XPENDING", "stream", "g"]
    assert engine.execute(*pending) == back.execute(*pending)


def test_fields_that_expire_go_on_to_do_so(remote: Remote) -> None:
    remote.execute("HSET", "h", "f", "v", "g", "w")
    remote.execute("HPEXPIREAT", "h", 33227625600000, "FIELDS", 1, "f")
    engine = Engine()
    copy_key(remote.execute, without_dump(engine.execute), "h")
    assert engine.execute("HPEXPIRETIME", "h", "FIELDS", 2, "f", "g") == [33227625600000, -1]


def test_what_is_not_there_is_taken_away(remote: Remote) -> None:
    engine = Engine()
    engine.execute("SET", "k", "v")
    assert not copy_key(remote.execute, engine.execute, "k")
    assert engine.execute("EXISTS", "k") == 0


def test_a_look_at_a_server_is_bounded(remote: Remote) -> None:
    for number in range(30):
        remote.execute("SET", f"k:{number:02}", number)
    remote.execute("SET", "large", "x" * 2_000_000)
    remote.execute("CONFIG", "RESETSTAT")
    names, is_whole = scan(remote, b"k:*", 100)
    assert (names[0], len(names), is_whole) == (b"k:00", 30, True)
    assert scan(remote, b"*", 10)[1] is False
    mirror = Mirror.of_all(remote)
    assert (mirror.engine.execute("DBSIZE"), mirror.left_out) == (30, 1)
    assert not Mirror.of_all(remote, 5).is_whole
    calls = bytes(remote.execute("INFO", "commandstats"))
    assert b"cmdstat_keys" not in calls


def test_details_of_keys_are_those_of_the_server(remote: Remote) -> None:
    fill(remote.execute)
    details = read_details(remote, [b"hash", b"expiring", b"nothing", b"zset"])
    assert details[2] is None
    found = [each and (each.type, each.size, each.unit, each.encoding) for each in details]
    assert found[0] == ("hash", 2, "field", "listpack")
    assert found[1] == ("string", 1, "byte", "embstr")
    assert found[3] == ("zset", 3, "member", "listpack")
    assert details[1] is not None
    assert details[1].ttl is not None
    assert details[0] is not None
    assert details[0].memory > 0


def test_a_cluster_is_looked_at_whole(cluster: Remote, cluster_servers: list[Server]) -> None:
    for key in (b"a", b"b", b"c"):
        cluster.execute("SET", key, key)
    assert scan(cluster, b"*", 10) == ([b"a", b"b", b"c"], True)
    assert Mirror.of_all(cluster).engine.execute("MGET", "a", "b", "c") == [b"a", b"b", b"c"]
    assert [each and each.type for each in read_details(cluster, [b"a", b"b"])] == ["string"] * 2
