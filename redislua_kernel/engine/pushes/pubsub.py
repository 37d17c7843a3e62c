"""Who listens to which channel."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import refused
from redislua_kernel.engine.glob import Matcher, compile_glob
from redislua_kernel.engine.registry import CommandTable, check_call
from redislua_kernel.reply import Push

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["Kind", "PubSub", "refuse_while_subscribed"]

_ALLOWED = {
    *("SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE"),
    *("PING", "QUIT", "RESET"),
}


class Kind(Enum):
    """What can be subscribed to; the value opens the names of its commands and messages."""

    CHANNEL = b""
    PATTERN = b"p"
    SHARD = b"s"


class PubSub:
    """Channels, patterns and shard channels, each with its subscribers as they came."""

    def __init__(self) -> None:
        self.subscribers: dict[Kind, dict[bytes, dict[int, Client]]] = {kind: {} for kind in Kind}
        #: How each pattern that has subscribers is matched.
        self._matchers: dict[bytes, Matcher] = {}

    def publish(self, channel: bytes, message: bytes) -> int:
        """Deliver a message to a channel's subscribers; give the number of deliveries."""
        receivers = self._publish(Kind.CHANNEL, channel, Push([b"message", channel, message]))
        for pattern, matches in list(self._matchers.items()):
            if matches(channel):
                push = Push([b"pmessage", pattern, channel, message])
                receivers += self._publish(Kind.PATTERN, pattern, push)
        return receivers

    def publish_shard(self, channel: bytes, message: bytes) -> int:
        """Deliver a message to a shard channel's subscribers; give the number of deliveries."""
        return self._publish(Kind.SHARD, channel, Push([b"smessage", channel, message]))

    def _publish(self, kind: Kind, name: bytes, push: Push) -> int:
        clients = self.subscribers[kind].get(name)
        if clients is None:
            return 0
        return sum(_deliver(client, push) for client in list(clients.values()))

    def subscribe(self, client: Client, kind: Kind, name: bytes) -> None:
        """Let a client hear a channel, or the channels that a pattern matches."""
        heard(client, kind).add(name)
        self.subscribers[kind].setdefault(name, {})[client.id] = client
        if kind is Kind.PATTERN and name not in self._matchers:
            self._matchers[name] = compile_glob(name)
        client.subscribed = True

    def unsubscribe(self, client: Client, kind: Kind, name: bytes) -> None:
        """Take a client off a channel or pattern."""
        heard(client, kind).discard(name)
        clients = self.subscribers[kind].get(name)
        if clients is not None:
            clients.pop(client.id, None)
            if not clients:
                del self.subscribers[kind][name]
                if kind is Kind.PATTERN:
                    del self._matchers[name]
        client.subscribed = any(heard(client, kind) for kind in Kind)

    def drop(self, client: Client) -> None:
        """Take a client off everything."""
        for kind in Kind:
            for name in list(heard(client, kind)):
                self.unsubscribe(client, kind, name)


def heard(client: Client, kind: Kind) -> set[bytes]:
    """Give the names that a client is subscribed to."""
    if kind is Kind.CHANNEL:
        return client.subscriptions
    return client.patterns if kind is Kind.PATTERN else client.shard_subscriptions


def refuse_while_subscribed(commands: CommandTable, words: Sequence[bytes]) -> None:
    """Raise the error for a command that a subscribed RESP2 client may not call."""
    command = commands.find(words)
    check_call(command, words)
    if command.name not in _ALLOWED:
        raise refused(
            command.full_name,
            f"Can't execute '{command.full_name}': only (P|S)SUBSCRIBE / "
            "(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        )


def _deliver(client: Client, message: Push) -> int:
    if client.deliver is None:
        return 0
    client.deliver(message)
    return 1
