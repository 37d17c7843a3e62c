"""What scripts call most takes a quick way, and does what the command does elsewhere."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.journal import Effect
from redislua_kernel.errors import ResponseError
from tests.engine.random_commands import Time, Words, commands, picture, run

STRINGS = commands("""
GET {key}
SET {key} {text}
SET {key} {int}
SET {key} {text} EX {seconds}
SET {key} {text} PX 500
SET {key} {text} NX
SET {key} {text} NX PX 500
SETEX {key} {seconds} {text}
SETNX {key} {text}
GETSET {key} {text}
GETDEL {key}
APPEND {key} {item}
SETRANGE {key} {int} {item}
GETRANGE {key} {int} {int}
STRLEN {key}
INCR {key}
DECR {key}
INCRBY {key} {int}
INCRBY {key} 1073741823
INCRBY {key} 4503599627370496
DECRBY {key} {int}
SETBIT {key} {offset} {bit}
GETBIT {key} {offset}
EXPIRE {key} {seconds}
PEXPIRE {key} 500
PEXPIRE {key} {text}
PERSIST {key}
TTL {key}
PTTL {key}
EXISTS {key}
TYPE {key}
DEL {key}
UNLINK {key}
MGET {key} {key} {key}
LPUSH {key} {item}
""")

AS_TEXTS = "return redis.call(unpack(ARGV))"
AS_NUMBERS = """
for place = 2, #ARGV do
  ARGV[place] = tonumber(ARGV[place]) or ARGV[place]
end
return redis.call(unpack(ARGV))
"""


class Told:
    """An engine, and what it has told of its writes."""

    def __init__(self, clock: Time, *, has_listener: bool) -> None:
        self.engine = Engine(databases=1, clock=clock, rng=random.Random(1))
        self.effects: list[tuple[bytes, ...]] = []
        self.events: list[tuple[bytes, bytes]] = []
        self.engine.keyspace.effect_listeners.append(self._keep)
        if has_listener:
            self.engine.keyspace.listeners.append(self._hear)

    def _keep(self, effects: list[Effect]) -> None:
        words = [effect.words for effect in effects]
        self.effects += [each for each in words if each not in ((b"MULTI",), (b"EXEC",))]

    def _hear(self, database: Database, key: bytes, event: bytes) -> None:
        self.events.append((key, event))

    def told(self) -> object:
        return self.effects, self.events, picture(self.engine)


def in_words(reply: Any) -> Any:
    """Show a reply; of an error, its first words, as a script's have more behind them."""
    return str(reply).split(" script: ")[0] if isinstance(reply, ResponseError) else reply


@settings(max_examples=40)
@given(
    program=st.lists(STRINGS, max_size=25),
    script=st.sampled_from([AS_TEXTS, AS_NUMBERS]),
    has_listener=st.booleans(),
)
def test_a_command_is_the_same_in_a_script(
    program: list[Words], script: str, has_listener: bool
) -> None:
    clock = Time()
    outside, inside = (Told(clock, has_listener=has_listener) for _ in range(2))
    for words in program:
        reply = run(outside.engine, words)
        assert in_words(run(inside.engine, ("EVAL", script, 0, *words))) == in_words(reply)
        assert inside.told() == outside.told()
        clock.advance(0.3)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(
    "script",
    [
        "redis.call('SET', KEYS[1], 'x', 'EX', 'y')",
        "redis.call('LPUSH', KEYS[1], 'x')",
        "local call = redis.call call('EXPIRE', KEYS[1], 'soon')",
    ],
)
def test_a_call_whose_reply_nobody_takes_fails_as_any(engine: Engine, script: str) -> None:
    engine.execute("SET", "k", "text")
    with pytest.raises(ResponseError, match=r"WRONGTYPE|not an integer"):
        engine.execute("EVAL", script, 1, "k")
    assert engine.execute("EVAL", script.replace("redis.call", "redis.pcall"), 1, "k") is None
