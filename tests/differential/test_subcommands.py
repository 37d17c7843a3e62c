"""Subcommands written in any case, with too few, too many and wrong words, fail the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from redislua_kernel.engine.commands import load_commands
from redislua_kernel.engine.registry import COMMANDS
from tests.differential.both import both_sides
from tests.servers import run_redis

pytestmark = pytest.mark.reference

#: What tells of the server itself, changes it for what comes after, or never comes back.
_LEFT_OUT = {
    *("ACL GENPASS", "ACL LOG", "CLIENT ID", "CLIENT INFO", "CLIENT KILL", "CLIENT LIST"),
    *("CLIENT NO-EVICT", "CLIENT NO-TOUCH", "CLIENT PAUSE", "CLIENT REPLY", "CLIENT TRACKING"),
    *("CLIENT TRACKINGINFO", "COMMAND COUNT", "COMMAND DOCS", "COMMAND INFO", "COMMAND LIST"),
    *("CONFIG GET", "CONFIG REWRITE", "CONFIG SET", "FUNCTION STATS", "LATENCY DOCTOR"),
    *("LATENCY HISTOGRAM", "MEMORY DOCTOR", "MEMORY MALLOC-STATS", "MEMORY STATS"),
    *("MEMORY USAGE", "MODULE LIST", "MODULE LOAD", "MODULE LOADEX", "MODULE UNLOAD"),
    *("SCRIPT DEBUG", "SCRIPT KILL", "SLOWLOG GET", "SLOWLOG LEN"),
}
_WORDS = (
    *("str", "hash", "stream", "none", "grp", "1", "-1", "0", "abc", "*", "$", "0-0", "full"),
    *("COUNT", "MKSTREAM", "ENTRIESREAD", "SYNC", "REPLACE", "on", "SAMPLES", "default", "", "foo"),
)
_DATA = (
    ("FLUSHALL",),
    ("SET", "str", "v"),
    ("HSET", "hash", "f", "v"),
    ("XADD", "stream", "1-1", "f", "v"),
    ("XGROUP", "CREATE", "stream", "grp", "0"),
)
_SCRIPT = "local reply = redis.pcall(unpack(ARGV)) return reply.err or reply"
_MOST_WORDS = 5


def calls() -> Iterator[tuple[str, ...]]:
    load_commands()
    chance = random.Random(1)
    for container in COMMANDS.values():
        for command in container.subcommands.values():
            if command.name in _LEFT_OUT:
                continue
            for count in range(_MOST_WORDS + 1):
                words = [chance.choice(_WORDS) for _ in range(count)]
                name = chance.choice([str.lower, str.title, str.swapcase])(command.name)
                yield *name.split(" "), *words
        if container.subcommands:
            yield container.name, "Nosuch"
            yield container.name, ""


def test_subcommands_fail_the_same_for_clients_in_exec_and_in_scripts(
    reference_program: Path,
) -> None:
    # A server of its own: what others have set there would show.
    with run_redis(reference_program) as server, both_sides(server) as both:
        for words in calls():
            both.run(_DATA)
            commands = [words, ("MULTI",), words, ("EXEC",), ("EVAL", _SCRIPT, "0", *words)]
            assert both.run(commands) == [], words
