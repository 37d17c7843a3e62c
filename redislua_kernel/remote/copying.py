"""Copying a key from one backend to another: as DUMP has it, or else by commands.

Servers of different kinds and versions refuse each other's payloads; what commands can say of a
value, all of them understand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from redislua_kernel.backend import Argument
from redislua_kernel.reply import Reply, ResponseError, down_to_resp2

__all__ = ["copy_key"]

#: Runs a command; raises ResponseError.
Execute = Callable[..., Reply]

#: How many elements are moved with one command.
_AT_ONCE = 500


def copy_key(source: Execute, target: Execute, key: Argument) -> bool:
    """Copy a key with its time of expiry, in place of what the target has; False: there is none."""
    payload = source("DUMP", key)
    if payload is None:
        target("DEL", key)
        return False
    at = _expiry(source, key)
    try:
        target("RESTORE", key, at or 0, payload, "REPLACE", *(["ABSTTL"] if at else []))
    except ResponseError as error:
        if error.code == "CROSSSLOT":
            raise
        _copy_by_commands(source, target, key, at)
    return True


def _copy_by_commands(source: Execute, target: Execute, key: Argument, at: int | None) -> None:
    kind = bytes(source("TYPE", key)).decode()
    copy = _COPY.get(kind)
    if copy is None:
        raise ResponseError(f"ERR no commands say what is in a key of the type {kind}")
    target("DEL", key)
    copy(source, target, key)
    if at:
        target("PEXPIREAT", key, at)


def _expiry(source: Execute, key: Argument) -> int | None:
    """Give when a key expires, in milliseconds since the epoch; None: never."""
    try:
        at: int = source("PEXPIRETIME", key)
        return at if at > 0 else None
    except ResponseError:  # older than Redis 7
        left: int = source("PTTL", key)
        if left < 0:
            return None
        seconds, microseconds = source("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000 + left


def _copy_string(source: Execute, target: Execute, key: Argument) -> None:
    target("SET", key, source("GET", key))


def _copy_list(source: Execute, target: Execute, key: Argument) -> None:
    for elements in _lots(source("LRANGE", key, 0, -1)):
        target("RPUSH", key, *elements)


def _copy_set(source: Execute, target: Execute, key: Argument) -> None:
    for members in _lots(list(source("SMEMBERS", key))):
        target("SADD", key, *members)


def _copy_sorted_set(source: Execute, target: Execute, key: Argument) -> None:
    for pairs in _lots(_pairs(source("ZRANGE", key, 0, -1, "WITHSCORES"))):
        target("ZADD", key, *(word for member, score in pairs for word in (score, member)))


def _copy_hash(source: Execute, target: Execute, key: Argument) -> None:
    fields = _pairs(source("HGETALL", key))
    for pairs in _lots(fields):
        target("HSET", key, *(word for pair in pairs for word in pair))
    names = [name for name, _ in fields]
    try:
        times = source("HPEXPIRETIME", key, "FIELDS", len(names), *names)
    except ResponseError:  # fields do not expire there
        return
    for name, at in zip(names, times, strict=True):
        if at > 0:
            target("HPEXPIREAT", key, at, "FIELDS", 1, name)


def _copy_stream(source: Execute, target: Execute, key: Argument) -> None:
    for entry, fields in source("XRANGE", key, "-", "+"):
        target("XADD", key, entry, *fields)
    facts = dict(_pairs(source("XINFO", "STREAM", key)))
    last = facts[b"last-generated-id"]
    if not facts[b"length"]:  # an empty stream is made, and emptied
        target("XADD", key, last, "x", "x")
        target("XTRIM", key, "MAXLEN", 0)
    extra = []
    if b"entries-added" in facts:
        extra = ["ENTRIESADDED", facts[b"entries-added"]]
        extra += ["MAXDELETEDID", facts[b"max-deleted-entry-id"]]
    target("XSETID", key, last, *extra)
    for each in source("XINFO", "GROUPS", key):
        _copy_group(source, target, key, dict(_pairs(each)))


def _copy_group(source: Execute, target: Execute, key: Argument, group: dict[bytes, Reply]) -> None:
    name, read = group[b"name"], group.get(b"entries-read")
    extra = [] if read is None else ["ENTRIESREAD", read]
    target("XGROUP", "CREATE", key, name, group[b"last-delivered-id"], *extra)
    for each in source("XINFO", "CONSUMERS", key, name):
        target("XGROUP", "CREATECONSUMER", key, name, dict(_pairs(each))[b"name"])
    pending = source("XPENDING", key, name, "-", "+", group[b"pending"] or 1)
    for entry, consumer, idle, count in pending:
        words = ["IDLE", idle, "RETRYCOUNT", count, "FORCE", "JUSTID"]
        target("XCLAIM", key, name, consumer, 0, entry, *words)


def _pairs(reply: Reply) -> list[tuple[Reply, Reply]]:
    """Give pairs of a reply, whatever the RESP version."""
    flat = down_to_resp2(reply)
    if flat and isinstance(flat[0], list):  # RESP3 on the wire
        flat = [item for pair in flat for item in pair]
    return list(zip(flat[::2], flat[1::2], strict=True))


def _lots(items: Sequence[Reply]) -> Iterator[Sequence[Reply]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


_COPY = {
    "string": _copy_string,
    "list": _copy_list,
    "set": _copy_set,
    "zset": _copy_sorted_set,
    "hash": _copy_hash,
    "stream": _copy_stream,
}
