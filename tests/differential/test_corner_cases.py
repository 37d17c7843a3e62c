"""Scripts and libraries written by hand for the corners of the language and the API do the same.

Each line of corner_scripts.txt is a script, each of corner_libraries.txt a library's code; ⏎
stands for a line end.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.both import Both, both_sides
from tests.servers import Server

pytestmark = pytest.mark.reference

SETUP = """
FLUSHALL
RPUSH l a b c
SADD s m
HSET h f v
ZADD z 1.5 a 2 b
SET n 10
SET str hello
GEOADD g 13.5 38.1 P
XADD x 1-1 f v
SET lcsa ohmytext
SET lcsb mynewtext
"""


def read(name: str) -> list[str]:
    """Give the scripts of a file."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [line.replace("⏎", "\n") for line in text.removesuffix("\n").split("\n")]


@pytest.fixture(scope="module", params=["2", "3"])
def both(request: pytest.FixtureRequest, reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        both.run([("HELLO", request.param)])
        both.run([line.split() for line in SETUP.strip().splitlines()])
        both.run([("FUNCTION", "DELETE", "lib")])  # whoever left one
        yield both


def test_scripts_do_the_same(both: Both) -> None:
    for script in read("corner_scripts.txt"):
        assert both.run([("EVAL", script, "1", "str", "1", "x")]) == [], script


def test_libraries_do_the_same(both: Both) -> None:
    for code in read("corner_libraries.txt"):
        library = f"#!lua name=lib\n{code}"
        calls = [("FUNCTION", "LOAD", "REPLACE", library)]
        calls.append(("FUNCTION", "LIST", "LIBRARYNAME", "lib"))
        calls += [("FCALL", "f", "1", "str", "call"), ("FCALL", "f", "0")]
        calls += [("FCALL_RO", "f", "2", "get", "str", "a"), ("FUNCTION", "DELETE", "lib")]
        assert both.run(calls) == [], code
