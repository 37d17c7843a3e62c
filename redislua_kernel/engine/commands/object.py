"""OBJECT and MEMORY: how a value is kept, and how much it takes."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.memory import BASE, key_memory
from redislua_kernel.engine.registry import command, help_reply
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.value import Value
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

#: A key, its value and its expiry are kept in one piece up to so many bytes.
_EMBEDDED = 41
_EXPIRY = 8


@command("OBJECT ENCODING", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_encoding(db: Database, key: Key) -> bytes | None:
    """Tell how the value at a key is kept: listpack, hashtable, skiplist, int, …"""
    value = db.get(key)
    if value is None:
        return None
    if isinstance(value, RawString) and value.is_text:
        text: bytes | bytearray = value.data
    elif isinstance(value, Value):
        return value.encoding()
    elif as_integer(text := value) is not None:
        return b"int"
    length = len(key) + len(text) + _EXPIRY * (db.expiry(key) is not None)
    return b"embstr" if length <= _EMBEDDED else b"raw"


@command("OBJECT REFCOUNT", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_refcount(db: Database, key: Key) -> int | None:
    """Count the references to the value at a key: each value has one."""
    return 1 if db.exists(key) else None


@command("OBJECT IDLETIME", flags="readonly", group="generic", since="2.2.3", complexity="O(1)")
def object_idletime(client: Client, key: Key) -> int | None:
    """Give the seconds since a key was used; reads are not tracked, so always 0."""
    if not client.db.exists(key):
        return None
    if b"lfu" in client.engine.config.values[b"maxmemory-policy"]:
        raise NO_IDLE_TIME
    return 0


@command("OBJECT FREQ", flags="readonly", group="generic", since="4.0.0", complexity="O(1)")
def object_freq(client: Client, key: Key) -> int | None:
    """Give how often a key is used, under an LFU policy; reads are not tracked, so always 0."""
    if not client.db.exists(key):
        return None
    if b"lfu" not in client.engine.config.values[b"maxmemory-policy"]:
        raise NO_FREQUENCY
    return 0


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
    value = db.get(key)
    return None if value is None else key_memory(key, value, samples)


@command("MEMORY DOCTOR", flags="", group="server", since="4.0.0", complexity="O(1)")
def memory_doctor(client: Client) -> Verbatim:
    """Report on problems with memory."""
    # An embedded engine has no allocator to examine: it answers as an empty server does.
    return Verbatim(
        b"Hi Sam, this instance is empty or is using very little memory, my issues detector "
        b"can't be used in these conditions. Please, leave for your mission on Earth and fill it "
        b"with some data. The new Sam and I will be back to our programming as soon as I finished "
        b"rebooting.\n"
    )


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
    used = engine.used_memory()
    keys = sum(len(database.entries) for database in engine.keyspace.databases)
    return {
        b"total.allocated": used,
        b"startup.allocated": BASE,
        b"keys.count": keys,
        b"keys.bytes-per-key": (used - BASE) // keys if keys else 0,
        b"dataset.bytes": used - BASE,
    }


@command("MEMORY HELP", flags="loading stale", group="server", since="4.0.0", complexity="O(1)")
def memory_help(client: Client) -> Reply:
    """Explain the subcommands of MEMORY."""
    return help_reply("MEMORY")
