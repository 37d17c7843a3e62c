"""redis-py and valkey-py against `serve`: what their users do every day, in RESP2 and RESP3."""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from redis.cache import CacheConfig

from tests.servers import Server
from tests.waiting import wait_until

_LIBRARY = """#!lua name=mine
redis.register_function('put', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
"""


@pytest.fixture(scope="module", params=["redis", "valkey"])
def library(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def client_class(library: ModuleType, kind: str = "") -> Any:
    module = importlib.import_module(f"{library.__name__}.asyncio") if kind else library
    return getattr(module, library.__name__.capitalize())


@pytest.fixture(params=[2, 3])
def client(library: ModuleType, serve: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    with client_class(library)(port=serve.port, protocol=request.param) as client:
        client.flushall()
        yield client


def test_values_of_all_types(client: Any) -> None:
    assert client.set("s", "v", ex=1000)
    assert client.get("s") == b"v"
    assert 900 < client.ttl("s") <= 1000
    assert client.hset("h", mapping={"a": 1, "b": "x"}) == 2
    assert client.hgetall("h") == {b"a": b"1", b"b": b"x"}
    assert client.rpush("l", "a", "b", "c") == 3
    assert client.lrange("l", 0, -1) == [b"a", b"b", b"c"]
    assert client.sadd("set", "x", "y") == 2
    assert set(client.smembers("set")) == {b"x", b"y"}
    assert client.zadd("z", {"one": 1, "two": 2.5}) == 2
    pairs = client.zrange("z", 0, -1, withscores=True)
    assert [tuple(pair) for pair in pairs] == [(b"one", 1.0), (b"two", 2.5)]
    assert client.zscore("z", "two") == 2.5
    assert sorted(client.scan_iter("?", count=1)) == [b"h", b"l", b"s", b"z"]
    assert client.info("server")["redis_mode"] == "standalone"
    assert client.config_get("maxclients") == {"maxclients": "10000"}
    assert [each["db"] for each in client.client_list()] == ["0"]


def test_pipelines_and_transactions(client: Any, library: ModuleType) -> None:
    with client.pipeline(transaction=False) as pipe:
        assert pipe.set("n", 1).incr("n").get("n").execute() == [True, 2, b"2"]
    with client.pipeline() as pipe:
        pipe.set("s", "text").incr("s")
        with pytest.raises(library.ResponseError, match="not an integer"):
            pipe.execute()
    with client.pipeline() as pipe:
        pipe.watch("n")
        client.set("n", 5)
        pipe.multi()
        pipe.incr("n")
        with pytest.raises(library.WatchError):
            pipe.execute()
    assert client.transaction(lambda pipe: (pipe.multi(), pipe.incr("n")), "n") == [6]
    with client.lock("lock", timeout=600):
        assert client.exists("lock")


def test_scripts_and_functions(client: Any, library: ModuleType) -> None:
    script = client.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert (script(["n"], [5]), script(["n"], [5])) == (5, 10)
    client.script_flush()
    assert script(["n"], [1]) == 11
    assert client.eval("return {1, 'two', false}", 0) == [1, b"two", None]
    assert client.function_load(_LIBRARY, replace=True) == b"mine"
    assert client.fcall("put", 1, "k", "v") in (b"OK", "OK", True)
    assert client.get("k") == b"v"
    with pytest.raises(library.exceptions.NoScriptError):
        client.evalsha("f" * 40, 0)


def test_publish_and_subscribe(client: Any) -> None:
    with client.pubsub() as listener:
        listener.subscribe("news")
        listener.psubscribe("n*")
        assert [listener.get_message(timeout=60)["data"] for _ in range(2)] == [1, 2]
        assert client.publish("news", "hi") == 2
        got = [listener.get_message(timeout=60) for _ in range(2)]
        assert [each["type"] for each in got] == ["message", "pmessage"]
        assert all(each["data"] == b"hi" for each in got)
        assert client.pubsub_numsub("news") == [(b"news", 1)]


def test_streams_and_groups(client: Any) -> None:
    first = client.xadd("s", {"f": "v"})
    assert client.xrange("s") == [(first, {b"f": b"v"})]
    assert client.xgroup_create("s", "g", "0")
    [entries] = _streams(client.xreadgroup("g", "c", {"s": ">"}, count=1))
    assert entries == (b"s", [(first, {b"f": b"v"})])
    assert client.xpending("s", "g")["pending"] == 1
    assert client.xack("s", "g", first) == 1
    assert client.xinfo_groups("s")[0]["name"] == b"g"


def _streams(reply: Any) -> list[Any]:
    """Give streams alike in both versions: RESP3 has a map, whose entries may lie a list deeper."""
    if isinstance(reply, dict):
        reply = [
            (key, entries[0] if isinstance(entries[0], list) else entries)
            for key, entries in reply.items()
        ]
    return [(key, [tuple(entry) for entry in entries]) for key, entries in reply]


def test_waiting_for_data(client: Any, library: ModuleType, serve: Server) -> None:
    with client_class(library)(port=serve.port) as other:
        later = threading.Timer(0.1, lambda: other.rpush("queue", "job"))
        later.start()
        assert tuple(client.blpop("queue", timeout=60)) == (b"queue", b"job")
        later.join()
    assert client.brpop("queue", timeout=0.05) is None  # type: ignore[redundant-expr]
    assert not client.xread({"s": "$"}, block=20)


def test_redis_py_keeps_replies_and_hears_when_they_change(serve: Server) -> None:
    redis = importlib.import_module("redis")
    with (
        redis.Redis(port=serve.port, protocol=3, cache_config=CacheConfig()) as client,
        redis.Redis(port=serve.port) as other,
    ):
        client.set("cached", 1)
        assert client.get("cached") == b"1"
        assert client.get_cache().size == 1
        other.set("cached", 2)
        wait_until(lambda: client.get("cached") == b"2")


@pytest.mark.parametrize("protocol", [2, 3])
def test_clients_of_asyncio_run_pipelines_and_scripts_and_listen(
    library: ModuleType, serve: Server, protocol: int
) -> None:
    async def use() -> None:
        make = client_class(library, "asyncio")
        async with make(port=serve.port, protocol=protocol) as client:
            await client.flushall()
            await asyncio.gather(*(client.incr("n") for _ in range(50)))
            assert await client.get("n") == b"50"
            async with client.pipeline(transaction=True) as pipe:
                assert await pipe.set("k", "v").get("k").execute() == [True, b"v"]
            script = client.register_script("return ARGV[1]")
            assert await script(args=["x"]) == b"x"
            async with client.pubsub() as listener:
                await listener.subscribe("news")
                assert (await listener.get_message(timeout=60))["data"] == 1
                assert await client.publish("news", "hi") == 1
                assert (await listener.get_message(timeout=60))["data"] == b"hi"
            waiting = asyncio.ensure_future(client.blpop("queue", timeout=60))
            await asyncio.sleep(0.05)
            await client.rpush("queue", "job")
            assert tuple(await waiting) == (b"queue", b"job")

    asyncio.run(use())


def test_a_cluster_client_finds_its_way(library: ModuleType, serve_cluster: Server) -> None:
    make = getattr(library.cluster, f"{library.__name__.capitalize()}Cluster")
    client = make(host=serve_cluster.host, port=serve_cluster.port)
    try:
        assert client.set("{x}a", 1)
        assert client.mget("{x}a", "{x}b") == [b"1", None]
        assert client.eval("return redis.call('INCR', KEYS[1])", 1, "{x}a") == 2
        with client.pipeline() as pipe:
            assert pipe.set("a", 1).set("b", 2).get("a").execute() == [True, True, b"1"]
        assert [node.port for node in client.get_nodes()] == [serve_cluster.port]
    finally:
        client.close()
