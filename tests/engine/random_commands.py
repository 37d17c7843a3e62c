"""Random commands over every type, from a small vocabulary, so that they meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError

#: What the words in braces may become; every other word stays as it is.
PLACES = {
    "{key}": ("a", "b", "c", "d"),
    "{text}": ("", "x", "7", "-3", "1.5", "y" * 70),
    "{item}": ("1", "2", "3", "m", "n", "z" * 70),
    "{int}": ("-3", "-1", "0", "1", "2", "9"),
    "{bit}": ("0", "1"),
    "{offset}": ("0", "7", "33"),
    "{score}": ("-1", "0", "1.5", "1.5", "inf"),
    "{seconds}": ("-1", "1", "100"),
    "{id}": ("1-1", "2-1", "2-2", "5-0"),
    "{group}": ("g", "h"),
    "{reader}": ("alice", "bob"),
    "{db}": ("0", "1"),
    "{side}": ("LEFT", "RIGHT"),
}

TEMPLATES = """
SET {key} {text}
SET {key} {text} EX {seconds}
SET {key} {text} KEEPTTL
SETNX {key} {text}
GETSET {key} {text}
GETDEL {key}
GETEX {key} PERSIST
GETEX {key} EX {seconds}
MSET {key} {text} {key} {text}
INCR {key}
INCRBY {key} {int}
INCRBYFLOAT {key} {score}
APPEND {key} {text}
SETRANGE {key} {offset} {text}
SETBIT {key} {offset} {bit}
BITOP XOR {key} {key} {key}
BITFIELD {key} INCRBY u8 {offset} 5
PFADD {key} {item} {item}
PFMERGE {key} {key}
LPUSH {key} {item} {item}
LPUSH {key} {item}
RPUSH {key} {item}
RPUSHX {key} {item}
LPOP {key}
RPOP {key}
RPOP {key} 2
LSET {key} {int} {text}
LREM {key} {int} {item}
LTRIM {key} {int} {int}
LINSERT {key} BEFORE {item} {text}
LMOVE {key} {key} {side} {side}
BLPOP {key} {key} 0
LMPOP 2 {key} {key} {side}
SADD {key} {item} {item}
SREM {key} {item}
SPOP {key}
SPOP {key} 2
SMOVE {key} {key} {item}
SUNIONSTORE {key} {key} {key}
SDIFFSTORE {key} {key} {key}
SINTERSTORE {key} {key} {key}
HSET {key} {item} {text} {item} {text}
HSET {key} {item} {text}
HSETNX {key} {item} {text}
HDEL {key} {item} {item}
HINCRBY {key} {item} {int}
HINCRBYFLOAT {key} {item} 0.5
HEXPIRE {key} {seconds} FIELDS 1 {item}
HPERSIST {key} FIELDS 1 {item}
HGETDEL {key} FIELDS 1 {item}
HGETEX {key} EX {seconds} FIELDS 1 {item}
HSETEX {key} EX {seconds} FIELDS 1 {item} {text}
HSETEX {key} EX {seconds} FNX FIELDS 1 {item} {text}
ZADD {key} {score} {item} {score} {item}
ZADD {key} GT CH {score} {item}
ZINCRBY {key} {score} {item}
ZREM {key} {item}
ZPOPMIN {key}
ZPOPMAX {key} 2
ZREMRANGEBYRANK {key} {int} {int}
ZREMRANGEBYSCORE {key} {score} {score}
ZRANGESTORE {key} {key} 0 1
ZUNIONSTORE {key} 2 {key} {key}
ZINTERSTORE {key} 2 {key} {key}
GEOADD {key} 13.3 38.1 {item}
GEOSEARCHSTORE {key} {key} FROMLONLAT 13 38 BYRADIUS 500 km
XADD {key} * {item} {text}
XADD {key} {id} {item} {text}
XADD {key} MAXLEN 2 * {item} {text}
XDEL {key} {id}
XTRIM {key} MAXLEN 1
XSETID {key} 9-9
XGROUP CREATE {key} {group} 0 MKSTREAM
XGROUP CREATE {key} {group} $
XGROUP SETID {key} {group} 1-1
XGROUP CREATECONSUMER {key} {group} {reader}
XGROUP DELCONSUMER {key} {group} {reader}
XGROUP DESTROY {key} {group}
XREADGROUP GROUP {group} {reader} COUNT 2 STREAMS {key} >
XREADGROUP GROUP {group} {reader} NOACK STREAMS {key} >
XACK {key} {group} {id}
XCLAIM {key} {group} {reader} 0 {id}
XAUTOCLAIM {key} {group} {reader} 0 0
DEL {key} {key}
UNLINK {key}
RENAME {key} {key}
RENAMENX {key} {key}
COPY {key} {key}
COPY {key} {key} REPLACE
COPY {key} {key} DB 1
MOVE {key} 1
EXPIRE {key} {seconds}
PEXPIREAT {key} 1700000001000
PERSIST {key}
SORT {key} ALPHA STORE {key}
SWAPDB 0 1
SELECT {db}
FLUSHDB
EVAL return{redis.call('set',KEYS[1],ARGV[1]),redis.pcall('incr',KEYS[2])} 2 {key} {key} {item}
"""

Words = tuple[str, ...]


def _words(template: str) -> st.SearchStrategy[Words]:
    return st.tuples(
        *(
            st.sampled_from(PLACES[word]) if word in PLACES else st.just(word)
            for word in template.split(" ")
        )
    )


def commands(templates: str) -> st.SearchStrategy[Words]:
    """Give the words of any of these commands, one a line."""
    return st.sampled_from(templates.strip().splitlines()).flatmap(_words)


#: One command's words. Rare ones (FLUSHDB, SWAPDB) are as likely as any: data does not pile up.
COMMANDS = commands(TEMPLATES)


def run(engine: Engine, words: Words) -> Any:
    """Run a command; an error is a value, but never one that is the engine's own fault."""
    try:
        return engine.execute(*words)
    except ResponseError as error:
        assert "internal error" not in error.message  # noqa: PT017
        return error


def run_in_script(engine: Engine, words: Words) -> Any:
    """Run a command as a script does."""
    return run(engine, ("EVAL", "return redis.call(unpack(ARGV))", 0, *words))
