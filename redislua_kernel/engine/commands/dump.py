"""DUMP and RESTORE: a key's value as bytes that another server takes."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.eviction.uses import Frequency, Recency
from redislua_kernel.engine.long_elements import ELEMENTS
from redislua_kernel.engine.rdb.payload import verify
from redislua_kernel.engine.rdb.reader import Corrupt
from redislua_kernel.engine.rdb.values import read_value, write_value
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import INT64_MAX, Key, Words, parse_int
from redislua_kernel.engine.types.value import as_stored
from redislua_kernel.reply import OK, Reply

BUSY_KEY = CommandError("BUSYKEY Target key name already exists.")
BAD_DATA = CommandError("ERR Bad data format")


@command(
    "DUMP",
    flags="readonly",
    group="generic",
    since="2.6.0",
    complexity="O(N) where N is the number of nested elements; O(1) for strings.",
)
def dump(client: Client, key: Key) -> bytes | None:
    """Give the value at a key as a payload for RESTORE; null if there is none."""
    value = client.db.get(key)
    if value is None:
        return None
    engine = client.engine
    compresses = engine.config.values[b"rdbcompression"] == b"yes"
    return write_value(value, compresses=compresses, version=engine.dialect.rdb_version)


@command(
    "RESTORE",
    flags="write denyoom",
    group="generic",
    since="2.6.0",
    complexity="O(N) where N is the number of nested elements; O(1) for strings.",
    categories="keyspace dangerous",
)
def restore(client: Client, key: Key, ttl: bytes, payload: bytes, *options: Words) -> Reply:
    """Make a key of a payload that DUMP gave; a ttl of 0 milliseconds means that it stays."""
    chosen = _parse_options(options)
    db = client.db
    if not chosen.replace and db.exists(key):
        raise BUSY_KEY
    time = parse_int(ttl)
    if time < 0:
        raise CommandError("ERR Invalid TTL value, must be >= 0")
    verify(payload, client.engine.dialect.rdb_versions)
    try:
        value = read_value(payload, db.journal)
    except Corrupt:
        raise BAD_DATA from None
    ELEMENTS.were_long = True  # or may have been
    at = time + db.keyspace.now if time and not chosen.is_absolute else time
    deleted = db.remove(key)
    # A sum beyond 64 bits is, to the reference, a time long gone.
    if at and not db.keyspace.now < at <= INT64_MAX:
        if deleted:
            db.changed(key, b"del")
            db.effect(b"DEL", key)
        return OK
    db.store(key, as_stored(value))
    if at:
        db.expire_at(key, at)
    _remark(client, key, chosen)
    db.changed(key, b"restore")
    if at and not chosen.is_absolute:
        db.effect(b"RESTORE", key, b"%d" % at, payload, *options, b"ABSTTL")
    return OK


@command(
    "RESTORE-ASKING",
    flags="write denyoom asking",
    group="server",
    since="3.0.0",
    complexity="O(N) where N is the number of nested elements; O(1) for strings.",
    categories="keyspace dangerous",
)
def restore_asking(client: Client, key: Key, ttl: bytes, payload: bytes, *options: Words) -> Reply:
    """Restore a key that another node of a cluster is giving away."""
    return restore(client, key, ttl, payload, *options)


def _remark(client: Client, key: bytes, chosen: _Options) -> None:
    """Let a key be as old, or as often used, as the options say."""
    uses = client.engine.keyspace.uses
    if chosen.idle is not None:
        uses = client.engine.use_watch.ask()
        if isinstance(uses, Recency):
            client.db.remark(key, uses.idle_for(chosen.idle * 1000))
    elif chosen.frequency is not None and isinstance(uses, Frequency):
        client.db.remark(key, uses.counted(chosen.frequency))


class _Options(NamedTuple):
    replace: bool = False
    #: The ttl is a time since the epoch.
    is_absolute: bool = False
    #: The seconds since it was used, or how often it was.
    idle: int | None = None
    frequency: int | None = None


def _parse_options(words: tuple[bytes, ...]) -> _Options:
    chosen, place = _Options(), 0
    while place < len(words):
        option = words[place].upper()
        if option == b"REPLACE":
            chosen = chosen._replace(replace=True)
        elif option == b"ABSTTL":
            chosen = chosen._replace(is_absolute=True)
        elif option == b"IDLETIME" and chosen.frequency is None and place + 1 < len(words):
            place += 1
            chosen = chosen._replace(idle=_read_idle_time(words[place]))
        elif option == b"FREQ" and chosen.idle is None and place + 1 < len(words):
            place += 1
            chosen = chosen._replace(frequency=_read_frequency(words[place]))
        else:
            raise SYNTAX_ERROR
        place += 1
    return chosen


def _read_idle_time(word: bytes) -> int:
    seconds = parse_int(word)
    if seconds < 0:
        raise CommandError("ERR Invalid IDLETIME value, must be >= 0")
    return seconds


def _read_frequency(word: bytes) -> int:
    count = parse_int(word)
    if not 0 <= count <= 255:
        raise CommandError("ERR Invalid FREQ value, must be >= 0 and <= 255")
    return count
