"""The script cache keeps and drops the scripts that redis-server 8.2.3 keeps and drops."""

from __future__ import annotations

import hashlib
import random

import pytest

from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

STEPS = 1500

#: More than the cache keeps of those that only EVAL loaded; some fail, some are refused to EVAL_RO.
BODIES = [
    *(f"return {number}" for number in range(560)),
    *(f"#!lua\nreturn {number}" for number in range(40)),
    *(f"#!lua flags=no-writes\nreturn {number}" for number in range(20)),
    "return (",
    "#!lua flags=x\nreturn 1",
    "error('x')",
]
SHA1 = {body: hashlib.sha1(body.encode()).hexdigest() for body in BODIES}


def command(chance: random.Random) -> tuple[str, ...]:
    body = chance.choice(BODIES)
    match chance.randrange(20):
        case 0 | 1:
            return "EVALSHA", chance.choice((SHA1[body], SHA1[body].upper())), "0"
        case 2:
            return "EVALSHA_RO", SHA1[body], "0"
        case 3 | 4 | 5:
            return "EVAL_RO", body, "0"
        case 6:
            return "SCRIPT", "LOAD", body
        case 7:
            return "SCRIPT", "EXISTS", *SHA1.values()
        case 8:
            return "CONFIG", "SET", "maxmemory", chance.choice("100")
        case _:
            return "EVAL", body, "0"


@pytest.mark.parametrize("seed", range(2))
def test_the_same_scripts_are_cached(reference_server: Server, serve: Server, seed: int) -> None:
    chance = random.Random(seed)
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("SCRIPT", "FLUSH")
            for body in BODIES[:480]:
                client.command("EVAL", body, "0")
        try:
            for _ in range(STEPS):
                words = command(chance)
                assert ours.command(*words) == theirs.command(*words), words
        finally:
            theirs.command("CONFIG", "SET", "maxmemory", "0")
        everything = ("SCRIPT", "EXISTS", *SHA1.values())
        kept = [reply["v"] for reply in theirs.command(*everything)["v"]]
        assert 500 <= sum(kept) < len(BODIES) - 3
        assert [reply["v"] for reply in ours.command(*everything)["v"]] == kept
