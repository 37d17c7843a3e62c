"""Client-side caching: who has read which keys, and is told when they change.

A client that tracks is sent an invalidation for every key that it has read and that then
changes; in broadcasting mode, for every key with one of its prefixes. As on the reference
the table knows keys by their names alone, whatever their database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from redislua_kernel.reply import Push, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.registry import Command

__all__ = ["Tracking", "TrackingTable"]

CHANNEL = b"__redis__:invalidate"


@dataclass
class Tracking:
    """How one client tracks: what CLIENT TRACKING ON was given."""

    #: The id of the client that gets the messages; 0: the client itself.
    redirect: int = 0
    broadcasts: bool = False
    #: Only reads after CLIENT CACHING YES count, or all but those after CLIENT CACHING NO.
    opts_in: bool = False
    opts_out: bool = False
    #: Leaves out what the client changes itself.
    no_loop: bool = False
    prefixes: list[bytes] = field(default_factory=list)
    #: CLIENT CACHING was called for the next command.
    caching: bool = False
    #: The client that got the messages is gone.
    is_broken: bool = False

    @property
    def remembers(self) -> bool:
        """Tell whether the command that runs now leaves its keys in the table."""
        if self.broadcasts:
            return False
        return self.caching if self.opts_in else not (self.opts_out and self.caching)


class TrackingTable:
    """The keys that tracking clients have read; listens only while there are such clients."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clients: dict[int, Client] = {}
        #: The ids of the clients that have read a key.
        self.readers: dict[bytes, dict[int, None]] = {}
        #: Who listens to a prefix.
        self.prefixes: dict[bytes, dict[int, Client]] = {}
        #: How long prefixes are: there are fewer of these.
        self._lengths: list[int] = []
        #: The keys of each prefix that the unit has changed, and who changed them last.
        self._changed: dict[bytes, dict[bytes, Client | None]] = {}
        engine.config.listeners.append(self._keep_limit)

    def enable(self, client: Client, tracking: Tracking) -> None:
        """Let a client track from now on; prefixes add to those that it has."""
        keyspace = self.engine.keyspace
        if not self.clients:
            keyspace.listeners.append(self._invalidate)
            keyspace.unit_listeners.append(self._broadcast)
            self.engine.observers.add(self._look)
        self.clients[client.id] = client
        if tracking.broadcasts and not tracking.prefixes:
            tracking.prefixes.append(b"")
        for prefix in tracking.prefixes:
            self.prefixes.setdefault(prefix, {})[client.id] = client
        self._lengths = sorted(set(map(len, self.prefixes)))
        if client.tracking is not None:
            tracking.prefixes = sorted({*client.tracking.prefixes, *tracking.prefixes})
        client.tracking = tracking

    def disable(self, client: Client) -> None:
        """End a client's tracking."""
        tracking, client.tracking = client.tracking, None
        if tracking is None:
            return
        for prefix in tracking.prefixes:
            del self.prefixes[prefix][client.id]
            if not self.prefixes[prefix]:
                del self.prefixes[prefix]
                self._changed.pop(prefix, None)
        self._lengths = sorted(set(map(len, self.prefixes)))
        del self.clients[client.id]
        if not self.clients:
            keyspace = self.engine.keyspace
            keyspace.listeners.remove(self._invalidate)
            keyspace.unit_listeners.remove(self._broadcast)
            self.engine.observers.drop(self._look)
            self.readers.clear()

    def _look(
        self, client: Client, command: Command, words: Sequence[bytes], from_script: bool
    ) -> None:
        """Take note of what a tracking client has read."""
        tracking = client.tracking
        if tracking is None:
            return
        # What a script reads is noted call by call.
        if "readonly" in command.flags and command.group != "scripting" and tracking.remembers:
            self.remember(client, command.keys_among(words))
        is_inner = from_script or client.in_exec or client.transaction is not None
        if command.name != "CLIENT CACHING" and not is_inner:
            tracking.caching = False

    def remember(self, client: Client, keys: Iterable[bytes]) -> None:
        """Note that a client has read keys."""
        for key in keys:
            self.readers.setdefault(key, {})[client.id] = None
        self._keep_limit()

    def count_items(self) -> int:
        """Count the pairs of a key and a client that has read it."""
        return sum(map(len, self.readers.values()))

    def _invalidate(self, db: Database, key: bytes, event: bytes) -> None:
        caller = None if event == b"expired" else self.engine.caller
        for length in self._lengths:
            prefix = key[:length]
            if prefix in self.prefixes:
                self._changed.setdefault(prefix, {})[key] = caller
        self._forget(key, caller)

    def _forget(self, key: bytes, changed_by: Client | None) -> None:
        """Tell everybody who has read a key that it is another one now."""
        for client_id in self.readers.pop(key, ()):
            client = self.clients.get(client_id)
            if client is None or client.tracking is None or client.tracking.broadcasts:
                continue
            if client.tracking.no_loop and client is changed_by:
                continue
            self._send(client, client.tracking, [key])

    def flushed(self) -> None:
        """Tell everybody who tracks that all keys of a database, or of all, are others now."""
        self.readers.clear()
        for client in self.clients.values():
            if client.tracking is not None:
                self._send(client, client.tracking, None)

    def _broadcast(self) -> None:
        changed, self._changed = self._changed, {}
        for prefix, keys in changed.items():
            for client in list(self.prefixes.get(prefix, {}).values()):
                tracking = client.tracking
                if tracking is None:
                    continue
                told = [
                    key
                    for key, by in sorted(keys.items(), key=itemgetter(0))
                    if not (tracking.no_loop and by is client)
                ]
                if told:
                    self._send(client, tracking, told)

    def _send(self, client: Client, tracking: Tracking, keys: Reply) -> None:
        target = client
        if tracking.redirect:
            redirected = self.engine.clients.get(tracking.redirect)
            if redirected is None or redirected.closing:
                tracking.is_broken = True
                if client.resp == 3 and client.deliver is not None:
                    client.deliver(Push([b"tracking-redir-broken", tracking.redirect]))
                return
            target = redirected
        if target.deliver is None:
            return
        if target.resp == 3:
            target.deliver(Push([b"invalidate", keys]))
        elif target is not client and target.subscribed:
            target.deliver(Push([b"message", CHANNEL, keys]))

    def _keep_limit(self) -> None:
        """Give up keys beyond tracking-table-max-keys; their readers are told."""
        most = self.engine.config.integer(b"tracking-table-max-keys")
        while most and len(self.readers) > most:
            self._forget(next(iter(self.readers)), None)
