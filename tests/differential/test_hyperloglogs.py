"""The bytes of HyperLogLogs are redis-server 8.2.3's through thousands of elements and damages.

`test_data_types` has few elements. The long form takes a seed, as that does.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.differential.both import Both, Words, both_sides
from tests.servers import Server

pytestmark = pytest.mark.reference

SEQUENCES = int(os.environ.get("REDISLUA_SEQUENCES", "25"))
SEED = int(os.environ.get("REDISLUA_SEED", "1"))

KEYS = "abc"


@pytest.fixture(scope="module")
def both(reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        yield both
        both.run([("CONFIG", "SET", "hll-sparse-max-bytes", "3000")])


def sequence(rng: random.Random) -> Iterator[Words]:
    """Write commands that fill, damage, merge and count HyperLogLogs; each is looked at."""
    yield ("FLUSHALL",)
    yield "CONFIG", "SET", "hll-sparse-max-bytes", rng.choice(("40", "700", "3000", "15000"))
    for key in KEYS:
        yield _written(rng, key) if rng.random() < 0.4 else ("PFADD", key)
    for _ in range(rng.randint(1, 15)):
        key = rng.choice(KEYS)
        chance = rng.random()
        if chance < 0.5:
            count = rng.choice((1, 1, 2, 20, 300, 1500))
            yield "PFADD", key, *(str(rng.randrange(1 << 30)) for _ in range(count))
        elif chance < 0.7:
            yield "PFCOUNT", *rng.sample(KEYS, rng.randint(1, 3))
        elif chance < 0.8:
            yield "PFMERGE", key, *rng.sample(KEYS, rng.randint(0, 2))
        elif chance < 0.85:
            yield "PFDEBUG", rng.choice(("TODENSE", "GETREG", "DECODE")), key
        elif chance < 0.9:
            yield "APPEND", key, chr(rng.randrange(256))
        else:
            yield "SETRANGE", key, str(rng.randrange(16, 400)), chr(rng.randrange(256))
        yield "GET", key


def _written(rng: random.Random, key: str) -> Words:
    """Set a sparse value as nobody writes it: runs that could be joined, zeros in two bytes."""
    runs, left = bytearray(), 16384
    while left:
        kind = rng.randrange(3)
        longest = (4, 64, rng.choice((70, 3000)))[kind]
        length = min(rng.randint(1, longest), left)
        if kind == 0:
            runs.append(0x80 | rng.randrange(3) << 2 | length - 1)
        else:
            runs += bytes([length - 1]) if kind == 1 else (0x4000 | length - 1).to_bytes(2, "big")
        left -= length
    return "SET", key, "HYLL\1" + "\0" * 10 + "\x80" + runs.decode("latin-1")


def test_values_have_the_same_bytes_whatever_is_done_to_them(both: Both) -> None:
    for number in range(SEQUENCES):
        commands = list(sequence(random.Random(SEED * 1000 + number)))
        for words, (expected, answer) in zip(commands, both.replies(commands), strict=True):
            assert expected == answer, (SEED, number, words[:3])
