"""How a key's value is changed: the commands for each type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["EDITS", "Edit"]

#: Makes a command of a key, a name (a field, an index, a member) and a value.
Words = Callable[[bytes, bytes, bytes], list[bytes]]


@dataclass(frozen=True)
class Edit:
    """What can be set in values of a type; an empty label: there is nothing of that kind."""

    name: str
    value: str
    set: Words
    #: Takes away what is called so; None: no single command does.
    remove: Words | None = None


def _set_element(key: bytes, index: bytes, value: bytes) -> list[bytes]:
    return [b"LSET", key, index, value] if index else [b"RPUSH", key, value]


EDITS = {
    "string": Edit("", "value", lambda key, _, value: [b"SET", key, value, b"KEEPTTL"]),
    "hash": Edit(
        "field",
        "value",
        lambda key, field, value: [b"HSET", key, field, value],
        lambda key, field, _: [b"HDEL", key, field],
    ),
    "list": Edit("index (none: at the end)", "value", _set_element),
    "set": Edit(
        "member",
        "",
        lambda key, member, _: [b"SADD", key, member],
        lambda key, member, _: [b"SREM", key, member],
    ),
    "zset": Edit(
        "member",
        "score",
        lambda key, member, score: [b"ZADD", key, score, member],
        lambda key, member, _: [b"ZREM", key, member],
    ),
    "stream": Edit(
        "field (or an id to remove)",
        "value",
        lambda key, field, value: [b"XADD", key, b"*", field, value],
        lambda key, entry, _: [b"XDEL", key, entry],
    ),
}
