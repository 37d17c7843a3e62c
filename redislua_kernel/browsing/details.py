"""What there is to tell of a key: type, time to live, size, encoding, memory."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.memory.usage import server_memory
from redislua_kernel.engine.types.encoding import encoding_of
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value, as_value, type_of

__all__ = ["UNITS", "KeyDetails", "live_value", "read_details"]


class KeyDetails(NamedTuple):
    """One key; times in milliseconds, memory in bytes, as MEMORY USAGE estimates it."""

    type: str
    #: When it expires, since the epoch; None: never.
    expires: int | None
    #: The milliseconds left; None: it never expires.
    ttl: int | None
    size: int
    #: What `size` counts: byte, field, element, member, entry.
    unit: str
    encoding: str
    memory: int


#: What the size of a type counts; of others: bytes.
UNITS = {"hash": "field", "list": "element", "set": "member", "zset": "member", "stream": "entry"}


def live_value(database: Database, key: bytes) -> bytes | Value | None:
    """Give a key's value as it lies there; None: there is none, or it has expired."""
    at = database.expires.get(key)
    if at is not None and at < database.keyspace.clock() // 1000:
        return None
    stored = database.entries.get(key)
    return None if stored is None else as_value(stored, database.journal)


def read_details(database: Database, key: bytes) -> KeyDetails | None:
    """Give what there is to tell of a key; None: there is none, or it has expired."""
    value = live_value(database, key)
    if value is None:
        return None
    at = database.expires.get(key)
    now = database.keyspace.clock() // 1000
    kind = type_of(value).decode()
    return KeyDetails(
        type=kind,
        expires=at,
        ttl=None if at is None else max(at - now, 0),
        size=_size(value, now),
        unit=UNITS.get(kind, "byte"),
        encoding=encoding_of(key, value, at is not None).decode(),
        memory=server_memory(key, value, expires=at is not None),
    )


def _size(value: bytes | Value, now: int) -> int:
    if isinstance(value, RawString):
        return len(value.data)
    if isinstance(value, Hash) and value.soonest < now:
        return len(value) - sum(at < now for at in value.expires.values())
    return len(value)  # type: ignore[arg-type]
