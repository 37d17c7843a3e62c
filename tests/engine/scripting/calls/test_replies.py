"""Replies into Lua, in RESP2 and RESP3."""

from __future__ import annotations

from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.reply import Pairs, ResponseError


def describe(engine: Engine, resp: int, call: str) -> Any:
    """Run a call in a script and tell its value as JSON, tables with sorted keys."""
    script = """
    redis.setresp(tonumber(ARGV[1]))
    local function show(v)
      if type(v) ~= 'table' then return type(v) .. ':' .. tostring(v) end
      local keys, parts = {}, {}
      for k in pairs(v) do keys[#keys + 1] = k end
      table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
      for i, k in ipairs(keys) do parts[i] = tostring(k) .. '=' .. show(v[k]) end
      return '{' .. table.concat(parts, ' ') .. '}'
    end
    return show(redis.pcall(%s))
    """
    reply = engine.execute("EVAL", script % call, 0, resp)
    return reply.decode()


@pytest.mark.parametrize(
    ("call", "resp2", "resp3"),
    [
        ("'GET', 's'", "string:v", "string:v"),
        ("'GET', 'none'", "boolean:false", "nil:nil"),
        ("'STRLEN', 's'", "number:1", "number:1"),
        ("'PING'", "{ok=string:PONG}", "{ok=string:PONG}"),
        ("'MGET', 's', 'none', 's'", "{1=string:v 2=boolean:false 3=string:v}", "{1=string:v 3=string:v}"),  # noqa: E501
        ("'HGETALL', 'h'", "{1=string:f 2=string:v}", "{map={f=string:v}}"),
        ("'SMEMBERS', 't'", "{1=string:m}", "{set={m=boolean:true}}"),
        ("'ZSCORE', 'z', 'm'", "string:1.5", "{double=number:1.5}"),
        (
            "'ZRANGE', 'z', 0, -1, 'WITHSCORES'",
            "{1=string:m 2=string:1.5}",
            "{1={1=string:m 2={double=number:1.5}}}",
        ),
        ("'LPOP', 'none', 1", "boolean:false", "nil:nil"),
        ("'NOSUCH'", "{err=string:ERR Unknown Redis command called from script "
         "ignore_error_stats_update=boolean:true}", None),
    ],
)  # fmt: skip
def test_a_reply_becomes_a_value(call: str, resp2: str, resp3: str | None) -> None:
    engine = Engine()
    engine.execute("SET", "s", "v")
    engine.execute("HSET", "h", "f", "v")
    engine.execute("SADD", "t", "m")
    engine.execute("ZADD", "z", 1.5, "m")
    assert describe(engine, 2, call) == resp2
    assert describe(engine, 3, call) == (resp3 or resp2)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 9000])
def test_lists_of_any_length_cross_both_ways(engine: Engine, count: int) -> None:
    if count:
        engine.execute("RPUSH", "k", *range(count))
    reply = engine.execute("EVAL", "return redis.call('LRANGE', 'k', 0, -1)", 0)
    assert reply == [b"%d" % number for number in range(count)]


def test_pairs_stay_flat_for_a_resp2_script(engine: Engine) -> None:
    engine.execute("ZADD", "z", 1, "a", 2, "b")
    assert engine.execute("ZRANGE", "z", 0, -1, "WITHSCORES") == Pairs([(b"a", 1.0), (b"b", 2.0)])
    script = "return redis.call('ZRANGE', 'z', 0, -1, 'WITHSCORES')"
    assert engine.execute("EVAL", script, 0) == [b"a", b"1", b"b", b"2"]


def test_entries_of_streams_have_all_their_words_however_many() -> None:
    engine = Engine()
    for number in range(1, 200):
        words = [word for field in range(number % 3 + 1) for word in (f"f{field}", number)]
        engine.execute("XADD", "x", f"{number}-0", *words)
    for call in ("XRANGE", "x", "-", "+"), ("XRANGE", "x", "7-0", "9-0"), ("XRANGE", "x", "9", "7"):
        direct = [[entry_id, [*words]] for entry_id, words in engine.execute(*call)]
        assert engine.execute("EVAL", "return redis.call(unpack(ARGV))", 0, *call) == direct
        script = "redis.setresp(3) return redis.call(unpack(ARGV))"
        assert engine.execute("EVAL", script, 0, *call) == direct


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "1"], ["a", "2"]],
        [["a", "1"], ["b", "1"]],
        [["a", "1", "a", "2"], ["a", "3"], ["a", "4", "a", "5", "a", "6"]],
        [["a", "1", "b", "2"], ["a", "3", "b", "4"], ["a", "5", "b", "6"]],
        [["a", "1", "b", "2"], ["a", "3", "c", "4"]],
        [["f", str(number)] * 150 for number in range(3)],
        [["f", str(number)] * (150 + number) for number in range(3)],
        [["f", str(number)] for number in range(300)],
        [["a", str(number), "b", str(-number)] for number in range(1500)],
        [["a", str(number), "b", "2"][: 4 - 2 * (number == 700)] for number in range(1500)],
    ],
)
def test_entries_have_their_own_fields_whatever_those_of_others_are(rows: list[list[str]]) -> None:
    engine = Engine()
    for number, words in enumerate(rows, 1):
        engine.execute("XADD", "x", f"{number}-0", *words)
    entries = [[b"%d-0" % n, [w.encode() for w in words]] for n, words in enumerate(rows, 1)]
    assert engine.execute("EVAL", "return redis.call('XRANGE', 'x', '-', '+')", 0) == entries
    both = engine.execute("EVAL", "return redis.call('XREAD', 'STREAMS', 'x', 'x', '0', '1-0')", 0)
    assert both == [[b"x", entries], [b"x", entries[1:]]]


@pytest.mark.parametrize("resp", [2, 3])
@pytest.mark.parametrize(("fields", "size"), [(1, 1), (2, 1), (300, 1), (1, 100_000)])
def test_a_lone_entry_is_whole_however_it_is_found(resp: int, fields: int, size: int) -> None:
    engine = Engine()
    words = [b"%d" % word * size for word in range(2)] * fields
    engine.execute("XADD", "x", "7-0", *words)
    engine.execute("XGROUP", "CREATE", "x", "g", "0")
    entry = [b"7-0", words]
    for call in (
        "'XRANGE', 'x', '-', '+'", "'XRANGE', 'x', '7-0', '7-0'", "'XRANGE', 'x', '7', '7'",
        "'XREVRANGE', 'x', '+', '-', 'COUNT', 1",
    ):  # fmt: skip
        script = f"redis.setresp({resp}) return redis.call({call})"
        assert engine.execute("EVAL", script, 0) == [entry], call
    for name in "'XREAD'", "'XREADGROUP', 'GROUP', 'g', 'me'":
        start = "0" if name == "'XREAD'" else ">"
        found = f"redis.call({name}, 'COUNT', 1, 'STREAMS', 'x', '{start}')"
        script = f"local found = {found} return found[1][1] .. ' ' .. #found[1][2][1][2]"
        assert engine.execute("EVAL", script, 0) == b"x %d" % (2 * fields), name


@pytest.mark.parametrize("size", [0, 1, 100, 1000])
def test_arrays_of_strings_are_whole_however_long(size: int) -> None:
    engine = Engine()
    for number in range(size):
        engine.execute("RPUSH", "l", number)
        engine.execute("SADD", "s", number)
        engine.execute("HSET", "h", number, "v")
        engine.execute("ZADD", "z", number, number)
    for call in ("LRANGE", "l", 0, -1), ("SMEMBERS", "s"), ("ZRANGE", "z", 0, -1):
        found = engine.execute("EVAL", "return redis.call(unpack(ARGV))", 0, *call)
        assert found == [b"%d" % number for number in range(size)]
    found = engine.execute("EVAL", "return redis.call('HGETALL', 'h')", 0)
    assert found == [word for number in range(size) for word in (b"%d" % number, b"v")]


def test_a_null_among_strings_is_false_or_in_resp3_nil() -> None:
    engine = Engine()
    engine.execute("MSET", "a", 1, "c", 3)
    script = "local t = redis.call('MGET', 'a', 'b', 'c') return {t[1], type(t[2]), t[3]}"
    assert engine.execute("EVAL", script, 0) == [b"1", b"boolean", b"3"]
    assert engine.execute("EVAL", f"redis.setresp(3) {script}", 0) == [b"1", b"nil", b"3"]


HISTORY = """
redis.call('XGROUP', 'CREATE', 's', 'g', '0', 'MKSTREAM')
for i = 1, ARGV[1] do
  redis.call('XADD', 's', i, 'field', i)
  redis.call('XADD', 't', i, unpack({'a', 1, 'b', i}, 1, i % 2 == 0 and 4 or 2))
end
local new = redis.call('XREADGROUP', 'GROUP', 'g', 'me', 'STREAMS', 's', '>')
redis.call('XDEL', 's', 2)
local old = redis.call('XREADGROUP', 'GROUP', 'g', 'me', 'STREAMS', 's', 0)
local both = redis.call('XREAD', 'STREAMS', 's', 't', '0', ARGV[1] - 1)
return {#new[1][2], new[1][2][2][2][2], #old[1][2], tostring(old[1][2][2][2]), both}
"""


@pytest.mark.parametrize("count", [3, 400])
def test_what_is_read_of_streams_has_each_of_them_with_its_entries(count: int) -> None:
    seen, second, pending, gone, (of_s, of_t) = Engine().execute("EVAL", HISTORY, 0, count)
    assert (seen, second, pending, gone) == (count, b"2", count, b"false")
    assert of_s[0] == b"s"
    assert len(of_s[1]) == count - 1
    assert of_s[1][-1] == [b"%d-0" % count, [b"field", b"%d" % count]]
    words = [b"a", b"1", b"b", b"%d" % count] if count % 2 == 0 else [b"a", b"1"]
    assert of_t == [b"t", [[b"%d-0" % count, words]]]


ARRAYS = """
local many = {'MGET'}
for number = 1, 40 do
  many[number + 1] = 'no'
end
local shown = {}
for _, words in ipairs({
  {'LRANGE', 'no', 0, -1}, {'LRANGE', 'l', 0, 0}, {'lRaNgE', 'l', 0, -1}, {'SMEMBERS', 's'},
  {'HGETALL', 'h'}, {'HMGET', 'h', 'f', 'no'}, {'ZRANGE', 'z', 0, -1, 'WITHSCORES'},
  {'ZPOPMIN', 'no'}, {'PUBSUB', 'CHANNELS'}, many
}) do
  local reply = call(unpack(words))
  shown[#shown + 1] = #reply .. tostring(reply[1])
end
shown[#shown + 1] = call('XRANGE', 'x', '-', '+')[1][1]
shown[#shown + 1] = tostring(call('XREAD', 'STREAMS', 'x', '5'))
local reply = call('LRANGE', 's', 0, -1)
shown[#shown + 1] = tostring(reply.err):match('^%u+')
return shown
"""


@pytest.mark.parametrize(
    "way",
    [
        "return (function(call) %s end)(redis.pcall)",
        "local shown = coroutine.wrap(function() local call = redis.pcall %s end)() return shown",
    ],
)
@pytest.mark.parametrize("is_told", [False, True])
def test_commands_that_give_arrays_may_give_none_one_or_something_else(
    engine: Engine, way: str, is_told: bool
) -> None:
    for words in ("RPUSH l a b", "SADD s m", "HSET h f v", "ZADD z 1 m", "XADD x 1-0 f v"):
        engine.execute(*words.split())
    replies: list[Any] = []
    if is_told:
        engine.scripting.watchers.record_calls(lambda words, reply, *times: replies.append(reply))
    shown = engine.execute("EVAL", way % ARRAYS, 0)
    assert shown == [
        b"0nil", b"1a", b"2a", b"1m", b"2f", b"2v", b"2m", b"0nil", b"0nil", b"40false",
        b"1-0", b"false", b"WRONGTYPE",
    ]  # fmt: skip
    if is_told:
        assert replies[:4] == [[], [b"a"], [b"a", b"b"], [b"m"]]
        assert isinstance(replies[-1], ResponseError)


@pytest.mark.parametrize(
    ("call", "reply"),
    [
        ("'LPOS', 'l', '2'", 1),
        ("'LPOS', 'l', '2', 'COUNT', 0", [1, 3]),
        ("'LPOS', 'l', '2', 'COUNT', 0, 'RANK', 2", [3]),
        ("'LPOS', 'l', 'no', 'COUNT', 0", []),
        ("'SORT', 'l'", [b"1", b"2", b"2", b"3"]),
        ("'SORT', 'l', 'BY', 'no', 'LIMIT', 1, 1", [b"2"]),
        ("'SORT', 'l', 'STORE', 'sorted'", 4),
        ("'SRANDMEMBER', 's'", b"m"),
        ("'SRANDMEMBER', 's', 2", [b"m"]),
    ],
)
def test_what_gives_an_array_or_something_else_gives_it_each_time(
    engine: Engine, call: str, reply: Any
) -> None:
    engine.execute("RPUSH", "l", 3, 2, 1, 2)
    engine.execute("SADD", "s", "m")
    for _ in range(20):  # the first calls of a command are timed, and go another way
        assert engine.execute("EVAL", f"return redis.call({call})", 0) == reply
