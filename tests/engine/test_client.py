"""Clients: each has a database, a protocol and a transaction of its own."""

from __future__ import annotations

from redislua_kernel import Engine
from redislua_kernel.reply import NO_REPLY


def test_each_client_has_its_own_database_protocol_and_transaction(engine: Engine) -> None:
    one, two = engine.client(), engine.client()
    one.execute("SELECT", 2)
    one.execute("HELLO", 3)
    one.execute("MULTI")
    assert (one.database, one.resp) == (2, 3)
    assert (two.database, two.resp) == (0, 2)
    assert two.execute("PING") == b"PONG"
    assert one.execute("PING") == b"QUEUED"


def test_ids_grow_and_are_never_given_again(engine: Engine) -> None:
    first = engine.client()
    first.close()
    assert engine.client().id > first.id
    assert first.id not in engine.clients


def test_a_client_that_leaves_forgets_what_it_watched_and_queued(engine: Engine) -> None:
    client = engine.client()
    client.execute("WATCH", "k")
    client.execute("MULTI")
    client.close()
    assert engine.watches.clients == {}
    assert client.transaction is None


def test_replies_are_left_out_as_client_reply_wishes(engine: Engine) -> None:
    client = engine.client()
    client.execute("CLIENT", "REPLY", "OFF")
    assert client.sent(b"x") is NO_REPLY
    client.execute("CLIENT", "REPLY", "ON")
    assert client.sent(b"x") == b"x"
