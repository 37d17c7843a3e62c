"""The names of a database's keys: listed, filtered, searched."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.glob import compile_glob

__all__ = ["list_names", "matching", "searched"]

_SPECIAL = b"*?[\\"


def list_names(database: Database) -> list[bytes]:
    """Give the names of all live keys, in no order."""
    now = database.keyspace.clock() // 1000
    expired = {key for key, at in database.expires.items() if at < now}
    entries = database.entries
    return [key for key in entries if key not in expired] if expired else list(entries)


def matching(names: list[bytes], pattern: bytes) -> list[bytes]:
    """Give the names that fit a glob pattern, as KEYS reads it."""
    if pattern == b"*":
        return names
    prefix = pattern.removesuffix(b"*")
    if pattern != prefix and not _is_special(prefix):  # the usual pattern, and the quickest
        return [name for name in names if name.startswith(prefix)]
    match = compile_glob(pattern)
    return [name for name in names if match(name)]


def searched(names: list[bytes], text: bytes) -> list[bytes]:
    """Give the names that a search finds: a glob pattern, or a text within, in any case."""
    if not text:
        return names
    if _is_special(text):
        match = compile_glob(text, ignore_case=True)
        return [name for name in names if match(name)]
    text = text.lower()
    return [name for name in names if text in name.lower()]


def _is_special(text: Sequence[int]) -> bool:
    return any(char in text for char in _SPECIAL)
