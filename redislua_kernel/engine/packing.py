"""Packs, in moments when nothing else is to do, the collections that nobody looked at since.

A round goes through all keys, some at a time, once enough was changed or unpacked since the last
one. What it packs too early costs its next user a moment, and no more than once a round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.keyspace import Keyspace

__all__ = ["Packing"]

#: So many keys are looked at in one step: about a millisecond's work.
_STEP = 512

#: A round is worth its while after so many changes, and one for so many keys.
_LEAST_CHANGES = 1000
_KEYS_A_CHANGE = 16


class Packing:
    """Which keys of a keyspace are still to be looked at."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        self._left: list[tuple[Database, list[bytes]]] = []
        #: How many changes there were when the last round began.
        self._seen = 0

    def step(self) -> bool:
        """Pack some collections; tell whether there is more to do. Not while a unit is open."""
        if not self._left and not self._begin():
            return False
        database, keys = self._left[-1]
        database.pack(keys[-_STEP:])
        del keys[-_STEP:]
        if not keys:
            self._left.pop()
        return True

    def _begin(self) -> bool:
        """Begin a round if it is worth its while; tell whether it is."""
        keyspace = self._keyspace
        changes = keyspace.dirty + keyspace.unpacked
        used = [database for database in keyspace.databases if database.entries]
        count = sum(len(database.entries) for database in used)
        if changes - self._seen < max(_LEAST_CHANGES, count // _KEYS_A_CHANGE) or not used:
            return False
        self._seen = changes
        self._left = [(database, list(database.entries)) for database in used]
        return True
