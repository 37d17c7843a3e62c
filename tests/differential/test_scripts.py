"""Generated scripts and libraries do here what they do on redis-server 8.2.3.

Hypothesis chooses what `lua_writer` writes, and shrinks a script that differs. The long form
takes a seed: REDISLUA_SCRIPTS (how many) and REDISLUA_SEED choose others than the ones it has.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.both import DUMP, Both, Words, both_sides
from tests.differential.lua_writer import Writer
from tests.servers import Server

pytestmark = pytest.mark.reference

#: All that a program finds: the keys, and the state of math.random.
FILL = """
redis.call('FLUSHALL')
redis.call('RPUSH', 'list', 'x', 'y', 3)
redis.call('SET', 'n', 10)
redis.call('SET', 'raw', 'Hello, World')
redis.call('SET', 'key', 'value')
redis.call('HSET', 'hash', 'f', 'v', 'g', 2)
redis.call('SADD', 'set', 1, 2, 3)
redis.call('ZADD', 'zset', 1, 'm', 2.5, 'o')
redis.call('XADD', 'stream', '1-1', 'f', 'v')
redis.call('GEOADD', 'geo', 13.5, 38.1, 'p')
math.randomseed(7)
"""
#: There is always a library called lib, so that the program before leaves none of its own behind.
EMPTY = "#!lua name=lib\nredis.register_function('none', function() end)"
SIZE = ("1", "key", "argument", "5")


@pytest.fixture(scope="module", params=["2", "3"])
def both(request: pytest.FixtureRequest, reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        both.run([("HELLO", request.param)])
        yield both


def program(rng: random.Random) -> list[Words]:
    """Write a script, or now and then a library, and give the commands that run it."""
    writer = Writer(rng)
    if rng.random() < 0.1:
        call = rng.choice(("FCALL", "FCALL", "FCALL", "FCALL_RO"))
        run: list[Words] = [("FUNCTION", "LOAD", "REPLACE", EMPTY)]
        run.append(("FUNCTION", "LOAD", "REPLACE", writer.library()))
        run += [(call, name, *SIZE) for name in ("f1", "f2", "F3")]
    else:
        call = rng.choice(("EVAL", "EVAL", "EVAL", "EVAL_RO"))
        run = [(call, writer.script(), *SIZE)]
    return [("EVAL", FILL, "0"), *run, ("EVAL", DUMP, "0")]


@settings(max_examples=1200, derandomize=True, database=None)
@given(rng=st.randoms(use_true_random=False))
def test_scripts_do_the_same(both: Both, rng: random.Random) -> None:
    commands = program(rng)
    assert not both.run(commands), commands


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_scripts_do_the_same(both: Both) -> None:
    rng = random.Random(os.environ.get("REDISLUA_SEED", "redislua"))
    for place in range(int(os.environ.get("REDISLUA_SCRIPTS", "50_000"))):
        commands = program(rng)
        assert not both.run(commands), (place, commands)
