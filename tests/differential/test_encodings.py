"""OBJECT ENCODING follows the encodings' settings as on redis-server 8.2.3."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

SETTINGS = {
    "hash-max-listpack-entries": (0, 2, 5),
    "hash-max-listpack-value": (1, 4),
    "set-max-intset-entries": (0, 2, 5),
    "set-max-listpack-entries": (0, 3, 6),
    "set-max-listpack-value": (1, 4),
    "zset-max-listpack-entries": (0, 2, 5),
    "zset-max-listpack-value": (1, 4),
}
ADD = ("HSET h {word} {word}", "SADD s {number}", "SADD s {word}", "ZADD z {number} {word}")
KEYS = "hsz"


def _commands(seed: int, count: int) -> Iterator[list[str]]:
    choice = random.Random(seed)
    for _ in range(count):
        line = choice.choice(ADD)
        while "{" in line:
            line = line.replace("{word}", "w" * choice.choice((1, 2, 5)) + choice.choice("123"), 1)
            line = line.replace("{number}", str(choice.randrange(9)), 1)
        yield line.split()


@pytest.mark.parametrize("seed", range(12))
def test_collections_grow_out_of_their_encodings_at_the_same_size(
    reference_server: Server, serve: Server, seed: int
) -> None:
    choice = random.Random(seed)
    settings = [(name, str(choice.choice(values))) for name, values in SETTINGS.items()]
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        defaults = {name: theirs.setting(name) for name, _ in settings}
        for client in (theirs, ours):
            client.command("FLUSHALL")
            for name, value in settings:
                client.command("CONFIG", "SET", name, value)
        try:
            for words in _commands(seed, 40):
                for key in KEYS:
                    expected = theirs.command("OBJECT", "ENCODING", key)
                    assert ours.command("OBJECT", "ENCODING", key) == expected, (words, settings)
                assert ours.command(*words) == theirs.command(*words)
        finally:
            for name, value in defaults.items():
                theirs.command("CONFIG", "SET", name, value)


@pytest.mark.parametrize("size", ["1", "3", "100", "-1", "-2", "-5", "-9", "0"])
def test_lists_grow_out_of_their_encoding_at_the_same_size(
    reference_server: Server, serve: Server, size: str
) -> None:
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("FLUSHALL")
            client.command("CONFIG", "SET", "list-max-listpack-size", size)
        try:
            for length in (1, 40, 900, 4000, 5000):
                for count in range(8):
                    for client in (theirs, ours):
                        client.command("RPUSH", f"l{length}", *["x" * length] * (count + 1))
                    expected = theirs.command("OBJECT", "ENCODING", f"l{length}")
                    answer = ours.command("OBJECT", "ENCODING", f"l{length}")
                    assert answer == expected, (length, count)
        finally:
            theirs.command("CONFIG", "SET", "list-max-listpack-size", "-2")
