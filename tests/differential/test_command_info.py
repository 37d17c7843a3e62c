"""What COMMAND and its subcommands tell of every command is what redis-server 8.2.3 tells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.both import Both, both_sides, normal
from tests.differential.command_writer import Writer
from tests.differential.documented import Documented, plain, read_commands
from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

#: What only the reference has: modules, replication and the append-only file are not our matter.
NOT_HERE = {"bgrewriteaof", "psync"}
#: What the documentation says in words of its own, or shows as entries beside.
OWN_WORDS = {"summary", "complexity", "replaced_by", "history", "subcommands"}


@pytest.fixture(scope="module")
def both(reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        both.run([("HELLO", "3")])
        yield both


@pytest.fixture(scope="module")
def documented(reference_server: Server) -> dict[str, Documented]:
    with RespClient(reference_server.host, reference_server.port) as client:
        return read_commands(client)


def ask(both: Both, *words: str) -> tuple[Reply, Reply]:
    """Give the reference's reply and ours, with their types."""
    ((theirs, ours),) = both.replies([words])
    return normal(theirs), normal(ours)


def is_ours(name: str) -> bool:
    """Tell whether a command is one that we are to have; a module's are in capitals."""
    return name not in NOT_HERE and not name[0].isupper()


def entries(reply: Reply) -> Iterator[tuple[str, Any]]:
    """Give COMMAND's entries by their names, subcommands too, without the notes on keys."""
    for entry in reply["v"]:
        name, *traits, subcommands = entry["v"]
        for specification in traits[-1]["v"]:
            specification["v"] = [pair for pair in specification["v"] if plain(pair[0]) != "notes"]
        traits[-1]["v"].sort(key=repr)
        yield plain(name), traits
        yield from entries(subcommands)


def test_every_command_has_the_traits_it_has_on_the_reference(both: Both) -> None:
    theirs, ours = map(dict, map(entries, ask(both, "COMMAND")))
    assert ours.keys() == set(filter(is_ours, theirs))
    assert {name: traits for name, traits in ours.items() if traits != theirs[name]} == {}


def test_some_commands_are_described_by_their_names(both: Both) -> None:
    names = ("get", "CONFIG|get", "xgroup", "nosuch", "config|nosuch", "", "get|x")
    for theirs, ours in (ask(both, "COMMAND", "INFO", name) for name in names):
        if name := theirs["v"][0].get("v"):
            assert dict(entries(theirs)) == dict(entries(ours)), name
        else:
            assert theirs == ours


def documents(reply: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    for name, document in reply.items():
        yield name, {field: value for field, value in document.items() if field not in OWN_WORDS}
        yield from documents(document.get("subcommands", {}))


def test_the_documentation_tells_of_the_same_arguments_groups_and_versions(both: Both) -> None:
    theirs, ours = (dict(documents(plain(reply))) for reply in ask(both, "COMMAND", "DOCS"))
    assert ours.keys() == set(filter(is_ours, theirs))
    assert {name: document for name, document in ours.items() if document != theirs[name]} == {}


FILTERS = (
    (),
    *(("FILTERBY", "PATTERN", pattern) for pattern in ("*", "x*", "config|*", "[a-c]*t", "")),
    *(("FILTERBY", "ACLCAT", category) for category in ("hash", "FAST", "dangerous", "nosuch")),
    ("FILTERBY", "MODULE", "nosuch"),
    ("FILTERBY", "PATTERN"),
    ("FILTERBY", "NOSUCH", "x"),
    ("FILTERBY",),
)


@pytest.mark.parametrize("words", FILTERS, ids=" ".join)
def test_the_names_are_listed_as_on_the_reference(both: Both, words: tuple[str, ...]) -> None:
    theirs, ours = map(plain, ask(both, "COMMAND", "LIST", *words))
    if isinstance(theirs, list):
        theirs, ours = sorted(filter(is_ours, theirs)), sorted(ours)
    assert ours == theirs


def test_keys_are_found_in_calls_as_on_the_reference(
    both: Both, documented: dict[str, Documented]
) -> None:
    known = [command for name, command in documented.items() if is_ours(_info_name(name))]

    @settings(max_examples=400, derandomize=True, database=None)
    @given(rng=st.randoms(use_true_random=True))
    def test(rng: random.Random) -> None:
        words = Writer(rng).command(rng.choice(known))
        theirs, ours = map(plain, ask(both, "COMMAND", "GETKEYS", *words))
        assert sorted(ours) == sorted(theirs), words
        theirs, ours = map(plain, ask(both, "COMMAND", "GETKEYSANDFLAGS", *words))
        assert ours == theirs, words

    test()


def _info_name(name: str) -> str:
    return name if name[0] == "V" else name.lower().replace(" ", "|")
