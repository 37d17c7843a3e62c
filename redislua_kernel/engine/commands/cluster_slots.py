"""CLUSTER's subcommands about slots: which slot a key is in, and which keys a slot has.

The keys of a slot are found by looking at all keys: the engine keeps no table of slots.
"""

from __future__ import annotations

from collections import Counter

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.cluster import require_cluster
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, subcommand_syntax
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.engine.slots import SLOTS, key_slot
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Reply

_COST = "O(N) where N is the number of all keys."

BAD_SLOT = CommandError("ERR Invalid or out of range slot")
BAD_LIMIT = CommandError(
    f"ERR Limit has to lie in between 1 and {SLOTS} (maximum number of slots)."
)
FILTERED_TWICE = CommandError("ERR Multiple filters of the same type are disallowed.")


def parse_slot(word: bytes) -> int:
    """Read the number of a slot."""
    return _parse_between(word, 0, SLOTS - 1, BAD_SLOT)


def _parse_between(word: bytes, least: int, most: int, problem: CommandError) -> int:
    try:
        number = parse_int(word)
    except ResponseError:
        raise problem from None
    if not least <= number <= most:
        raise problem
    return number


@command("CLUSTER KEYSLOT", flags="stale", group="cluster", since="3.0.0", complexity="O(N)")
def cluster_keyslot(client: Client, key: bytes) -> int:
    """Give the slot of a key."""
    require_cluster(client)
    return key_slot(key)


@command("CLUSTER COUNTKEYSINSLOT", flags="stale", group="cluster", since="3.0.0", complexity=_COST)
def cluster_countkeysinslot(client: Client, slot: bytes) -> int:
    """Count the keys in a slot."""
    database = require_cluster(client).keyspace[0]
    number = parse_int(slot)
    if not 0 <= number < SLOTS:
        raise CommandError("ERR Invalid slot")
    return _count_keys(database)[number]


@command("CLUSTER GETKEYSINSLOT", flags="stale", group="cluster", since="3.0.0", complexity=_COST)
def cluster_getkeysinslot(client: Client, slot: bytes, count: bytes) -> list[bytes]:
    """List some of the keys in a slot."""
    database = require_cluster(client).keyspace[0]
    number, most = parse_int(slot), parse_int(count)
    if not 0 <= number < SLOTS or most < 0:
        raise CommandError("ERR Invalid slot or number of keys")
    return [key for key in database.entries if key_slot(key) == number][:most]


@command(
    "CLUSTER SLOT-STATS", flags="loading stale", group="cluster", since="8.2.0", complexity=_COST
)
def cluster_slot_stats(client: Client, by: bytes, value: bytes, *more: Words) -> Reply:
    """Count the keys of slots: of SLOTSRANGE first last, or ORDERBY KEY-COUNT."""
    counts = _count_keys(require_cluster(client).keyspace[0])
    if by.upper() == b"SLOTSRANGE" and len(more) == 1:
        first, last = parse_slot(value), parse_slot(more[0])
        if first > last:
            raise CommandError(
                f"ERR Start slot number {first} is greater than end slot number {last}"
            )
        slots: list[int] = list(range(first, last + 1))
    elif by.upper() == b"ORDERBY":
        slots = _ordered(counts, value, more)
    else:
        raise subcommand_syntax(client.words[1], "cluster")
    return [[slot, {b"key-count": counts[slot]}] for slot in slots]


def _ordered(counts: Counter[int], metric: bytes, options: tuple[bytes, ...]) -> list[int]:
    if metric.lower() != b"key-count":
        raise CommandError("ERR Unrecognized sort metric for ORDERBY.")
    limit: int | None = None
    direction: bytes | None = None
    words = iter(options)
    for word in words:
        option = word.upper()
        if option == b"LIMIT":
            given = _parse_between(next(words, b""), 1, SLOTS, BAD_LIMIT)
            if limit is not None:
                raise FILTERED_TWICE
            limit = given
        elif option in (b"ASC", b"DESC"):
            if direction is not None:
                raise FILTERED_TWICE
            direction = option
        else:
            raise SYNTAX_ERROR
    sign = 1 if direction == b"ASC" else -1
    return sorted(range(SLOTS), key=lambda slot: (sign * counts[slot], slot))[:limit]


def _count_keys(database: Database) -> Counter[int]:
    return Counter(map(key_slot, database.entries))
