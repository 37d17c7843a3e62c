"""FUNCTION RESTORE takes and refuses what the reference does, and leaves the same libraries."""

from __future__ import annotations

import random
from typing import Any

import pytest

from redislua_kernel.engine.rdb.payload import sign
from redislua_kernel.engine.rdb.writer import Writer
from tests.differential.random_values import damage
from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

STEPS = 250

#: Never both in one library: the reference crashes when it is replaced.
NAMES = ("f|F", "g|G", "h", "f1")

#: Libraries that cannot be loaded; a bar stands for the end of a line.
BROKEN = """

7
x
#!lua
#!lua name=a|
#!lua name=a|syntax error
#!lua name=a|error('x')
#!lua name=a-b|x
#!js name=a|x
#!lua name=a|return 1
#!lua name=a|x = 1
#!lua name=a|redis.register_function('f', 1)
"""[1:-1].splitlines()


#: The RDB versions of Redis 1 to 8, the next one, that of Valkey 9, and the last.
VERSIONS = (*[12] * 8, 0, 1, 9, 10, 11, 13, 80, 65535)

POLICIES = ((), (), ("APPEND",), ("replace",), ("REPLACE",), ("FLUSH",), ("BAD",), ("FLUSH", "x"))

Words = tuple[str, ...]


class RandomLibraries:
    """Makes commands that load libraries; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def command(self) -> Words:
        chance = self.random
        match chance.randrange(10):
            case 0:
                return "FUNCTION", "FLUSH"
            case 1:
                return "FUNCTION", "LOAD", *chance.choice(((), ("REPLACE",))), self._library()
            case _:
                return "FUNCTION", "RESTORE", self._payload(), *chance.choice(POLICIES)

    def _library(self) -> str:
        chance = self.random
        if chance.random() < 0.08:
            return chance.choice(BROKEN).replace("|", "\n")
        names = [
            chance.choice(each.split("|"))
            for each in chance.sample(NAMES, chance.choice((1, 1, 2)))
        ]
        functions = [
            f"redis.register_function('{name}', function() return {chance.randrange(9)} end)"
            for name in names
        ]
        comment = "-- padding " * chance.choice((0, 0, 1, 30, 2000))
        return "\n".join((f"#!lua name={chance.choice('abA')}", comment, *functions))

    def _payload(self) -> str:
        chance = self.random
        writer = Writer(compresses=chance.random() < 0.5)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            writer.byte(245)
            writer.string(self._library().encode())
        body = bytes(writer.data)
        if chance.random() < 0.4:
            body = damage(body, chance)
        payload = sign(body, version=chance.choice(VERSIONS))
        if chance.random() < 0.1:
            payload = damage(payload, chance)
        return payload.decode("latin-1")


def comparable(reply: Reply) -> Any:
    """Leave out which of several names is found first: the reference's tables have no order."""
    value = reply.get("v")
    if reply["t"] == "-" and value.endswith("already exists"):
        return value.split()[1]
    if isinstance(value, list):
        items = [comparable(item) for item in value]
        is_table = bool(items) and all(isinstance(item, list) for item in items)
        return sorted(items, key=repr) if is_table else items
    return value


@pytest.mark.parametrize("seed", range(2))
def test_libraries_are_restored_as_on_the_reference(
    reference_server: Server, serve: Server, seed: int
) -> None:
    libraries = RandomLibraries(seed)
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("FUNCTION", "FLUSH")
        for _ in range(STEPS):
            words = libraries.command()
            looks = (words, ("FUNCTION", "LIST", "WITHCODE"), ("FUNCTION", "STATS"))
            for look in looks:
                expected, answer = theirs.command(*look), ours.command(*look)
                assert comparable(answer) == comparable(expected), words
        payloads = [client.command("FUNCTION", "DUMP")["v"] for client in (theirs, ours)]
        for client, payload in zip((ours, theirs), payloads, strict=True):
            assert client.command("FUNCTION", "RESTORE", payload, "FLUSH")["v"] == "OK"
