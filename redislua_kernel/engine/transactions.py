"""MULTI, EXEC and WATCH: queueing commands and noticing changed keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.admission import needs_of
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.registry import check_call
from redislua_kernel.reply import QUEUED, Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.keyspace import Keyspace

__all__ = ["Watches", "queue_command"]

#: Commands that run at once inside MULTI.
_IMMEDIATE = {"EXEC", "DISCARD", "MULTI", "WATCH", "QUIT", "RESET"}

#: A database's index and a key.
Place = tuple[int, bytes]


def queue_command(client: Client, words: Sequence[bytes]) -> Reply | None:
    """Queue a command of a client inside MULTI and give QUEUED; None: it runs at once.

    A command that cannot be queued makes EXEC refuse the transaction.
    """
    transaction = client.transaction
    assert transaction is not None
    try:
        command = client.engine.commands.find(words)
        check_call(command, words)
        if command.name in _IMMEDIATE:
            return None
        if "no_multi" in command.flags:
            raise CommandError("ERR Command not allowed inside a transaction")
    except CommandError:
        transaction.aborted = True
        if words[0].upper() == b"EXEC":  # with words it does not take
            client.end_transaction()
        raise
    if not transaction.aborted:
        transaction.queue.append(list(words))
        transaction.size += sum(map(len, words))
        transaction.needs |= needs_of(client.engine, command, words)
    return QUEUED


class Watches:
    """Which clients watch which keys; listens to the keyspace only while there are any."""

    def __init__(self, keyspace: Keyspace) -> None:
        self.keyspace = keyspace
        self.clients: dict[Place, list[Client]] = {}

    def watch(self, client: Client, key: bytes) -> None:
        """Notice for a client whether a key of its database changes from now on."""
        place = (client.db.index, key)
        if place in client.watched:
            return
        client.db.exists(key)  # a key that has expired already goes now, which is no change
        if not self.clients:
            self.keyspace.listeners.append(self._touch)
            self.keyspace.table_listeners.append(self._touch_table)
        client.watched[place] = False
        self.clients.setdefault(place, []).append(client)

    def unwatch(self, client: Client) -> None:
        """Forget all watched keys of a client."""
        if not client.watched:
            return
        for place in client.watched:
            watchers = self.clients[place]
            watchers.remove(client)
            if not watchers:
                del self.clients[place]
        client.watched.clear()
        if not self.clients:
            self.keyspace.listeners.remove(self._touch)
            self.keyspace.table_listeners.remove(self._touch_table)

    def is_touched(self, client: Client) -> bool:
        """Tell whether a key that a client watches has changed, or expired, since WATCH."""
        for index, key in client.watched:
            self.keyspace[index].exists(key)  # lets it expire, which touches it
        return any(client.watched.values())

    def _touch(self, db: Database, key: bytes, event: bytes) -> None:
        for client in self.clients.get((db.index, key), ()):
            client.watched[db.index, key] = True

    def _touch_table(self, db: Database, entries: dict[bytes, Any]) -> None:
        for index, key in list(self.clients):
            for database in self.keyspace.databases:
                database.exists(key)  # what has expired is gone already
            if index == db.index and (key in db.entries or key in entries):
                self._touch(db, key, b"")
