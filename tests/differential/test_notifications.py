"""Keyspace notifications come in the same order as from redis-server 8.2.3."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.engine.random_commands import PLACES, TEMPLATES
from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

COMMANDS = 700


def _random_commands(seed: int) -> Iterator[list[str]]:
    choice = random.Random(seed).choice
    templates = [line for line in TEMPLATES.strip().splitlines() if not line.startswith("BLPOP")]
    for _ in range(COMMANDS):
        yield [choice(PLACES.get(word, (word,))) for word in choice(templates).split(" ")]


def _events(listener: RespClient, client: RespClient, words: list[str]) -> list[Reply]:
    """Run a command and give what the listener heard meanwhile."""
    client.command(*words)
    client.command("PUBLISH", "__key end", "")
    heard = []
    while (message := listener.read()["v"])[2]["v"] != "__key end":
        heard.append(message)
    return heard


def test_random_commands_cause_the_same_events(reference_server: Server, serve: Server) -> None:
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
        RespClient(reference_server.host, reference_server.port) as their_listener,
        RespClient(serve.host, serve.port) as our_listener,
    ):
        for client in (theirs, ours):
            client.command("FLUSHALL")
            client.command("CONFIG", "SET", "notify-keyspace-events", "KEAn")
        for listener in (their_listener, our_listener):
            listener.command("PSUBSCRIBE", "__key*")
        try:
            for words in _random_commands(seed=1):
                expected = _events(their_listener, theirs, words)
                assert _events(our_listener, ours, words) == expected, words
        finally:
            theirs.command("CONFIG", "SET", "notify-keyspace-events", "")
