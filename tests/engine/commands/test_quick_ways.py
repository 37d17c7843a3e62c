"""What scripts do by quick ways, beside the same without them.

A quick way is taken while nobody is told of changes: one of two engines has a listener.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from redislua_kernel import Engine
from tests.clock import Clock
from tests.engine.picture import picture

#: What scripts call, and the words that may stand there.
LISTS_AND_SETS = """
LPUSH {list} {word}
RPUSH {list} {word}
LPUSH {list} {word} {word} {word}
RPUSH {list} {word} {word}
LPOP {list}
RPOP {list}
RPOPLPUSH {list} {list}
LMOVE {list} {list} LEFT RIGHT
LMOVE {list} {list} LEFT LEFT
LMOVE {list} {list} RIGHT RIGHT
LREM {list} {count} {word}
LTRIM {list} {count} {place}
LLEN {list}
LINDEX {list} {place}
LRANGE {list} {place} {place}
LSET {list} {place} {word}
LPOS {list} {word}
SADD {set} {word}
SADD {set} {word} {word}
SREM {set} {word}
SISMEMBER {set} {word}
SCARD {set}
SMOVE {set} {set} {word}
SPOP {set}
SMEMBERS {set}
EXPIRE {list} 100
EXPIRE {set} 100
DEL {set}
GET {list}
"""
OTHERS = """
SET {string} {word}
MSET {string} {word} {string} {word}
MSET {string} {word}
APPEND {string} {word}
GET {string}
TYPE {string}
HSET {hash} {word} {word}
HSET {hash} {word} {word} {word} {word}
HINCRBY {hash} {word} {count}
HDEL {hash} {word}
HDEL {hash} {word} {word}
HGETALL {hash}
ZADD {sorted} {count} {word}
ZREM {sorted} {word}
ZRANGE {sorted} 0 -1
EXPIRE {hash} 100
EXPIRE {sorted} 100
DEL {hash}
"""

WORDS = {
    "{list}": ["l", "m", "n", "large", "huge", "text", "over", "short"],
    "{string}": ["text", "raw", "fresh", "short", "s", "soon"],
    "{hash}": ["h", "i", "fields", "text", "over"],
    "{sorted}": ["z", "y", "text", "over"],
    "{set}": ["s", "t", "u", "numbers", "text", "many", "short"],
    "{word}": ["a", "b", "1", "2", "77", "x" * 80],
    "{count}": ["0", "1", "2", "-1", "-2"],
    "{place}": ["0", "1", "3", "-1", "-2", "-300", "9999999999"],
}

#: What they find: also what is over in a moment, and what grows beyond few elements.
FILL = """
redis.call('RPUSH', 'l', 'a', 'b', 'a', '1')
redis.call('RPUSH', 'm', 'b')
for i = 1, 255 do redis.call('RPUSH', 'large', i) redis.call('LPUSH', 'huge', i, i) end
redis.call('SET', 'text', 'x')
redis.call('SADD', 's', 'a', 'b')
redis.call('SADD', 't', 'a')
redis.call('SADD', 'numbers', 2, 1)
for i = 1, 130 do redis.call('SADD', 'many', 'm' .. i) end
redis.call('SET', 'raw', 'x')
redis.call('APPEND', 'raw', 'y')
redis.call('SET', 'soon', 'x', 'PX', 100000)
redis.call('HSET', 'h', 'a', 'b', '1', '2')
redis.call('HSET', 'i', 'a', 'b')
for i = 1, 512 do redis.call('HSET', 'fields', i, i) end
redis.call('ZADD', 'z', 1, 'a', 2, 'b')
redis.call('ZADD', 'y', 1, 'a')
redis.call('RPUSH', 'over', 'a', 'b')
redis.call('PEXPIRE', 'over', 1)
redis.call('SET', 'short', 'x')
redis.call('PEXPIRE', 'short', 1)
"""


def script(calls: str, chance: random.Random) -> str:
    """Give a script of random calls, which returns what they reply."""
    lines, templates = [], calls.strip().splitlines()
    for _ in range(40):
        template = chance.choice(templates).split()
        words = [chance.choice(WORDS.get(word, [word])) for word in template]
        given = ", ".join(word if word.lstrip("-").isdigit() else f"'{word}'" for word in words)
        lines.append(f"seen[#seen + 1] = redis.pcall({given}) or 'nothing'")
    return "local seen = {}\n" + "\n".join(lines) + "\nreturn seen"


def filled(*, is_told: bool) -> Engine:
    """Give an engine with some data."""
    clock = Clock()
    made = Engine(clock=clock)
    made.keyspace.random.seed(5)
    made.execute("EVAL", FILL, 0)
    clock.advance(1)
    if is_told:
        made.keyspace.listeners.append(lambda *_: None)
    return made


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("calls", [LISTS_AND_SETS, OTHERS], ids=["lists and sets", "others"])
def test_quick_ways_reply_change_replicate_and_undo_as_the_general_ones(
    calls: str, seed: int
) -> None:
    body = script(calls, random.Random(seed))
    seen: list[Any] = []
    for is_told in (False, True):
        made = filled(is_told=is_told)
        before = picture(made)
        with made.keyspace.unit():
            made.execute("EVAL", body, 0)
            made.keyspace.rollback()
        assert picture(made) == before
        made.keyspace.random.seed(6)
        view = made.keyspace.fork()
        replies = [str(made.execute("EVAL", body, 0)), made.keyspace.dirty]
        effects = made.keyspace.effects
        assert picture(made, view) == before
        made.keyspace.random.seed(7)
        replies.append(str(made.execute("EVAL", body, 0)))
        effects += made.keyspace.effects
        seen.append((replies, effects, picture(made)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "call",
    [
        "'LPUSH', 'n', 'x'",
        "'LPUSH', 'l', 'x'",
        "'RPUSH', 'l', 'x'",
        "'LPOP', 'l'",
        "'RPOP', 'l'",
        "'LPOP', 'm'",
        "'RPOPLPUSH', 'l', 'l'",
        "'RPOPLPUSH', 'l', 'm'",
        "'RPOPLPUSH', 'l', 'n'",
        "'RPOPLPUSH', 'm', 'l'",
        "'RPOPLPUSH', 'm', 'n'",
        "'LMOVE', 'l', 'm', 'LEFT', 'RIGHT'",
        "'LMOVE', 'l', 'l', 'LEFT', 'RIGHT'",
        "'LMOVE', 'm', 'l', 'RIGHT', 'RIGHT'",
        "'LREM', 'l', 1, 'a'",
        "'LREM', 'l', 0, 'b'",
        "'LREM', 'm', 0, 'b'",
        "'LTRIM', 'l', 1, 2",
        "'SADD', 'u', 'x'",
        "'SADD', 's', 'x'",
        "'SADD', 'numbers', 'x'",
        "'SADD', 'many', 'x'",
        "'LPUSH', 'huge', 'x'",
        "'RPUSH', 'huge', 'x'",
        "'LPOP', 'huge'",
        "'RPOPLPUSH', 'huge', 'huge'",
        "'RPOPLPUSH', 'huge', 'm'",
        "'RPOPLPUSH', 'l', 'huge'",
        "'SPOP', 's'",
        "'SPOP', 't'",
        "'SPOP', 'numbers'",
        "'SPOP', 'many'",
        "'SREM', 's', 'a'",
        "'SREM', 't', 'a'",
        "'SREM', 'numbers', 1",
        "'SMOVE', 's', 't', 'b'",
        "'SMOVE', 's', 't', 'a'",
        "'SMOVE', 't', 'u', 'a'",
        "'SMOVE', 't', 's', 'a'",
        "'LSET', 'l', -1, 'x'",
        "'LSET', 'huge', 300, 'x'",
        "'APPEND', 'raw', 'z'",
        "'MSET', 'text', 'y', 'fresh', 'z'",
        "'HSET', 'n', 'f', 'v'",
        "'HSET', 'h', 'f', 'v'",
        "'HSET', 'fields', 'f', 'v'",
        "'HDEL', 'h', 'a'",
        "'HDEL', 'i', 'a'",
        "'ZREM', 'z', 'a'",
        "'ZREM', 'y', 'a'",
    ],
)
def test_what_a_quick_way_did_can_be_undone(call: str) -> None:
    made = filled(is_told=False)
    before = picture(made)
    with made.keyspace.unit():
        made.execute("EVAL", f"redis.call({call})", 0)
        assert picture(made) != before
        made.keyspace.rollback()
    assert picture(made) == before


def test_words_as_long_as_makes_room_be_asked_for_go_the_general_way() -> None:
    made = filled(is_told=False)
    long = "x" * 70_000
    body = """
    redis.call('LPUSH', KEYS[1], ARGV[1])
    redis.call('SADD', KEYS[2], ARGV[1])
    redis.call('RPOPLPUSH', KEYS[1], KEYS[3])
    return {redis.call('RPOP', KEYS[3]), redis.call('SREM', KEYS[2], ARGV[1])}
    """
    assert made.execute("EVAL", body, 3, "n", "u", "m", long) == [b"b", 1]
    assert made.execute("LRANGE", "m", 0, -1) == [long.encode()]
    assert made.execute("EXISTS", "n", "u") == 0
