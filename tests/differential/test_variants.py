"""Variants of the recorded cases about scripts and libraries answer as on redis-server 8.2.3."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.differential.variants import Variants, Words
from tests.resp_client import Reply, RespClient
from tests.servers import Server
from tests.test_corpus import TOPICS

pytestmark = pytest.mark.reference

COUNT = 150
CASES = [
    case
    for topic in ("script_cmds", "function_load", "fcall", "function_mgmt")
    for case in TOPICS[topic]
]
COMMANDS: list[Words] = [words for case in CASES for words in (*case["setup"], *case["call"])]

CLEAN = ("FLUSHALL", "FUNCTION FLUSH", "SCRIPT FLUSH")

#: Errors that name the one of several names that a table without order gives first.
ANY_NAME = re.compile(r"^ERR Function \w+ already exists")


def comparable(reply: Reply) -> Any:
    """Give a reply with its type, in one order where it has none."""
    value = reply.get("v")
    if isinstance(value, str):
        return reply["t"], ANY_NAME.sub("ERR Function already exists", value)
    if reply["t"] == "%":
        return sorted(([comparable(k), comparable(v)] for k, v in value), key=repr)
    if isinstance(value, list):
        items = [comparable(item) for item in value]
        is_table = bool(items) and all(isinstance(item.get("v"), list) for item in value)
        return sorted(items, key=repr) if is_table or reply["t"] == "~" else items
    return reply["t"], value


def play(client: RespClient, commands: list[Words]) -> list[Any]:
    for words in CLEAN:
        client.command(*words.split())
    return [comparable(client.command(*words)) for words in commands]


@pytest.mark.parametrize("resp", ["2", "3"])
@pytest.mark.parametrize("seed", range(2))
def test_variants_answer_as_on_the_reference(
    reference_server: Server, serve: Server, seed: int, resp: str
) -> None:
    variants = Variants(seed)
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("HELLO", resp)
        for _ in range(COUNT):
            commands = variants.commands(variants.random.choice(CASES), COMMANDS)
            for words, expected, answer in zip(
                commands, play(theirs, commands), play(ours, commands), strict=True
            ):
                # The libraries are in any order in a payload, too.
                if words[:2] != ["FUNCTION", "DUMP"]:
                    assert answer == expected, (words, commands)
