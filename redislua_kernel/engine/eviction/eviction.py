"""Eviction: how keys make room when the memory is full, as maxmemory-policy says.

Like the reference, it looks at a few keys at a time (maxmemory-samples) and deletes the best of
those it has seen. It runs before a client's command, never between the calls of a script.
"""

from __future__ import annotations

from bisect import insort
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.eviction.watched import Drawable, WatchedEntries

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["Eviction"]

#: So many of the best keys that were seen are remembered.
_POOL = 16
#: What the pool goes by, and nothing else: the names of keys do not matter.
_GOODNESS = itemgetter(0)
#: After so many keys it looks whether it has taken too long.
_BATCH = 16


class Eviction:
    """Deletes keys of an engine until its memory is below the limit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: How many keys were evicted.
        self.evicted = 0
        #: The best keys that were seen: (how good, database, key), the best one last.
        self._pool: list[tuple[int, int, bytes]] = []
        #: The database from which a key was taken last.
        self._turn = 0
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        config = self._engine.config
        scope, _, self._rank = config.values[b"maxmemory-policy"].partition(b"-")
        self._is_volatile = scope == b"volatile"
        #: Whether anything may be evicted at all.
        self.is_on = scope != b"noeviction"
        self._samples = config.integer(b"maxmemory-samples")
        self._seconds = _seconds(config.integer(b"maxmemory-eviction-tenacity"))
        self._pool.clear()

    def make_room(self) -> bool:
        """Evict while the memory is above the limit; False: what needs memory cannot have it.

        It stops after a while (maxmemory-eviction-tenacity), and is to go on another time.
        """
        engine = self._engine
        limit = engine.conditions.memory_limit
        if not limit or engine.pause.is_on() or engine.used_memory() <= limit:
            return True
        if not self.is_on:
            return False
        began = monotonic()
        try:
            return self._delete_until(limit, began + self._seconds)
        finally:
            engine.latency.note(b"eviction-cycle", monotonic() - began)

    def _delete_until(self, limit: int, stop: float) -> bool:
        engine, evicted = self._engine, 0
        while engine.used_memory() > limit:
            victim = self._random() if self._rank == b"random" else self._best()
            if victim is None:
                return False
            began = monotonic()
            self._evict(*victim)
            evicted += 1
            engine.latency.note(b"eviction-del", monotonic() - began)
            if not evicted % _BATCH and monotonic() > stop:
                break
        return True

    def _evict(self, database: Database, key: bytes) -> None:
        if not database.remove(key):
            return  # it had expired
        self.evicted += 1
        is_lazy = self._engine.config.is_on(b"lazyfree-lazy-eviction")
        database.journal.replicate_apart(database.index, b"UNLINK" if is_lazy else b"DEL", key)
        database.announce(key, b"evicted")

    def _candidates(self, database: Database) -> Drawable[int] | WatchedEntries:
        table = database.expires if self._is_volatile else database.entries
        assert isinstance(table, Drawable)  # there is a limit: `Engine` has tables watched
        return table

    def _random(self) -> tuple[Database, bytes] | None:
        """Give any key, from each database in its turn."""
        databases, chance = self._engine.keyspace.databases, self._engine.keyspace.random
        for _ in databases:
            self._turn = (self._turn + 1) % len(databases)
            database = databases[self._turn]
            for key in self._candidates(database).draw(chance, 1):
                return database, key
        return None

    def _best(self) -> tuple[Database, bytes] | None:
        """Give the best key among those that were seen, with some new ones."""
        databases = self._engine.keyspace.databases
        while held := [database for database in databases if self._candidates(database)]:
            for database in held:
                self._look_at(database)
            while self._pool:
                _, index, key = self._pool.pop()
                if key in self._candidates(databases[index]):
                    return databases[index], key
        return None

    def _look_at(self, database: Database) -> None:
        """Take some keys of a database into the pool."""
        pool = self._pool
        for key in self._candidates(database).draw(self._engine.keyspace.random, self._samples):
            seen = self._goodness(database, key), database.index, key
            if seen not in pool:
                insort(pool, seen, key=_GOODNESS)
        del pool[:-_POOL]

    def _goodness(self, database: Database, key: bytes) -> int:
        """Tell how good it is to evict a key."""
        if self._rank == b"ttl":
            return -database.expires[key]
        uses = self._engine.keyspace.uses
        assert uses is not None
        return uses.coldness(database.mark(key))


def _seconds(tenacity: int) -> float:
    """Give how long eviction may keep a command waiting.

    The reference's own times, tenfold: so much longer it takes here to delete a key.
    """
    if tenacity == 100:
        return float("inf")
    return 0.0005 * min(tenacity, 10) if tenacity <= 10 else 0.005 * 1.15 ** (tenacity - 10)
