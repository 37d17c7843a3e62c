"""Publish and subscribe."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, subcommand_syntax
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.journal import REPLICATE_TO_REPLICAS
from redislua_kernel.engine.pushes.pubsub import Kind, heard
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, MoreKeys, Words
from redislua_kernel.reply import NO_REPLY, Push, Reply


@command(
    "PUBLISH",
    flags="pubsub loading stale fast may_replicate",
    group="pubsub",
    since="2.0.0",
    complexity="O(N+M) where N is the number of subscribers and M the number of patterns.",
)
def publish(client: Client, channel: bytes, message: bytes) -> int:
    """Send a message to a channel's subscribers; give how many received it."""
    _replicate(client, b"PUBLISH", channel, message)
    return client.engine.pubsub.publish(channel, message)


@command(
    "SPUBLISH",
    flags="pubsub loading stale fast may_replicate",
    group="pubsub",
    since="7.0.0",
    complexity="O(N) where N is the number of subscribers.",
)
def spublish(client: Client, shardchannel: Key, message: bytes) -> int:
    """Send a message to a shard channel's subscribers; give how many received it."""
    _replicate(client, b"SPUBLISH", shardchannel, message)
    return client.engine.pubsub.publish_shard(shardchannel, message)


def _replicate(client: Client, *words: bytes) -> None:
    db = client.db
    db.journal.replicate(db.index, *words, targets=REPLICATE_TO_REPLICAS)


@command(
    "SUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="2.0.0",
    complexity="O(N) where N is the number of channels.",
)
def subscribe(client: Client, *channels: bytes) -> Reply:
    """Listen to channels."""
    return _subscribe(client, Kind.CHANNEL, channels)


@command(
    "PSUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="2.0.0",
    complexity="O(N) where N is the number of patterns.",
)
def psubscribe(client: Client, *patterns: bytes) -> Reply:
    """Listen to every channel whose name matches one of the glob patterns."""
    return _subscribe(client, Kind.PATTERN, patterns)


@command(
    "SSUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="7.0.0",
    complexity="O(N) where N is the number of channels.",
)
def ssubscribe(client: Client, *shardchannels: Key) -> Reply:
    """Listen to shard channels."""
    return _subscribe(client, Kind.SHARD, shardchannels)


def _subscribe(client: Client, kind: Kind, names: Sequence[bytes]) -> Reply:
    verb = kind.value + b"subscribe"
    if client.deliver is None:
        shown = verb.decode().upper()
        raise CommandError(f"ERR {shown} isn't allowed for a DENY BLOCKING client")
    confirmations = []
    for name in names:
        client.engine.pubsub.subscribe(client, kind, name)
        confirmations.append(Push([verb, name, _count(client, kind)]))
    return _confirm(client, confirmations)


def _confirm(client: Client, confirmations: list[Push]) -> Reply:
    """Send the confirmations, one a channel; in EXEC, its reply has the first in its place."""
    assert client.deliver is not None
    apart = confirmations[1:] if client.in_exec else confirmations
    for confirmation in apart:
        client.deliver(confirmation)
    return confirmations[0] if client.in_exec else NO_REPLY


@command(
    "UNSUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="2.0.0",
    complexity="O(N) where N is the number of channels.",
)
def unsubscribe(client: Client, *channels: Words) -> Reply:
    """Stop listening to channels; to all of them if none is named."""
    return _unsubscribe(client, Kind.CHANNEL, channels)


@command(
    "PUNSUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="2.0.0",
    complexity="O(N) where N is the number of patterns.",
)
def punsubscribe(client: Client, *patterns: Words) -> Reply:
    """Stop listening to patterns; to all of them if none is named."""
    return _unsubscribe(client, Kind.PATTERN, patterns)


@command(
    "SUNSUBSCRIBE",
    flags="pubsub noscript loading stale",
    group="pubsub",
    since="7.0.0",
    complexity="O(N) where N is the number of channels.",
)
def sunsubscribe(client: Client, *shardchannels: MoreKeys) -> Reply:
    """Stop listening to shard channels; to all of them if none is named."""
    return _unsubscribe(client, Kind.SHARD, shardchannels)


def _unsubscribe(client: Client, kind: Kind, names: Sequence[bytes]) -> Reply:
    verb = kind.value + b"unsubscribe"
    if client.deliver is None:
        return Push([verb, None, 0])
    confirmations = []
    for name in names or sorted(heard(client, kind)):
        client.engine.pubsub.unsubscribe(client, kind, name)
        confirmations.append(Push([verb, name, _count(client, kind)]))
    return _confirm(client, confirmations or [Push([verb, None, _count(client, kind)])])


def _count(client: Client, kind: Kind) -> int:
    """Count a client's subscriptions as its messages do: shard channels by themselves."""
    if kind is Kind.SHARD:
        return len(client.shard_subscriptions)
    return len(client.subscriptions) + len(client.patterns)


@command(
    "PUBSUB CHANNELS",
    flags="pubsub loading stale",
    group="pubsub",
    since="2.8.0",
    complexity="O(N) where N is the number of channels.",
)
def pubsub_channels(client: Client, *pattern: Words) -> list[bytes]:
    """List the channels that have subscribers."""
    if len(pattern) > 1:
        raise subcommand_syntax(client.words[1], "pubsub")
    return _names(client, Kind.CHANNEL, *pattern)


@command(
    "PUBSUB SHARDCHANNELS",
    flags="pubsub loading stale",
    group="pubsub",
    since="7.0.0",
    complexity="O(N) where N is the number of shard channels.",
)
def pubsub_shardchannels(client: Client, *pattern: Words) -> list[bytes]:
    """List the shard channels that have subscribers."""
    if len(pattern) > 1:
        raise subcommand_syntax(client.words[1], "pubsub")
    return _names(client, Kind.SHARD, *pattern)


def _names(client: Client, kind: Kind, pattern: bytes | None = None) -> list[bytes]:
    names = client.engine.pubsub.subscribers[kind]
    return [name for name in names if pattern is None or glob_match(pattern, name)]


@command(
    "PUBSUB NUMSUB",
    flags="pubsub loading stale",
    group="pubsub",
    since="2.8.0",
    complexity="O(N) where N is the number of channels asked for.",
)
def pubsub_numsub(client: Client, *channels: Words) -> list[Reply]:
    """Count the subscribers of channels, those of patterns left out."""
    return _numbers(client, Kind.CHANNEL, channels)


@command(
    "PUBSUB SHARDNUMSUB",
    flags="pubsub loading stale",
    group="pubsub",
    since="7.0.0",
    complexity="O(N) where N is the number of shard channels asked for.",
)
def pubsub_shardnumsub(client: Client, *shardchannels: Words) -> list[Reply]:
    """Count the subscribers of shard channels."""
    return _numbers(client, Kind.SHARD, shardchannels)


def _numbers(client: Client, kind: Kind, names: Sequence[bytes]) -> list[Reply]:
    subscribers = client.engine.pubsub.subscribers[kind]
    return [word for name in names for word in (name, len(subscribers.get(name, ())))]


@command(
    "PUBSUB NUMPAT", flags="pubsub loading stale", group="pubsub", since="2.8.0", complexity="O(1)"
)
def pubsub_numpat(client: Client) -> int:
    """Count the patterns that clients listen to."""
    return len(client.engine.pubsub.subscribers[Kind.PATTERN])


@command("PUBSUB HELP", flags="loading stale", group="pubsub", since="6.2.0", complexity="O(1)")
def pubsub_help(client: Client) -> Reply:
    """Explain the subcommands of PUBSUB."""
    return help_reply("PUBSUB")
