"""The registry: every command is found, and tells what help and completion need."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.introspection.describing import all_commands
from redislua_kernel.engine.registry import COMMANDS, Command
from redislua_kernel.errors import ResponseError

Engine()
EVERY = {command.full_name: command for command in all_commands()}


def test_commands_are_found_in_any_case() -> None:
    assert COMMANDS.find([b"gEt", b"k"]).name == "GET"
    command = COMMANDS.find([b"config", b"get", b"x"])
    assert (command.name, command.full_name) == ("CONFIG GET", "config|get")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("nosuch a b", "ERR unknown command 'nosuch', with args beginning with: 'a' 'b' "),
        ("config nosuch", "ERR unknown subcommand 'nosuch'. Try CONFIG HELP."),
        ("config", "ERR wrong number of arguments for 'config' command"),
    ],
)
def test_what_is_not_found_is_named(line: str, error: str) -> None:
    with pytest.raises(ResponseError) as caught:
        COMMANDS.find(line.encode().split())
    assert caught.value.message == error


@pytest.mark.parametrize("command", EVERY.values(), ids=EVERY)
def test_every_command_says_what_it_is(command: Command) -> None:
    assert command.summary.endswith((".", "…"))
    assert len(command.summary) <= 100
    assert command.group
    assert command.complexity.startswith(("O(", "Depends", "N/A"))
    assert command.since.count(".") == 2
    assert not {"write", "readonly"} <= command.flags
    assert command.name == command.name.upper()


@pytest.mark.parametrize(
    "container", [c for c in COMMANDS.values() if c.subcommands], ids=lambda c: c.name
)
def test_help_names_every_subcommand(container: Command) -> None:
    if b"HELP" not in container.subcommands:
        return
    lines = b"\n".join(Engine(cluster=True).execute(container.name, "HELP"))
    for name in container.subcommands:
        assert name in lines or name == b"SLAVES"  # the old name of REPLICAS


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("get k", ["k"]),
        ("mget a b", ["a", "b"]),
        ("mset a 1 b 2", ["a", "b"]),
        ("ping", []),
        ("eval s 2 a b c", ["a", "b"]),
        ("zunionstore d 2 a b", ["d", "a", "b"]),
        ("object encoding k", ["k"]),
        ("xread count 1 streams a b 0 0", ["a", "b"]),
        ("bitop and d a b", ["d", "a", "b"]),
        ("xgroup create k g 0", ["k"]),
    ],
)
def test_keys_are_found_among_the_words(line: str, keys: list[str]) -> None:
    words = line.encode().split()
    command = COMMANDS.find(words)
    assert sorted(command.keys_of(words[command.name_words :])) == sorted(
        key.encode() for key in keys
    )
