"""Who listens to which channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redislua_kernel.engine.glob import glob_match
from redislua_kernel.reply import Push

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["PubSub"]


class PubSub:
    """Channels and patterns, each with its subscribers in the order in which they came."""

    def __init__(self) -> None:
        self.channels: dict[bytes, dict[int, Client]] = {}
        self.patterns: dict[bytes, dict[int, Client]] = {}

    def publish(self, channel: bytes, message: bytes) -> int:
        """Deliver a message; give the number of deliveries."""
        receivers = 0
        for client in list(self.channels.get(channel, {}).values()):
            receivers += _deliver(client, Push([b"message", channel, message]))
        for pattern, clients in list(self.patterns.items()):
            if glob_match(pattern, channel):
                for client in list(clients.values()):
                    receivers += _deliver(client, Push([b"pmessage", pattern, channel, message]))
        return receivers

    def subscribe(self, client: Client, channel: bytes) -> None:
        """Let a client hear a channel."""
        client.subscriptions.add(channel)
        self.channels.setdefault(channel, {})[client.id] = client

    def unsubscribe(self, client: Client, channel: bytes) -> None:
        """Take a client off a channel."""
        client.subscriptions.discard(channel)
        _leave(self.channels, channel, client)

    def subscribe_pattern(self, client: Client, pattern: bytes) -> None:
        """Let a client hear every channel that a glob pattern matches."""
        client.patterns.add(pattern)
        self.patterns.setdefault(pattern, {})[client.id] = client

    def unsubscribe_pattern(self, client: Client, pattern: bytes) -> None:
        """Take a client off a pattern."""
        client.patterns.discard(pattern)
        _leave(self.patterns, pattern, client)

    def drop(self, client: Client) -> None:
        """Take a client off everything."""
        for channel in list(client.subscriptions):
            self.unsubscribe(client, channel)
        for pattern in list(client.patterns):
            self.unsubscribe_pattern(client, pattern)


def _deliver(client: Client, message: Push) -> int:
    if client.deliver is None:
        return 0
    client.deliver(message)
    return 1


def _leave(table: dict[bytes, dict[int, Client]], name: bytes, client: Client) -> None:
    listeners = table.get(name)
    if listeners is not None:
        listeners.pop(client.id, None)
        if not listeners:
            del table[name]
