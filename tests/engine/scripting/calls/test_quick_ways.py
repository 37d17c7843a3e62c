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
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import Words, commands, run

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
INCRBY {key} 1099511627776
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

    def __init__(self, clock: Clock, *, has_listener: bool) -> None:
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
    clock = Clock()
    outside, inside = (Told(clock, has_listener=has_listener) for _ in range(2))
    for words in program:
        reply = run(outside.engine, words)
        assert in_words(run(inside.engine, ("EVAL", script, 0, *words))) == in_words(reply)
        assert inside.told() == outside.told()
        clock.advance(0.3)


SORTED_SETS = commands("""
ZADD {key} {score} {item}
ZADD {key} {text} {item}
ZADD {key} NX {score} {item}
ZADD {key} XX CH {score} {item}
ZADD {key} GT {score} {item}
ZADD {key} LT CH {int} {item}
ZADD {key} NX GT {int} {item}
ZADD {key} INCR {score} {item}
ZADD {key} XX INCR {int} {item}
ZADD {key} NX {score} {item} {score} {item}
ZINCRBY {key} {score} {item}
ZREM {key} {item}
ZSCORE {key} {item}
ZCARD {key}
ZCOUNT {key} ({score} +inf
ZCOUNT {key} {text} {score}
ZRANGE {key} 0 -1 WITHSCORES
ZREVRANGE {key} {int} {int} WITHSCORES
ZRANGEBYSCORE {key} -inf {score} LIMIT 0 2
ZRANGEBYSCORE {key} -inf {score} WITHSCORES
ZRANGEBYSCORE {key} 0 {text} LIMIT 1 -1
ZREVRANGEBYSCORE {key} +inf {score} WITHSCORES LIMIT 0 1
ZREVRANGEBYSCORE {key} +inf {score} LIMIT 0
ZREMRANGEBYSCORE {key} -inf {score}
ZPOPMIN {key}
ZPOPMAX {key}
GEOADD {key} {int} {score} {item}
GEOADD {key} {score} 1.5 {item}
GEOADD {key} {text} {int} {item}
GEOADD {key} nx {int} {item}
GEOADD {key} CH {int} {int} {item}
GEOPOS {key} {item}
PEXPIRE {key} 500
DEL {key}
LPUSH {key} {item}
""")


@settings(max_examples=20)
@given(program=st.lists(SORTED_SETS, max_size=15), script=st.sampled_from([AS_TEXTS, AS_NUMBERS]))
def test_a_script_does_the_same_while_somebody_is_told_of_changes(
    program: list[Words], script: str
) -> None:
    clock = Clock()
    alone, heard = (Told(clock, has_listener=heard) for heard in (False, True))
    for words in program:
        call = "EVAL", script, 0, *words
        assert in_words(run(alone.engine, call)) == in_words(run(heard.engine, call))
        assert (alone.effects, picture(alone.engine)) == (heard.effects, picture(heard.engine))
        with alone.engine.keyspace.unit():
            before = picture(alone.engine)
            run(alone.engine, call)
            alone.engine.keyspace.rollback()
        assert picture(alone.engine) == before
        clock.advance(0.3)


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


#: What may come again and again with the same words, but for one or two.
STREAMS = commands("""
XADD {key} * {item} {text}
XADD {key} * f {text} {item} {text}
XADD {key} MAXLEN 2 * f {text}
XADD {key} MAXLEN ~ 2 * f {text}
XADD {key} MINID = {id} * f {text}
XADD {key} * f v odd
XADD {key} 5-0 f {text}
XGROUP CREATE {key} g 0 MKSTREAM
XREADGROUP GROUP g {reader} COUNT 2 STREAMS {key} >
XREADGROUP GROUP g {reader} STREAMS {key} 0
XREADGROUP GROUP g {reader} NOACK STREAMS {key} >
XREADGROUP GROUP g {reader} STREAMS {key} {key} > >
XRANGE {key} - +
XRANGE {key} - + COUNT 1
XRANGE {key} (1-1 5 COUNT 0
XRANGE {key} 5-0 5-0
XREVRANGE {key} + - COUNT 2
XREVRANGE {key} + - COUNT
XDEL {key} 5-0
XACK {key} g 5-0
XTRIM {key} MAXLEN 1
PEXPIRE {key} 500
DEL {key}
LPUSH {key} {item}
""")

#: What is compiled for so many words when it is called more than a few times.
SEVERAL = commands("""
HSET {key} {item} {text} {item} {text}
HSET {key} {item} {text} {item} {text} n 1 o 2
HSET {key} {item} {text} {item}
HMSET {key} {item} {text} {item} {text}
HMGET {key} {item} {item} n
HMGET {key} {item} {item}
HSET {key} {item} {text}
HDEL {key} {item} {item}
HDEL {key} {item} {item} n
HEXPIRE {key} {seconds} FIELDS 1 {item}
SADD {key} {item} {item}
SADD {key} {item} {item} {text}
SREM {key} {item} {item}
LPUSH {key} {item} {item}
RPUSH {key} {item} {text} {item}
SET {key} {text}
INCR {key}
MGET {key} {key}
MGET {key} {key} {key}
DEL {key} {key}
UNLINK {key} {key} {key}
PEXPIRE {key} 500
DEL {key}
LPUSH {key} {item}
""")

#: Words that are said again have a way of their own when they have been seen twice.
OFTEN = "for _ = 1, 40 do redis.pcall(unpack(ARGV)) end"


@pytest.mark.parametrize(
    "kind", [STREAMS, SEVERAL, SORTED_SETS], ids=["streams", "several words", "sorted sets"]
)
@settings(max_examples=25)
@given(data=st.data(), has_listener=st.booleans())
def test_a_call_with_words_that_are_known_is_the_same(
    kind: st.SearchStrategy[Words], data: st.DataObject, has_listener: bool
) -> None:
    program = data.draw(st.lists(kind, max_size=8))
    often = data.draw(st.lists(kind, min_size=1, max_size=3))
    clock = Clock()
    new, used = (Told(clock, has_listener=has_listener) for _ in range(2))
    for words in often:
        used.engine.execute("EVAL", OFTEN, 0, *words)
    used.engine.execute("FLUSHALL")
    used.effects.clear()
    used.events.clear()
    for words in [*often, *program, *often]:
        call = "EVAL", AS_TEXTS, 0, *words
        assert in_words(run(used.engine, call)) == in_words(run(new.engine, call))
        assert used.told() == new.told()
        clock.advance(0.3)


@pytest.mark.parametrize("word", ["1", "LEFT", "+", "COUNT", "*", "STREAMS"])
def test_a_wrong_number_of_words_is_one_however_often_they_are_said(
    engine: Engine, word: str
) -> None:
    script = """
    for _ = 1, 40 do
      local reply = redis.pcall(unpack(ARGV))
      if type(reply) ~= 'table' or reply.err ~= KEYS[1] then return reply end
    end
    """
    text = "ERR Wrong number of args calling Redis command from script"
    for name, command in engine.commands.items():
        for count in range(1, 9):
            if not command.takes(count) and "noscript" not in command.flags:
                words = [name, *[word] * (count - 1)]
                assert engine.execute("EVAL", script, 1, text, *words) is None, words


def test_a_word_that_is_none_is_refused_where_the_others_are_known(engine: Engine) -> None:
    add = "return redis.call('XADD', KEYS[1], '*', 'f', ARGV[1] ~= 'nil' and ARGV[1] or nil)"
    for number in range(40):
        engine.execute("EVAL", add, 1, "s", number)
    with pytest.raises(ResponseError, match="strings or integers"):
        engine.execute("EVAL", add, 1, "s", "nil")
    assert engine.execute("XLEN", "s") == 40


USE_SEVERAL = """
redis.call('HSET', KEYS[1], 'a', ARGV[1], 'b', ARGV[2])
redis.call('HMSET', KEYS[1], 'a', ARGV[1], 'b', ARGV[2], 'c', 3.5)
return redis.call('HMGET', KEYS[1], 'a', 'b', 'c', 'd')
"""


@pytest.fixture
def used(engine: Engine) -> Engine:
    """An engine that has code for calls with so many words."""
    for number in range(40):
        engine.execute("EVAL", USE_SEVERAL, 1, "h", number, number)
    return engine


def test_fields_that_are_set_together_are_undone_together(used: Engine) -> None:
    used.execute("HDEL", "h", "a", "c")
    before = used.execute("HGETALL", "h")
    with used.keyspace.unit():
        reply = used.execute("EVAL", USE_SEVERAL, 1, "h", "x", "x" * 70)
        assert reply == [b"x", b"x" * 70, b"3.5", None]
        used.keyspace.rollback()
    assert used.execute("HGETALL", "h") == before


def test_a_field_that_is_set_twice_by_one_call_counts_once(used: Engine) -> None:
    twice = "return redis.call('HSET', KEYS[1], 'a', 1, 'a', 2)"
    assert used.execute("EVAL", twice, 1, "h") == 0
    used.execute("HDEL", "h", "a")
    assert used.execute("EVAL", twice, 1, "h") == 1
    assert used.execute("HGET", "h", "a") == b"2"


def test_long_fields_and_many_take_the_large_encoding(used: Engine) -> None:
    used.execute("CONFIG", "SET", "hash-max-listpack-entries", "4")
    used.execute("EVAL", USE_SEVERAL, 1, "h", "x", "y")
    assert used.execute("OBJECT", "ENCODING", "h") == b"listpack"
    used.execute("EVAL", "redis.call('HSET', KEYS[1], 'd', 1, 'e', 2)", 1, "h")
    assert used.execute("OBJECT", "ENCODING", "h") == b"hashtable"
    used.execute("HSET", "other", "a", "1")
    used.execute("EVAL", USE_SEVERAL, 1, "other", "x", "y" * 70)
    assert used.execute("OBJECT", "ENCODING", "other") == b"hashtable"


def test_a_word_that_is_none_is_refused_among_several(used: Engine) -> None:
    set_none = "return redis.call('HSET', KEYS[1], 'a', {}, 'b', 1)"
    with pytest.raises(ResponseError, match="strings or integers"):
        used.execute("EVAL", set_none, 1, "h")


def test_calls_with_several_words_are_counted(used: Engine) -> None:
    stats = used.execute("INFO", "commandstats")
    assert isinstance(stats, bytes)
    for name in (b"hset", b"hmset", b"hmget"):
        assert b"cmdstat_%b:calls=40," % name in stats


def test_entries_that_are_added_with_known_words_are_undone(engine: Engine) -> None:
    add = "for i = 1, 300 do redis.call('XADD', 's', 'MAXLEN', '~', 100, '*', 'f', i) end"
    engine.execute("EVAL", add, 0)
    before = engine.execute("XINFO", "STREAM", "s", "FULL")
    with engine.keyspace.unit():
        engine.execute("EVAL", add, 0)
        engine.keyspace.rollback()
    assert engine.execute("XINFO", "STREAM", "s", "FULL") == before


def test_ranges_whose_first_bound_and_options_are_known_read_what_they_read_before() -> None:
    engine = Engine()
    engine.execute("EVAL", "for i = 1, 9 do redis.call('ZADD', 'z', i, i) end", 0)
    read = "return redis.call('ZRANGEBYSCORE', KEYS[1], '(2', ARGV[1], 'LIMIT', 1, 2, ARGV[2])"
    highest = "return redis.call('ZREVRANGEBYSCORE', KEYS[1], 8, ARGV[1] - 0.5, 'LIMIT', 0, 2)"
    for _ in range(40):
        assert engine.execute("EVAL", read, 1, "z", 9, "WITHSCORES") == [b"4", b"4", b"5", b"5"]
        assert engine.execute("EVAL", read, 1, "z", 3, "WITHSCORES") == []
        assert engine.execute("EVAL", highest, 1, "z", 8) == [b"8"]
    with pytest.raises(ResponseError, match="min or max is not a float"):
        engine.execute("EVAL", read, 1, "z", "x", "WITHSCORES")
    scores = f"redis.setresp(3) {read.replace('return', 'local found =')} return found[1][2].double"
    assert engine.execute("EVAL", scores, 1, "z", 9, "WITHSCORES") == 4
    engine.execute("SET", "text", "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        engine.execute("EVAL", read, 1, "text", 9, "WITHSCORES")
