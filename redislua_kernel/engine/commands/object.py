"""OBJECT and MEMORY: how a value is kept, and how much it takes."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.eviction.uses import Frequency, Recency
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.memory.gauge import STARTUP, table_overhead
from redislua_kernel.engine.memory.usage import server_memory
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.encoding import encoding_of
from redislua_kernel.reply import OK, Reply, Verbatim

NO_FREQUENCY = CommandError(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note "
    "that when switching between policies at runtime LRU and LFU data will take some time to "
    "adjust."
)
NO_IDLE_TIME = CommandError(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
    "switching between policies at runtime LRU and LFU data will take some time to adjust."
)

#: With less memory than this, there is nothing to find.
_LITTLE = 5 << 20

NEARLY_EMPTY = Verbatim(
    b"Hi Sam, this instance is empty or is using very little memory, my issues detector can't be "
    b"used in these conditions. Please, leave for your mission on Earth and fill it with some "
    b"data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"
)
HEALTHY = Verbatim(
    b"Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs "
    b"on this base.\n"
)


@command("OBJECT ENCODING", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_encoding(db: Database, key: Key) -> bytes | None:
    """Tell how the value at a key is kept: listpack, hashtable, skiplist, int, …"""
    value = db.peek(key)
    return None if value is None else encoding_of(key, value, db.expiry(key) is not None)


@command("OBJECT REFCOUNT", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_refcount(db: Database, key: Key) -> int | None:
    """Count the references to the value at a key: each value has one."""
    return 1 if db.exists(key) else None


@command("OBJECT IDLETIME", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_idletime(client: Client, key: Key) -> int | None:
    """Give the seconds since a key was used."""
    if not client.db.exists(key):
        return None
    uses = client.engine.use_watch.ask()
    if not isinstance(uses, Recency):
        raise NO_IDLE_TIME
    return uses.coldness(client.db.mark(key)) // 1000


@command("OBJECT FREQ", flags="readonly", group="generic", since="4.0.0", complexity="O(1)")
def object_freq(client: Client, key: Key) -> int | None:
    """Give how often a key is used, under an LFU policy: a count that grows ever more slowly."""
    if not client.db.exists(key):
        return None
    uses = client.engine.keyspace.uses
    if not isinstance(uses, Frequency):
        raise NO_FREQUENCY
    return uses.count(client.db.mark(key))


@command("OBJECT HELP", flags="loading stale", group="generic", since="6.2.0", complexity="O(1)")
def object_help(client: Client) -> Reply:
    """Explain the subcommands of OBJECT."""
    return help_reply("OBJECT")


@command(
    "MEMORY USAGE",
    flags="readonly",
    group="server",
    since="4.0.0",
    complexity="O(N) where N is the number of samples.",
)
def memory_usage(db: Database, key: Key, *options: Words) -> int | None:
    """Estimate the bytes a key and its value take; SAMPLES 0 looks at every element."""
    samples = 5
    for place in range(0, len(options), 2):
        if options[place].upper() != b"SAMPLES" or place + 1 == len(options):
            raise SYNTAX_ERROR
        samples = parse_int(options[place + 1])
        if samples < 0:
            raise SYNTAX_ERROR
    value = db.peek(key)
    if value is None:
        return None
    return server_memory(key, value, samples, expires=db.expiry(key) is not None)


@command("MEMORY DOCTOR", flags="", group="server", since="4.0.0", complexity="O(1)")
def memory_doctor(client: Client) -> Verbatim:
    """Report on problems with memory."""
    if client.engine.used_memory() < _LITTLE:
        return NEARLY_EMPTY
    return HEALTHY


@command("MEMORY MALLOC-STATS", flags="", group="server", since="4.0.0", complexity="O(1)")
def memory_malloc_stats(client: Client) -> bytes:
    """Report on the allocator: Python's, of which there is nothing to tell."""
    return b"Stats not supported for the current allocator"


@command("MEMORY PURGE", flags="", group="server", since="4.0.0", complexity="O(1)")
def memory_purge(client: Client) -> Reply:
    """Give unused memory back; the engine keeps none."""
    return OK


@command(
    "MEMORY STATS",
    flags="",
    group="server",
    since="4.0.0",
    complexity="O(N) where N is the number of keys.",
)
def memory_stats(client: Client) -> Reply:
    """Tell where the memory goes, estimated."""
    engine = client.engine
    memory = engine.memory.report()
    databases = engine.keyspace.databases
    keys = sum(len(database.entries) for database in databases)
    return {
        b"peak.allocated": memory.peak,
        b"total.allocated": memory.used,
        b"startup.allocated": STARTUP,
        b"replication.backlog": 0,
        b"replica.fullsync.buffer": 0,
        b"clients.slaves": 0,
        b"cluster.links": 0,
        b"aof.buffer": 0,
        b"lua.caches": engine.scripting.scripts.memory(),
        **{b"db.%d" % each.index: _tables(each) for each in databases if each.entries},
        b"overhead.total": memory.overhead,
        b"keys.count": keys,
        b"keys.bytes-per-key": (memory.used - STARTUP) // keys if keys else 0,
        b"dataset.bytes": memory.dataset,
        b"dataset.percentage": memory.dataset_percentage,
        b"peak.percentage": memory.peak_percentage,
        b"fragmentation": memory.fragmentation,
        b"fragmentation.bytes": memory.resident - memory.used,
    }


def _tables(database: Database) -> Reply:
    keys, times = table_overhead(database)
    return {b"overhead.hashtable.main": keys, b"overhead.hashtable.expires": times}


@command("MEMORY HELP", flags="loading stale", group="server", since="4.0.0", complexity="O(1)")
def memory_help(client: Client) -> Reply:
    """Explain the subcommands of MEMORY."""
    return help_reply("MEMORY")
