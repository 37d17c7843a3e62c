"""REPLICAOF and ROLE: a replica whose master cannot be reached."""

import pytest

from redislua_kernel import Engine, ResponseError


def test_a_replica_keeps_its_data_and_refuses_writes(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    assert engine.execute("REPLICAOF", "localhost", 6379) == b"OK"
    assert engine.execute("GET", "k") == b"v"
    with pytest.raises(ResponseError, match=r"^READONLY You can't write against a read only"):
        engine.execute("SET", "k", "v")
    assert engine.execute("SLAVEOF", "no", "one") == b"OK"
    assert engine.execute("SET", "k", "v") == b"OK"


def test_role_info_hello_and_the_setting_say_so(engine: Engine) -> None:
    assert engine.execute("ROLE") == [b"master", 0, []]
    engine.execute("REPLICAOF", "localhost", 6379)
    assert engine.execute("ROLE") == [b"slave", b"localhost", 6379, b"connect", -1]
    info = engine.execute("INFO", "replication")
    assert b"role:slave\r\nmaster_host:localhost\r\nmaster_port:6379\r\n" in info
    assert b"master_link_status:down" in info
    assert engine.execute("HELLO")[b"role"] == b"replica"
    assert engine.execute("CONFIG", "GET", "slaveof") == {b"slaveof": b"localhost 6379"}


def test_the_same_master_again_is_no_change(engine: Engine) -> None:
    engine.execute("REPLICAOF", "localhost", 6379)
    reply = engine.execute("REPLICAOF", "localhost", 6379)
    assert reply == b"OK Already connected to specified master"


@pytest.mark.parametrize("port", ["x", "-1", "65536", "01", ""])
def test_a_port_must_be_one(engine: Engine, port: str) -> None:
    with pytest.raises(ResponseError, match=r"^ERR Invalid master port"):
        engine.execute("REPLICAOF", "localhost", port)


def test_a_stale_replica_serves_only_what_needs_no_data(engine: Engine) -> None:
    engine.execute("REPLICAOF", "localhost", 6379)
    engine.execute("CONFIG", "SET", "replica-serve-stale-data", "no")
    with pytest.raises(ResponseError, match=r"^MASTERDOWN"):
        engine.execute("GET", "k")
    assert engine.execute("ECHO", "x") == b"x"


def test_wait_is_for_masters(engine: Engine) -> None:
    engine.execute("REPLICAOF", "localhost", 6379)
    for words in (("WAIT", 0, 0), ("WAITAOF", 0, 0, 0)):
        with pytest.raises(ResponseError, match="cannot be used with replica instances"):
            engine.execute(*words)


def test_a_cluster_has_its_own_replication() -> None:
    with pytest.raises(ResponseError, match=r"^ERR REPLICAOF not allowed in cluster mode"):
        Engine(cluster=True).execute("REPLICAOF", "NO", "ONE")
