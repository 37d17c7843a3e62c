"""How much memory values take, estimated from what they hold."""

from __future__ import annotations

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.value import Value

__all__ = ["key_memory", "keyspace_memory"]

#: What an empty server reports, roughly: scripts and tables that exist before any key.
BASE = 900_000
#: A key's entry in the database's table, beside its name and its value.
PER_KEY = 56


def value_memory(value: bytes | Value, samples: int = 5) -> int:
    """Estimate the bytes a value takes; `samples` elements stand for all (0: all)."""
    if isinstance(value, bytes):
        return len(value) + 8
    return value.memory(samples)


def key_memory(key: bytes, value: bytes | Value, samples: int = 5) -> int:
    """Estimate the bytes a key and its value take."""
    return PER_KEY + len(key) + value_memory(value, samples)


def keyspace_memory(keyspace: Keyspace) -> int:
    """Estimate the bytes that all keys take."""
    return BASE + sum(
        key_memory(key, value)
        for database in keyspace.databases
        for key, value in interruptible(database.entries.items())
    )
