"""A picture of the whole dataset, to compare with another one."""

from __future__ import annotations

from typing import Any

from redislua_kernel import Engine
from redislua_kernel.engine import Client
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.keyspace import Keyspace


def picture(engine: Engine, keyspace: Keyspace | None = None) -> dict[tuple[int, bytes], Any]:
    """Show every key: its type, encoding, expiry and whole value, as commands tell them.

    `keyspace` may be a view made by `fork`; by default the engine's own data is shown.
    """
    client = engine.client()
    with engine.keyspace.unit():  # one time for all reads
        seen = {
            (database.index, key): _look(client, database, key)
            for database in (keyspace or engine.keyspace).databases
            for key in sorted(database.entries)
            if database.exists(key)
        }
    client.close()
    return seen


def _look(client: Client, database: Database, key: bytes) -> Any:
    check = getattr(database.peek(key), "_check", None)
    if check is not None:
        check()
    client.db = database
    kind, encoding = client.execute("TYPE", key), client.execute("OBJECT", "ENCODING", key)
    content = _content(client.execute, kind, key, encoding == b"hashtable")
    return kind, encoding, client.execute("PEXPIRETIME", key), content


def _content(execute: Any, kind: bytes, key: bytes, is_unordered: bool) -> Any:
    if kind == b"string":
        return execute("GET", key)
    if kind == b"list":
        return execute("LRANGE", key, 0, -1)
    if kind == b"zset":
        return execute("ZRANGE", key, 0, -1, "WITHSCORES")
    if kind == b"stream":
        return execute("XINFO", "STREAM", key, "FULL", "COUNT", 0)
    if kind == b"set":
        members = list(execute("SMEMBERS", key))
        return sorted(members) if is_unordered else members
    fields = list(execute("HGETALL", key).items())
    times = [execute("HPEXPIRETIME", key, "FIELDS", 1, field) for field, _ in fields]
    rows = list(zip(fields, times, strict=True))
    return sorted(rows) if is_unordered else rows
