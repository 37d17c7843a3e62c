"""Eviction and the uses of keys beside redis-server 8.2.3: the same kinds of keys survive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

#: So many keys of each kind, as large as this.
COUNT, SIZE = 60, 2000

#: Uses of a key, and the type it must have. The count of uses that follows each is compared.
USES = {
    "string": """SET key:c 1|GET key:c|INCR key:c|APPEND key:c 1|STRLEN key:c|GETRANGE key:c 0 -1
        SETRANGE key:c 0 9|DECRBY key:c 3|INCRBYFLOAT key:c 1.5|GETEX key:c EX 100|TTL key:c
        INCRBY key:c 0|SET key:c 1 KEEPTTL|PERSIST key:c|EXPIRE key:c 100|MGET key:c key:c
        MSET key:c 2|DUMP key:c|TYPE key:c|EXISTS key:c|TOUCH key:c|SETBIT key:c 3 1
        GETBIT key:c 3|BITCOUNT key:c|BITPOS key:c 1|SETNX key:c 5|OBJECT ENCODING key:c
        MEMORY USAGE key:c|SCAN 0 TYPE string|COPY key:c key:d""",
    "hash": """HSET key:c f v g w|HGET key:c f|HSET key:c f x|HGETALL key:c|HDEL key:c g
        HINCRBY key:c n 1|HLEN key:c|HEXPIRE key:c 100 FIELDS 1 f|HTTL key:c FIELDS 1 f""",
    "list": """RPUSH key:c a b c d e f|LPUSH key:c z|LRANGE key:c 0 -1|LPOP key:c|LSET key:c 0 q
        LTRIM key:c 0 3|LINSERT key:c BEFORE c d|SORT key:c ALPHA""",
    "set": """SADD key:c a b c|SADD key:c d|SMEMBERS key:c|SREM key:c a|SCARD key:c|SPOP key:c
        SUNIONSTORE key:e key:c|SMOVE key:c key:f nobody""",
    "sorted set": """ZADD key:c 1 a 2 b 3 c|ZADD key:c 4 a|ZRANGE key:c 0 -1|ZINCRBY key:c 1 a
        ZPOPMIN key:c|ZUNIONSTORE key:e 1 key:c|GEOADD key:c 1 1 x|GEOPOS key:c x""",
    "stream": """XADD key:c 1-1 f v|XADD key:c 1-2 f v|XRANGE key:c - +|XDEL key:c 1-1
        XGROUP CREATE key:c g 0|XACK key:c g 1-2|XTRIM key:c MAXLEN 1""",
    "HyperLogLog": "PFADD key:c a b|PFADD key:c c|PFCOUNT key:c|RENAME key:c key:d",
}


@pytest.fixture
def clients(reference_server: Server, serve: Server) -> Iterator[list[RespClient]]:
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        yield [theirs, ours]
        for client in (theirs, ours):
            client.command("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
            client.command("CONFIG", "SET", "lfu-log-factor", "10", "maxmemory-samples", "5")
            client.command("FLUSHALL")


def used(client: RespClient) -> int:
    info = client.command("INFO", "memory")
    return int(str(info).partition("used_memory:")[2].partition("\\r")[0])


def survivors(client: RespClient, policy: str) -> list[int]:
    """Write twice as much as there is room for; give what part of each kind of key is left.

    The kinds: read again and again; soon to expire; neither, but volatile; to stay, unread.
    """
    client.command("FLUSHALL")
    client.command("CONFIG", "SET", "maxmemory-policy", policy, "lfu-log-factor", "1")
    client.command("CONFIG", "SET", "maxmemory-samples", "20")
    value = "x" * SIZE
    client.command("CONFIG", "SET", "maxmemory", str(used(client) + 4 * COUNT * SIZE))
    for number in range(COUNT):
        client.command("SET", f"read:{number}", value, "EX", "100000")
        client.command("SET", f"soon:{number}", value, "EX", "1000")
        client.command("SET", f"late:{number}", value, "EX", "90000")
        client.command("SET", f"stay:{number}", value)
        for _ in range(3):
            client.command("GET", f"read:{number}")
    for number in range(COUNT):
        client.command("SET", f"new:{number}", value, "EX", "90000")
    left = str(client.command("KEYS", "*"))
    return [left.count(f"{kind}:") * 100 // COUNT for kind in ("read", "soon", "late", "stay")]


@pytest.mark.parametrize(
    "policy", ["allkeys-lfu", "allkeys-random", "volatile-lfu", "volatile-random", "volatile-ttl"]
)
def test_the_same_kinds_of_keys_survive(clients: list[RespClient], policy: str) -> None:
    for _ in range(5):  # chance has a part in it: far from each other once is not enough
        theirs, ours = (survivors(client, policy) for client in clients)
        if all(abs(one - other) <= 35 for one, other in zip(theirs, ours, strict=True)):
            break
    else:
        pytest.fail(f"{theirs} survive there, and {ours} here")


@pytest.mark.parametrize("kind", USES)
def test_each_command_counts_as_many_uses(clients: list[RespClient], kind: str) -> None:
    counts = []
    for client in clients:
        client.command("FLUSHALL")
        client.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu", "lfu-log-factor", "0")
        counts.append([])
        for line in USES[kind].replace("\n", "|").split("|"):
            client.command(*line.split())
            counts[-1].append((line.strip(), client.command("OBJECT", "FREQ", "key:c")))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("policy", ["volatile-lru", "volatile-lfu", "volatile-ttl", "noeviction"])
def test_what_needs_memory_is_refused_where_nothing_can_be_evicted(
    clients: list[RespClient], policy: str
) -> None:
    replies = []
    for client in clients:
        client.command("FLUSHALL")
        client.command("SET", "key", "v")
        client.command("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", "1")
        replies.append(
            [
                client.command(*line.split())
                for line in (
                    "SET key w", "GET key", "DEL other", "EVAL return_1 0", "MULTI", "GET key",
                    "SET key w", "EXEC", "EXPIRE key 100", "GET key", "SET key w",
                )
            ]
        )  # fmt: skip
        client.command("CONFIG", "SET", "maxmemory", "0")
    assert replies[0] == replies[1]
