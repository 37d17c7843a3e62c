"""DUMP's payloads go both ways between the engine and real servers, damaged ones to neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential.random_values import RandomValues, Words
from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

VALUES, DAMAGED = 35, 12

#: Encodings in which the reference keeps no order that could be compared.
UNORDERED = {"hashtable"}

#: How to see all of a value, by its type.
LOOKS = {
    "string": ("GET {}",),
    "list": ("LRANGE {} 0 -1",),
    "set": ("SMEMBERS {}",),
    "zset": ("ZRANGE {} 0 -1 WITHSCORES",),
    "hash": ("HGETALL {}",),
    "stream": ("XRANGE {} - +", "XINFO GROUPS {}"),
    "none": (),
}

LISTPACK_EX = "\x19"

SOUND, BAD = "OK", "ERR Bad data format"


@pytest.fixture
def theirs(reference_server: Server) -> Iterator[RespClient]:
    with RespClient(reference_server.host, reference_server.port) as client:
        client.command("FLUSHALL")
        client.command("CONFIG", "SET", "sanitize-dump-payload", "yes")
        yield client
        client.command("CONFIG", "SET", "sanitize-dump-payload", "no")


@pytest.fixture
def ours(serve: Server) -> Iterator[RespClient]:
    with RespClient(serve.host, serve.port) as client:
        client.command("FLUSHALL")
        yield client


def make(client: RespClient, commands: list[Words]) -> None:
    client.command("DEL", "k")
    for words in commands:
        assert client.command(*words)["t"] != "-", words


def dump(client: RespClient, key: str) -> str:
    payload: str = client.command("DUMP", key)["v"]
    return payload


def body(payload: str) -> str:
    """Give what must be equal in payloads of one value."""
    start = 9 if payload[0] == LISTPACK_EX else 0  # a time that the reference keeps only roughly
    return payload[:1] + payload[start:-10]


def restore(client: RespClient, payload: str) -> str:
    answer: str = client.command("RESTORE", "restored", "0", payload, "REPLACE")["v"]
    return answer


def encoding(client: RespClient, key: str) -> Any:
    return client.command("OBJECT", "ENCODING", key)["v"]


def content(client: RespClient, key: str) -> list[Any]:
    """Give all of a value, sorted where its order means nothing."""
    kind = client.command("TYPE", key)["v"]
    seen = [client.command(*look.format(key).split()) for look in LOOKS[kind]]
    if kind == "hash":
        seen = [sorted(_pairs(seen[0]))]
        fields = [field for field, _ in seen[0]]
        count = str(len(fields))
        seen.append(client.command("HPEXPIRETIME", key, "FIELDS", count, *fields))
    if kind == "zset":
        seen = [[(member, float(score)) for member, score in _pairs(seen[0])]]
    if kind == "set":
        seen = [sorted(member["v"] for member in seen[0]["v"])]
    return [kind, *seen]


def _pairs(reply: Reply) -> list[tuple[str, str]]:
    words = [word["v"] for word in reply["v"]]
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_values_go_both_ways(theirs: RespClient, ours: RespClient, seed: int) -> None:
    values = RandomValues(seed)
    for _ in range(VALUES):
        commands = values.commands()
        make(theirs, commands)
        make(ours, commands)
        payload = dump(theirs, "k")
        assert restore(ours, payload) == restore(theirs, dump(ours, "k")) == SOUND
        assert body(dump(ours, "restored")) == body(payload)
        expected = content(theirs, "k")
        assert content(ours, "restored") == expected
        # Between two servers the times at which readers called differ, and nothing else.
        assert content(theirs, "restored") == expected == content(ours, "k")
        if expected[0] != "stream" and encoding(theirs, "k") not in UNORDERED:
            assert body(dump(ours, "k")) == body(payload)


@pytest.mark.parametrize("seed", range(3))
def test_damaged_payloads_are_refused_as_on_the_reference(
    theirs: RespClient, ours: RespClient, seed: int
) -> None:
    values = RandomValues(seed)
    for _ in range(DAMAGED):
        commands = values.commands()
        make(theirs, commands)
        payload = dump(theirs, "k")
        for _ in range(8):
            damaged = values.damaged(payload)
            expected, answer = restore(theirs, damaged), restore(ours, damaged)
            assert answer in (SOUND, BAD)
            # The reference lets through what contradicts itself in ways that do not crash it.
            if answer == SOUND:
                assert expected == SOUND
                assert dump(ours, "restored")


def test_a_refused_payload_changes_nothing(theirs: RespClient, ours: RespClient) -> None:
    for client in (theirs, ours):
        client.command("SET", "restored", "before", "PX", "100000")
        damaged = RandomValues(0).damaged("\x00\x05after" + " " * 10)
        assert restore(client, damaged + " ").startswith("ERR DUMP payload version or checksum")
        assert client.command("GET", "restored")["v"] == "before"
        assert client.command("PTTL", "restored")["v"] > 0


def test_what_debians_server_writes_is_read(debian_server: Server, ours: RespClient) -> None:
    values = RandomValues(7)
    with RespClient(debian_server.host, debian_server.port) as client:
        for _ in range(VALUES):
            commands = [
                words for words in values.commands() if words[0] not in ("HPEXPIREAT", "XREADGROUP")
            ]
            make(client, commands)
            assert restore(ours, dump(client, "k")) == SOUND
            expected = client.command("HGETALL", "k")
            if expected["t"] == "-":
                assert content(ours, "restored") == content(client, "k")
            else:
                assert sorted(_pairs(ours.command("HGETALL", "restored"))) == sorted(
                    _pairs(expected)
                )
