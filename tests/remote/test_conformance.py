"""Every backend gives the same replies, of the same types, to the same commands.

The embedded engine, Redis 8.2.3, Valkey 9.1.2, the redis-server of Debian and a cluster.
"""

from __future__ import annotations

from typing import Any

import pytest

from redislua_kernel.backend import Backend
from redislua_kernel.reply import (
    NULL_ARRAY,
    QUEUED,
    BigNumber,
    Map,
    NullArray,
    Pairs,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
    down_to_resp2,
)

LIBRARY = """#!lua name=mylib
redis.register_function{function_name='read', flags={'no-writes'},
  callback=function(keys) return redis.call('GET', keys[1]) end}
redis.register_function('write', function(keys, args)
  return redis.call('SET', keys[1], args[1]) end)
"""

#: What a script may return in RESP3, and the value that it is then.
RESP3_VALUES: dict[str, Reply] = {
    "1": 1,
    "'a'": b"a",
    "false": False,
    "{}": [],
    "{ok = 'fine'}": Status(b"fine"),
    "{double = 1.5}": 1.5,
    "{map = {a = 1}}": {b"a": 1},
    "{set = {a = true}}": SetReply([b"a"]),
    "{big_number = '123456789012345678901234567890'}": BigNumber(b"123456789012345678901234567890"),
    "{verbatim_string = {string = 'x', format = 'mkd'}}": Verbatim(b"x", b"mkd"),
    "{1, {2, 'x', {err = 'ERR inner'}}}": [1, [2, b"x", ResponseError("ERR inner")]],
}


def shaped(backend: Backend, *words: Any) -> Reply:
    """Run a command, and give its reply as it is shown: a server has shaped it already."""
    reply = backend.execute(*words)
    if backend.resp == 2:
        return down_to_resp2(reply)
    return None if isinstance(reply, NullArray) else reply


def fails(backend: Backend, *words: Any) -> str:
    with pytest.raises(ResponseError) as caught:
        backend.execute(*words)
    return caught.value.message


def test_it_begins_in_database_0_with_resp2(backend: Backend) -> None:
    assert backend.database == 0
    assert backend.resp == 2
    assert backend.execute("PING") == Status(b"PONG")


def test_words_may_be_text_bytes_and_numbers(backend: Backend) -> None:
    assert backend.execute("SET", b"\xff\x00\r\n", 1.5) == Status(b"OK")
    assert backend.execute("GET", b"\xff\x00\r\n") == b"1.5"
    assert backend.execute("INCRBY", "n", 5) == 5


@pytest.mark.parametrize("resp", [2, 3])
@pytest.mark.parametrize("value", RESP3_VALUES)
def test_a_reply_keeps_its_type(backend: Backend, resp: int, value: str) -> None:
    backend.execute("HELLO", resp)
    assert backend.resp == resp
    reply = shaped(backend, "EVAL", f"redis.setresp(3) return {value}", 0)
    expected = RESP3_VALUES[value] if resp == 3 else down_to_resp2(RESP3_VALUES[value])
    assert reply == expected
    assert type(reply) is type(expected)


@pytest.mark.parametrize(
    ("words", "resp2", "resp3"),
    [
        ("HGETALL h", [b"f", b"v"], {b"f": b"v"}),
        ("SMEMBERS s", [b"m"], SetReply([b"m"])),
        ("ZSCORE z m", b"1.5", 1.5),
        ("ZRANGE z 0 -1 WITHSCORES", [b"m", b"1.5"], [[b"m", 1.5]]),
        ("GET nothing", None, None),
        ("LPOP nothing 2", NULL_ARRAY, None),
        ("BLPOP nothing 0.01", NULL_ARRAY, None),
        ("TYPE h", Status(b"hash"), Status(b"hash")),
    ],
)
def test_commands_reply_in_the_chosen_version(
    backend: Backend, words: str, resp2: Reply, resp3: Reply
) -> None:
    for command in ("HSET h f v", "SADD s m", "ZADD z 1.5 m"):
        backend.execute(*command.split())
    for version, expected in ((2, resp2), (3, resp3)):
        backend.execute("HELLO", version)
        reply = shaped(backend, *words.split())
        if isinstance(reply, Pairs):
            reply = [list(pair) for pair in reply]
        assert reply == expected
        if not isinstance(reply, list):
            assert type(reply) is type(expected)


def test_an_error_is_raised_with_the_servers_own_text(backend: Backend) -> None:
    backend.execute("SET", "k", "v")
    wrong = "WRONGTYPE Operation against a key holding the wrong kind of value"
    assert fails(backend, "LPUSH", "k", "x") == wrong
    assert fails(backend, "NOPE", "a").startswith("ERR unknown command 'NOPE'")
    assert fails(backend, "EVAL", "return redis.error_reply('MINE \xff')", 0) == "MINE \xff"
    assert fails(backend, "EVALSHA", "0" * 40, 0).startswith("NOSCRIPT No matching script.")
    assert backend.execute("PING") == Status(b"PONG")


def test_an_error_in_a_script_names_the_line(backend: Backend) -> None:
    message = fails(backend, "EVAL", "local a\nerror('boom')", 0)
    assert "user_script:2: boom" in message


def test_scripts_see_keys_and_arguments(backend: Backend) -> None:
    script = "return {KEYS[1], KEYS[2], ARGV[1], #ARGV}"
    reply = backend.execute("EVAL", script, 2, "{t}a", "{t}b", "x", "y")
    assert reply == [b"{t}a", b"{t}b", b"x", 2]
    sha = backend.execute("SCRIPT", "LOAD", script)
    assert backend.execute("EVALSHA", sha, 2, "{t}a", "{t}b", "x") == [b"{t}a", b"{t}b", b"x", 1]


def test_the_script_cache_is_looked_after(backend: Backend) -> None:
    sha = backend.execute("SCRIPT", "LOAD", "return 1")
    assert sha == b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
    assert backend.execute("SCRIPT", "EXISTS", sha, "0" * 40) == [1, 0]
    assert backend.execute("SCRIPT", "FLUSH") == Status(b"OK")
    assert backend.execute("SCRIPT", "EXISTS", sha) == [0]
    assert fails(backend, "SCRIPT", "KILL") == "NOTBUSY No scripts in execution right now."
    assert backend.execute("SCRIPT", "HELP")


def test_libraries_are_loaded_called_listed_and_deleted(backend: Backend) -> None:
    assert backend.execute("FUNCTION", "LOAD", LIBRARY) == b"mylib"
    assert fails(backend, "FUNCTION", "LOAD", LIBRARY) == "ERR Library 'mylib' already exists"
    assert backend.execute("FUNCTION", "LOAD", "REPLACE", LIBRARY) == b"mylib"
    for key in ("a", "b", "c"):  # in a cluster, of one node each
        assert backend.execute("FCALL", "write", 1, key, "v") == Status(b"OK")
        assert backend.execute("FCALL_RO", "read", 1, key) == b"v"
    (listed,) = shaped(backend, "FUNCTION", "LIST", "LIBRARYNAME", "my*")
    assert listed[:2] == [b"library_name", b"mylib"]
    payload = backend.execute("FUNCTION", "DUMP")
    assert backend.execute("FUNCTION", "DELETE", "mylib") == Status(b"OK")
    assert "Function not found" in fails(backend, "FCALL", "read", 1, "a")
    assert backend.execute("FUNCTION", "RESTORE", payload) == Status(b"OK")
    assert backend.execute("FCALL", "read", 1, "a") == b"v"
    assert fails(backend, "FUNCTION", "KILL").startswith("NOTBUSY")
    assert shaped(backend, "FUNCTION", "STATS")[:2] == [b"running_script", None]
    assert backend.execute("FUNCTION", "FLUSH") == Status(b"OK")
    assert backend.execute("FUNCTION", "LIST") == []


def test_a_transaction_is_queued_and_run(backend: Backend) -> None:
    backend.execute("WATCH", "k")
    assert backend.execute("MULTI") == Status(b"OK")
    assert backend.execute("SET", "k", "1") == QUEUED
    assert backend.execute("LPUSH", "k", "1") == QUEUED
    ok, error = backend.execute("EXEC")
    assert ok == Status(b"OK")
    assert isinstance(error, ResponseError)
    assert error.code == "WRONGTYPE"
    backend.execute("WATCH", "k")
    backend.execute("MULTI")
    assert fails(backend, "NOPE").startswith("ERR unknown command")
    assert fails(backend, "EXEC").startswith("EXECABORT")


def test_the_database_is_known(backend: Backend, request: pytest.FixtureRequest) -> None:
    if "cluster" in request.node.name:
        assert fails(backend, "SELECT", 1)
        return
    backend.execute("SELECT", 3)
    assert backend.database == 3
    for words in (["MULTI"], ["SELECT", 4], ["EXEC"]):
        backend.execute(*words)
    assert backend.database == 4
    backend.execute("RESET")
    assert backend.database == 0


def test_large_replies_come_whole(backend: Backend) -> None:
    value = b"x\r\n" * 500_000
    backend.execute("SET", "k", value)
    assert backend.execute("GET", "k") == value
    reply = backend.execute("EVAL", "local t = {} for i = 1, 50000 do t[i] = i end return t", 0)
    assert reply == list(range(1, 50_001))


def test_maps_with_keys_that_no_dict_has(backend: Backend) -> None:
    backend.execute("HELLO", 3)
    script = "redis.setresp(3) return {map = {[1] = 'a'}}"
    assert backend.execute("EVAL", script, 0) == {1: b"a"}
    assert not isinstance(backend.execute("EVAL", script, 0), Map)
