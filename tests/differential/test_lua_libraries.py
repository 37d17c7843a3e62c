"""cjson, cmsgpack, struct and bit answer random calls as redis-server 8.2.3 does, to the byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.library_calls import CALLS, SHOW
from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

COUNT, LONG_COUNT = 600, 10_000

Pair = tuple[RespClient, RespClient]


@pytest.fixture
def pair(reference_server: Server, serve: Server) -> Iterator[Pair]:
    """The reference and ours, with no scripts, libraries or settings left over."""
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("SCRIPT", "FLUSH")
            client.command("FUNCTION", "FLUSH")
        yield theirs, ours


def compare(pair: Pair, *words: str) -> None:
    for client in pair:
        client.send(*words)
    expected, answer = (client.read() for client in pair)
    assert answer == expected, words[-2].removeprefix(SHOW)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("library", CALLS)
def test_random_calls_answer_as_on_the_reference(pair: Pair, library: str, seed: int) -> None:
    calls = CALLS[library](seed)
    for _ in range(COUNT):
        compare(pair, "EVAL", calls.script(), "0")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("library", CALLS)
def test_very_many_random_calls_answer_as_on_the_reference(
    pair: Pair, library: str, seed: int
) -> None:
    calls = CALLS[library](seed)
    for _ in range(LONG_COUNT):
        compare(pair, "EVAL", calls.script(), "0")


@pytest.mark.parametrize("table", [*CALLS, "string", "table", "math", "coroutine", "os", "redis"])
def test_a_library_lists_the_same_names_in_the_same_order(pair: Pair, table: str) -> None:
    for expression in (table, "cjson.new()"):
        loop = f"for name, value in pairs({expression}) do"
        compare(
            pair,
            "EVAL",
            f"local found = {{}} {loop} found[#found + 1] = name .. type(value) end return found",
            "0",
        )


LOAD = (
    "FUNCTION",
    "LOAD",
    "#!lua name=l\n"
    "redis.register_function('get', function() return cjson.encode_max_depth() end)"
    "redis.register_function('set', function() return cjson.encode_max_depth(7) end)",
)
SET, GET = "return cjson.encode_max_depth(5)", "return cjson.encode_max_depth()"


def test_settings_of_scripts_and_of_functions_last_until_their_flush(pair: Pair) -> None:
    steps = [
        LOAD, ("EVAL", SET, "0"), ("FCALL", "get", "0"), ("FCALL", "set", "0"), ("EVAL", GET, "0"),
        ("FLUSHALL", "SYNC"), ("EVAL", GET, "0"), ("FCALL", "get", "0"), ("SCRIPT", "FLUSH"),
        ("EVAL", GET, "0"), ("FCALL", "get", "0"), ("EVAL", SET, "0"), ("FUNCTION", "FLUSH"), LOAD,
        ("EVAL", GET, "0"), ("FCALL", "get", "0"),
    ]  # fmt: skip
    for step in steps:
        compare(pair, *step)


@pytest.mark.parametrize("bits", [r"\1\2\3\4\5\6\248\127", r"\1\2\3\4\5\6\240\255"])
def test_what_a_nan_carries_survives(pair: Pair, bits: str) -> None:
    nan = f"local nan = struct.unpack('<d', '{bits}') return show("
    for call in (
        "struct.pack('d', nan), struct.pack('>f', nan), struct.pack('<i8', nan)",
        "struct.pack('d', (struct.unpack('>f', '\\127\\200\\2\\1')))",
        "struct.pack('d', (struct.unpack('<f', '\\1\\2\\129\\255')))",
        "cmsgpack.pack(nan), cmsgpack.pack((cmsgpack.unpack(cmsgpack.pack({nan, -nan}))))",
        "cmsgpack.pack(cmsgpack.unpack('\\202\\127\\200\\2\\1'))",
        "bit.tobit(nan), bit.bor(nan, 1), bit.lshift(1, nan), bit.tohex(nan), bit.bnot(nan)",
    ):
        compare(pair, "EVAL", f"{SHOW} {nan}{call})", "0")


@pytest.mark.parametrize("count", [3999, 4000, 4001, 7990, 7996, 7997, 7998, 7999])
def test_the_limits_of_the_c_stack_are_those_of_the_reference(pair: Pair, count: int) -> None:
    fill = f"local t, n = {{}}, {count} for i = 1, n do t[i] = i % 100 end return show("
    for call in (
        "pcall(cmsgpack.pack, unpack(t))",
        "pcall(cmsgpack.unpack, ('a'):rep(n))",
        "select('#', cmsgpack.unpack_limit(('a'):rep(9000), n, 3))",
        "type(cmsgpack.unpack(('\\145'):rep(n) .. '\\1'))",
        "select('#', struct.unpack(('b'):rep(n), ('a'):rep(n)))",
        "#struct.pack(('b'):rep(n - 10), unpack(t))",
        "bit.bxor(unpack(t))",
    ):
        compare(pair, "EVAL", f"{SHOW} {fill}{call})", "0")
