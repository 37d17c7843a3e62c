"""Publish and subscribe."""

from __future__ import annotations

import pytest

from redislua_kernel.engine import Client, Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY, Push


@pytest.fixture
def listener(engine: Engine) -> tuple[Client, list[Push]]:
    client, heard = engine.client(), []
    client.deliver = heard.append
    return client, heard


def test_messages_reach_channels_and_patterns(
    engine: Engine, listener: tuple[Client, list[Push]]
) -> None:
    client, heard = listener
    assert client.execute("SUBSCRIBE", "news", "sport") is NO_REPLY
    client.execute("PSUBSCRIBE", "n*")
    assert engine.execute("PUBLISH", "news", "hello") == 2
    assert heard == [
        [b"subscribe", b"news", 1],
        [b"subscribe", b"sport", 2],
        [b"psubscribe", b"n*", 3],
        [b"message", b"news", b"hello"],
        [b"pmessage", b"n*", b"news", b"hello"],
    ]


def test_shard_channels_are_a_world_of_their_own(
    engine: Engine, listener: tuple[Client, list[Push]]
) -> None:
    client, heard = listener
    client.execute("SUBSCRIBE", "a")
    client.execute("SSUBSCRIBE", "a")
    assert engine.execute("SPUBLISH", "a", "x") == 1
    assert heard[1:] == [[b"ssubscribe", b"a", 1], [b"smessage", b"a", b"x"]]


def test_unsubscribing_from_nothing_is_answered_once(listener: tuple[Client, list[Push]]) -> None:
    client, heard = listener
    client.execute("UNSUBSCRIBE")
    assert heard == [[b"unsubscribe", None, 0]]


def test_a_subscribed_resp2_client_may_call_little(listener: tuple[Client, list[Push]]) -> None:
    client, _ = listener
    client.execute("SUBSCRIBE", "a")
    with pytest.raises(ResponseError, match=r"^ERR Can't execute 'get': only "):
        client.execute("GET", "k")
    assert client.execute("PING") == [b"pong", b""]
    client.resp = 3
    assert client.execute("GET", "k") is None
    assert client.execute("PING") == b"PONG"


def test_a_client_that_cannot_be_told_cannot_subscribe(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR SUBSCRIBE isn't allowed"):
        engine.execute("SUBSCRIBE", "a")


def test_pubsub_tells_who_listens(engine: Engine, listener: tuple[Client, list[Push]]) -> None:
    client, _ = listener
    client.execute("SUBSCRIBE", "ab", "cd")
    client.execute("PSUBSCRIBE", "x*")
    assert engine.execute("PUBSUB", "CHANNELS", "a*") == [b"ab"]
    assert engine.execute("PUBSUB", "NUMSUB", "ab", "no") == [b"ab", 1, b"no", 0]
    assert engine.execute("PUBSUB", "NUMPAT") == 1
    client.close()
    assert engine.execute("PUBSUB", "CHANNELS") == []


def test_a_script_can_publish_but_not_subscribe(
    engine: Engine, listener: tuple[Client, list[Push]]
) -> None:
    client, _ = listener
    client.execute("SUBSCRIBE", "a")
    assert engine.execute("EVAL", "return redis.call('PUBLISH', 'a', 'x')", 0) == 1
    with pytest.raises(ResponseError, match="not allowed from script"):
        engine.execute("EVAL", "return redis.call('SUBSCRIBE', 'a')", 0)


def test_exec_holds_the_confirmation_in_its_place(listener: tuple[Client, list[Push]]) -> None:
    client, heard = listener
    client.resp = 3
    client.execute("SUBSCRIBE", "a", "b")
    heard.clear()
    client.execute("MULTI")
    client.execute("PING", "x")
    client.execute("UNSUBSCRIBE", "a")
    assert client.execute("EXEC") == [b"x", [b"unsubscribe", b"a", 1]]
    assert heard == []
