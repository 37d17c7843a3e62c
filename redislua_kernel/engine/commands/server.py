"""The server as a whole: databases, time, role, and what reports on it."""

from __future__ import annotations

from redislua_kernel.engine.blocking import block, parse_milliseconds
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import (
    DATABASE_OUT_OF_RANGE,
    SYNTAX_ERROR,
    CommandError,
    out_of_range_between,
)
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Int, Words, parse_int, parse_int32
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import OK, Reply, Verbatim

WAIT_ON_REPLICA = CommandError(
    "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a "
    "replica is configured to be writable (which is not the default) writes to replicas are just "
    "local and are not propagated."
)
WAITAOF_ON_REPLICA = CommandError(
    "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas "
    "are just local and are not propagated."
)


@command(
    "DBSIZE",
    flags="readonly fast",
    group="server",
    since="1.0.0",
    complexity="O(1)",
    categories="keyspace",
)
def dbsize(db: Database) -> int:
    """Count the keys of the database."""
    return len(db.entries)


@command(
    "FLUSHDB",
    flags="write",
    group="server",
    since="1.0.0",
    complexity="O(1)",
    categories="keyspace dangerous",
)
def flushdb(client: Client, *mode: Words) -> Reply:
    """Delete all keys of the database."""
    _begin_flush(client, mode)
    # An empty database counts as a change too: the call is replicated all the same.
    client.engine.keyspace.dirty += client.db.clear() + 1
    return OK


@command(
    "FLUSHALL",
    flags="write",
    group="server",
    since="1.0.0",
    complexity="O(1)",
    categories="keyspace dangerous",
)
def flushall(client: Client, *mode: Words) -> Reply:
    """Delete all keys of all databases."""
    _begin_flush(client, mode)
    keyspace = client.engine.keyspace
    client.engine.persistence.flushed()
    keyspace.dirty += sum(database.clear() for database in keyspace.databases) + 1
    return OK


def _begin_flush(client: Client, mode: tuple[bytes, ...]) -> None:
    if len(mode) > 1 or (mode and mode[0].upper() not in (b"ASYNC", b"SYNC")):
        raise SYNTAX_ERROR
    # The reference lets a connection wait for another thread, and tells it of the keys meanwhile.
    client.engine.tracking.flushed()
    is_async = bool(mode) and mode[0].upper() == b"ASYNC"
    if client.send_messages is not None and not (is_async or client.in_exec or client.in_script):
        client.send_messages()


@command(
    "SWAPDB",
    flags="write fast",
    group="server",
    since="4.0.0",
    complexity="O(N) where N is the number of watched keys.",
    categories="keyspace dangerous",
)
def swapdb(client: Client, index1: bytes, index2: bytes) -> Reply:
    """Let two databases change places."""
    if client.engine.conditions.is_cluster:
        raise CommandError("ERR SWAPDB is not allowed in cluster mode")
    db = client.db
    first = _database(db, index1, "first")
    second = _database(db, index2, "second")
    databases = db.keyspace.databases
    if not (0 <= first < len(databases) and 0 <= second < len(databases)):
        raise DATABASE_OUT_OF_RANGE
    if first != second:
        databases[first].exchange(databases[second])
    db.keyspace.dirty += 1
    return OK


def _database(db: Database, index: bytes, place: str) -> int:
    try:
        return parse_int32(index)
    except ResponseError:
        raise CommandError(f"ERR invalid {place} DB index") from None


@command("TIME", flags="loading stale fast", group="server", since="2.6.0", complexity="O(1)")
def time_(db: Database) -> list[bytes]:
    """Give the time: seconds since the epoch, and microseconds."""
    seconds, microseconds = divmod(db.keyspace.now_us, 1_000_000)
    return [b"%d" % seconds, b"%d" % microseconds]


@command("LOLWUT", flags="readonly fast", group="server", since="5.0.0", complexity="O(1)")
def lolwut(client: Client, *options: Words) -> Reply:
    """Tell the version."""
    for word in options[1:] if options and options[0].upper() == b"VERSION" else options:
        parse_int(word)
    return Verbatim(client.engine.dialect.motto)


@command(
    "WAIT",
    flags="blocking",
    group="generic",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def wait(client: Client, numreplicas: Int, timeout: bytes) -> Reply:
    """Wait for replicas to have the writes so far; there are none, so the answer is 0."""
    if client.engine.conditions.master is not None:
        raise WAIT_ON_REPLICA
    milliseconds = parse_milliseconds(timeout, client.engine.keyspace.now)
    return block(client, (), None, milliseconds, 0) if numreplicas > 0 else 0


@command(
    "WAITAOF",
    flags="blocking",
    group="generic",
    since="7.2.0",
    complexity="O(1)",
    categories="connection",
)
def waitaof(client: Client, numlocal: Int, numreplicas: Int, timeout: bytes) -> Reply:
    """Wait for the writes so far to be on disk; nothing is kept there, so the answer is 0, 0."""
    if client.engine.conditions.master is not None:
        raise WAITAOF_ON_REPLICA
    if not 0 <= numlocal <= 1:
        raise out_of_range_between(0, 1)
    milliseconds = parse_milliseconds(timeout, client.engine.keyspace.now)
    if numlocal:
        raise CommandError(
            "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."
        )
    return block(client, (), None, milliseconds, [0, 0]) if numreplicas > 0 else [0, 0]
