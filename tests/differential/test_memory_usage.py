"""MEMORY USAGE tells what redis-server 8.2.3 takes for what its allocator alone decides."""

from __future__ import annotations

import pytest

from tests.differential.both import both_sides
from tests.servers import Server

pytestmark = pytest.mark.reference

_SIZES = (0, 1, 5, 11, 12, 20, 40, 43, 45, 60, 100, 255, 256, 1000, 5000, 70000)
_COUNTS = (1, 3, 10, 100, 128)


def test_strings_and_numbers_take_the_same(reference_server: Server) -> None:
    with both_sides(reference_server) as both:
        for key in ("k", "key:000001"):
            usage = ("MEMORY", "USAGE", key)
            for value in ("7", "-1", "123456789012", *("x" * size for size in _SIZES)):
                for words in (("SET", key, value), ("SET", key, value, "EX", "100")):
                    # A server keeps the room that an earlier value had for its time.
                    assert both.run([("DEL", key), words, usage]) == [], (key, len(value))


def test_small_collections_take_the_same(reference_server: Server) -> None:
    with both_sides(reference_server) as both:
        usage = ("MEMORY", "USAGE", "key")
        for count in _COUNTS:
            for size in (1, 10, 40):
                words = [f"{each:0{size}d}x" for each in range(count)]
                pairs = [word for each, name in enumerate(words) for word in (str(each), name)]
                for command in (
                    ("RPUSH", "key", *words),
                    ("SADD", "key", *words),
                    ("SADD", "key", *map(str, range(count))),
                    ("SADD", "key", *(str(each * 100_000) for each in range(1, count + 1))),
                    ("ZADD", "key", *pairs),
                    ("HSET", "key", *reversed(pairs)),
                ):
                    assert both.run([("DEL", "key"), command, usage]) == [], (command[0], count)
