"""What commands do with their keys: the flags of the reference's key specifications.

    RO, RW, OW, RM                      the value is read, changed, replaced, or removed
    access, insert, delete, update      its data are given away or used, added to, taken
                                        from, or changed

A command that shows no more than whether there is something, or how much, has no `access`.
Access control asks for the right to read where there is `access`, and for the right to write
where there is one of the other three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntFlag
from functools import cache

from redislua_kernel.engine.counts import KeysAfterCount
from redislua_kernel.engine.registry import Command

__all__ = ["NOT_A_KEY", "Access", "access_of", "flags_of", "key_flags"]

_READS = "RO access"
_UPDATES = "RW access update"
_REPLACES = "OW update"

#: A channel, which has a slot in a cluster as keys have.
NOT_A_KEY = "not_key"

#: The commands whose flags are neither `_READS`, of those that only read, nor `_UPDATES`, of
#: those that write. Flags after a comma are those of the next key, the last those of the rest.
_TABLE = {
    "RO": """
        EXISTS TOUCH TYPE WATCH STRLEN LLEN HLEN HEXISTS HSTRLEN SCARD SISMEMBER ZCARD XLEN
        OBJECT|ENCODING OBJECT|REFCOUNT OBJECT|IDLETIME OBJECT|FREQ MEMORY|USAGE
        """,
    "RO access": "XREADGROUP",
    "RO access, OW update": "COPY SORT GEORADIUS GEORADIUSBYMEMBER",
    "RW access": "PFCOUNT PFDEBUG",
    "RW access update": "EVAL EVALSHA FCALL",
    "RW access insert, RO access": "PFMERGE",
    "RW access delete": """
        GETDEL HGETDEL LPOP RPOP LMPOP BLPOP BRPOP BLMPOP SPOP
        ZPOPMIN ZPOPMAX ZMPOP BZPOPMIN BZPOPMAX BZMPOP MIGRATE
        """,
    "RW access delete, OW update": "RENAME",
    "RW access delete, OW insert": "RENAMENX",
    "RW access delete, RW insert": "LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH SMOVE",
    "RW insert": """
        APPEND LPUSH LPUSHX RPUSH RPUSHX LINSERT HSETNX SADD PFADD
        XGROUP|CREATE XGROUP|CREATECONSUMER
        """,
    "RW delete": """
        LREM LTRIM HDEL SREM ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX
        XDEL XDELEX XTRIM XAUTOCLAIM XGROUP|DESTROY XGROUP|DELCONSUMER
        """,
    "RW delete update": "XACKDEL",
    "RW update": """
        EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST SETRANGE LSET ZADD GEOADD
        HSET HMSET HSETEX HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HPERSIST
        XADD XACK XCLAIM XSETID XGROUP|SETID
        """,
    "RM delete": "DEL UNLINK DELIFEQ",
    "OW insert": "SETNX MSETNX",
    "OW update": "SETEX PSETEX MSET RESTORE RESTORE-ASKING",
    "OW update, RO access": """
        BITOP SDIFFSTORE SINTERSTORE SUNIONSTORE ZDIFFSTORE ZINTERSTORE ZUNIONSTORE ZRANGESTORE
        GEOSEARCHSTORE
        """,
    NOT_A_KEY: "SPUBLISH SSUBSCRIBE SUNSUBSCRIBE",
}
_FLAGS = {
    name.lower(): flags.split(", ") for flags, names in _TABLE.items() for name in names.split()
}


class Access(IntFlag):
    """What a user must be allowed to do with a key."""

    NONE = 0
    READ = 1
    WRITE = 2


@cache
def access_of(flags: str) -> Access:
    """Tell which rights a key's flags ask for."""
    found = set(flags.split())
    reads = Access.READ if "access" in found else Access.NONE
    return reads | (Access.WRITE if found & {"insert", "delete", "update"} else Access.NONE)


def flags_of(command: Command) -> list[str]:
    """Give the flags of a command's keys, in their order; the last are those of the rest."""
    return _FLAGS.get(command.full_name) or [_UPDATES if command.is_write else _READS]


def key_flags(command: Command, words: Sequence[bytes]) -> list[tuple[bytes, str]]:
    """Give the keys of a call, its name included, each with its flags."""
    keys = command.keys_among(words)
    if keys and isinstance(command.find_keys, KeysAfterCount):
        bare = command.find_keys.without_flags(words[command.name_words :])
        if bare is not None:
            return [(key, "") for key in bare]
    decide = _BY_WORDS.get(command.name)
    flags = flags_of(command) if decide is None else [decide(words)]
    most = len(flags) - 1
    return [(key, flags[min(place, most)]) for place, key in enumerate(keys)]


def _set_flags(words: Sequence[bytes]) -> str:
    """SET replaces the value, and reads it first for GET."""
    return _UPDATES if any(word.upper() == b"GET" for word in words[3:]) else _REPLACES


#: How many words the operations of BITFIELD that change nothing take.
_HARMLESS = {b"GET": 3, b"OVERFLOW": 2}


def _bitfield_flags(words: Sequence[bytes]) -> str:
    """BITFIELD with nothing but GET only reads."""
    place = 2
    while place < len(words):
        length = _HARMLESS.get(words[place].upper())
        if length is None or place + length > len(words):
            return _UPDATES
        place += length
    return _READS


#: Commands whose flags depend on the call.
_BY_WORDS: dict[str, Callable[[Sequence[bytes]], str]] = {
    "SET": _set_flags,
    "BITFIELD": _bitfield_flags,
}
