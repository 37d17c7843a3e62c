"""math.random gives the reference's sequence."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from tests.engine.scripting.conftest import Evaluate
from tests.resp_client import RespClient
from tests.servers import Server

SEQUENCE = """
math.randomseed(tonumber(ARGV[1]))
local t = {}
for i = 1, 10 do t[i] = math.random(1000) end
t[11] = tostring(math.random())
t[12] = math.random(-5, 5)
return t
"""


def test_a_seed_fixes_the_sequence(evaluate: Evaluate) -> None:
    assert evaluate(SEQUENCE, 0)[:5] == [171, 750, 97, 871, 578]
    assert evaluate(SEQUENCE, 0) == evaluate(SEQUENCE, 0)
    assert evaluate(SEQUENCE, 0) != evaluate(SEQUENCE, 1)


def test_every_engine_begins_with_the_same_sequence() -> None:
    script = "return {math.random(1e9), math.random(1e9)}"
    first, second = Engine(), Engine()
    assert first.execute("EVAL", script, 0) == second.execute("EVAL", script, 0)
    assert first.execute("EVAL", script, 0) == second.execute("EVAL", script, 0)


def test_of_a_seed_32_bits_count(evaluate: Evaluate) -> None:
    assert evaluate(SEQUENCE, 5) == evaluate(SEQUENCE, 5 + (1 << 32)) != evaluate(SEQUENCE, 6)


def test_numbers_stay_in_their_range(evaluate: Evaluate) -> None:
    script = "for i = 1, 1000 do local r = math.random() if r < 0 or r >= 1 then return r end end"
    assert evaluate(script) is None


@pytest.mark.parametrize("seed", ["0", "1", "-1", "42", "2147483647", "1e10", "1.9", "-1.9"])
def test_the_sequence_is_the_references(reference_server: Server, seed: str) -> None:
    with RespClient(reference_server.host, reference_server.port) as client:
        expected = [item["v"] for item in client.command("EVAL", SEQUENCE, "0", seed)["v"]]
    ours = Engine().execute("EVAL", SEQUENCE, 0, seed)
    assert [item.decode() if isinstance(item, bytes) else item for item in ours] == expected
