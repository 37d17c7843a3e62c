"""COMMAND INFO of every registered command equals redis-server 8.2.3's, and so do key flags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.introspection import all_commands, describe
from redislua_kernel.engine.key_flags import flags_of
from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

Entry = tuple[Any, ...]


def _entries(command: list[Any]) -> Iterator[tuple[str, Entry]]:
    """Give name and entry (arity, flags, first, last and step of the keys, categories)."""
    name, arity, flags, first, last, step, categories, *_, subcommands = command
    yield name, (arity, sorted(flags), first, last, step, sorted(categories))
    for subcommand in subcommands:
        yield from _entries(subcommand)


def _plain(reply: Any) -> Any:
    """Turn a recorded reply into lists, texts and numbers."""
    if isinstance(reply, dict):
        return _plain(reply.get("v"))
    return [_plain(item) for item in reply] if isinstance(reply, list) else reply


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return [_decoded(item) for item in value] if isinstance(value, list) else value


def test_arity_flags_keys_and_categories_are_those_of_the_reference(
    reference_server: Server,
) -> None:
    Engine()
    with RespClient(reference_server.host, reference_server.port) as client:
        commands = _plain(client.command("COMMAND"))
    theirs = dict(entry for command in commands for entry in _entries(command))
    ours = dict(entry for found in all_commands() for entry in _entries(_decoded(describe(found))))
    assert ours.keys() <= theirs.keys()
    assert {name: entry for name, entry in ours.items() if entry != theirs[name]} == {}


def _key_flags(command: list[Any]) -> Iterator[tuple[str, list[str]]]:
    """Give name and flags of each key; what says that a specification is no exact one is left."""
    order = ("RO", "RW", "OW", "RM", "access", "insert", "delete", "update", "not_key")
    found = [dict(zip(spec[::2], spec[1::2], strict=True))["flags"] for spec in command[8]]
    yield command[0], [" ".join(flag for flag in order if flag in flags) for flags in found]
    for subcommand in command[9]:
        yield from _key_flags(subcommand)


def test_flags_of_keys_are_those_of_the_reference(reference_server: Server) -> None:
    Engine()
    with RespClient(reference_server.host, reference_server.port) as client:
        commands = _plain(client.command("COMMAND"))
    theirs = {name: flags for found in commands for name, flags in _key_flags(found) if flags}
    ours = {found.full_name: flags_of(found) for found in all_commands()}
    different = {
        name: flags
        for name, flags in theirs.items()
        if name in ours and list(dict.fromkeys(flags)) != ours[name]
    }
    assert different == {}
