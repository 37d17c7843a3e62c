"""The commands as a server documents them: COMMAND DOCS and COMMAND are the grammar of all.

So the commands that tests write follow what the reference says that it takes, every option
of every command, and nothing has to be kept up by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.resp_client import Reply, RespClient

__all__ = ["Documented", "documented", "read_commands"]


@dataclass(frozen=True)
class Documented:
    """One command or subcommand: its group, its arguments, its flags and tips."""

    name: str
    group: str
    arguments: tuple[dict[str, Any], ...]
    flags: frozenset[str]
    tips: frozenset[str]


def read_commands(client: RespClient) -> dict[str, Documented]:
    """Ask a server for its commands; by their names: `GET`, `XGROUP CREATE`."""
    client.command("HELLO", "3")
    return documented(client.command("COMMAND", "DOCS"), client.command("COMMAND"))


def documented(docs: Reply, commands: Reply) -> dict[str, Documented]:
    """Give the commands that the replies to COMMAND DOCS and COMMAND tell of, with RESP3."""
    traits = dict(_traits(plain(commands)))
    return {
        name: Documented(name, entry["group"], tuple(entry.get("arguments", ())), *traits[name])
        for name, entry in _entries(plain(docs))
    }


def plain(reply: Reply) -> Any:
    """Turn a reply into dicts, lists, texts and numbers."""
    value = reply.get("v")
    if reply["t"] == "%":
        return {plain(key): plain(item) for key, item in value}
    if not isinstance(value, list):
        return value
    return [plain(item) for item in value]


def _entries(docs: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in docs.items():
        subcommands = entry.get("subcommands")
        if subcommands:
            yield from _entries(subcommands)
        else:
            yield name.upper().replace("|", " "), entry


def _traits(commands: list[Any]) -> Iterator[tuple[str, tuple[frozenset[str], frozenset[str]]]]:
    for name, _, flags, _, _, _, _, tips, _, subcommands in commands:
        yield name.upper().replace("|", " "), (frozenset(flags), frozenset(tips))
        yield from _traits(subcommands)
