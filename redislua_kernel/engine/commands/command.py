"""COMMAND: the commands themselves, from their registry."""

from __future__ import annotations

from collections.abc import Callable

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import NO_KEYS_FOUND, SYNTAX_ERROR, CommandError
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.introspection.describing import (
    all_commands,
    categories_of,
    describe,
    document,
    find_by_name,
)
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.introspection.key_flags import NOT_A_KEY, flags_of, key_flags
from redislua_kernel.engine.registry import Command, CommandTable, check_arity, command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import Reply, SetReply, Status

_FLAGS = "loading stale"
_CATEGORIES = "connection"


@command(
    "COMMAND",
    flags=_FLAGS,
    group="server",
    since="2.8.13",
    complexity="O(N) where N is the number of commands.",
    categories=_CATEGORIES,
)
def command_(client: Client, *words: Words) -> Reply:
    """Describe every command: arity, flags, keys, categories."""
    return [describe(found) for found in client.engine.commands.values()]


@command(
    "COMMAND COUNT",
    flags=_FLAGS,
    group="server",
    since="2.8.13",
    complexity="O(1)",
    categories=_CATEGORIES,
)
def command_count(client: Client) -> int:
    """Count the commands."""
    return len(client.engine.commands)


@command(
    "COMMAND INFO",
    flags=_FLAGS,
    group="server",
    since="2.8.13",
    complexity="O(N) where N is the number of commands asked for.",
    categories=_CATEGORIES,
)
def command_info(client: Client, *command_names: Words) -> Reply:
    """Describe some commands, or all of them; null for one that does not exist."""
    commands = client.engine.commands
    if not command_names:
        return [describe(found) for found in commands.values()]
    found = [find_by_name(commands, name) for name in command_names]
    return [None if one is None else describe(one) for one in found]


@command(
    "COMMAND DOCS",
    flags=_FLAGS,
    group="server",
    since="7.0.0",
    complexity="O(N) where N is the number of commands asked for.",
    categories=_CATEGORIES,
)
def command_docs(client: Client, *command_names: Words) -> Reply:
    """Give the documentation of some commands, or of all of them."""
    commands = client.engine.commands
    found = [find_by_name(commands, name) for name in command_names] or commands.values()
    return {one.full_name.encode(): document(one) for one in found if one is not None}


@command(
    "COMMAND LIST",
    flags=_FLAGS,
    group="server",
    since="7.0.0",
    complexity="O(N) where N is the number of commands.",
    categories=_CATEGORIES,
)
def command_list(client: Client, *filterby: Words) -> Reply:
    """List the commands' names; FILTERBY MODULE, ACLCAT or PATTERN chooses some."""
    chosen, commands = _name_filter(filterby), client.engine.commands
    return [found.full_name.encode() for found in all_commands(commands) if chosen(found)]


def _name_filter(words: tuple[bytes, ...]) -> Callable[[Command], bool]:
    if not words:
        return lambda found: True
    if len(words) != 3 or words[0].upper() != b"FILTERBY":
        raise SYNTAX_ERROR
    kind, value = words[1].upper(), words[2]
    if kind == b"MODULE":
        return lambda found: False  # there are no modules
    if kind == b"ACLCAT":
        category = value.decode("utf-8", "replace").lower()
        return lambda found: category in categories_of(found)
    if kind == b"PATTERN":
        return lambda found: glob_match(value, found.full_name.encode(), ignore_case=True)
    raise SYNTAX_ERROR


@command(
    "COMMAND GETKEYS",
    flags=_FLAGS,
    group="server",
    since="2.8.13",
    complexity="O(N) where N is the number of words.",
    categories=_CATEGORIES,
)
def command_getkeys(client: Client, called: bytes, *words: Words) -> list[bytes]:
    """Tell which words of a full command are keys."""
    return [key for key, _ in _keys(client.engine.commands, called, *words)]


@command(
    "COMMAND GETKEYSANDFLAGS",
    flags=_FLAGS,
    group="server",
    since="7.0.0",
    complexity="O(N) where N is the number of words.",
    categories=_CATEGORIES,
)
def command_getkeysandflags(client: Client, called: bytes, *words: Words) -> Reply:
    """Tell which words of a full command are keys, and what the command does with them."""
    keys = _keys(client.engine.commands, called, *words)
    return [[key, SetReply(Status(flag.encode()) for flag in flags.split())] for key, flags in keys]


def _keys(commands: CommandTable, *words: bytes) -> list[tuple[bytes, str]]:
    try:
        found = commands.find(words)
    except CommandError:
        raise CommandError("ERR Invalid command specified") from None
    has_keys = found.keys.first or found.find_keys is not None
    if not has_keys or flags_of(found) == [NOT_A_KEY]:
        raise CommandError("ERR The command has no key arguments")
    try:
        check_arity(found, words)
    except CommandError:
        text = "ERR Invalid number of arguments specified for command"
        raise CommandError(text) from None
    found.keys_of(words[found.name_words :])  # raises what is wrong with the words
    if found.find_keys is None and found.keys.first + len(flags_of(found)) > len(words):
        raise NO_KEYS_FOUND  # one of the kinds of keys is left out
    return key_flags(found, words)


@command(
    "COMMAND HELP",
    flags=_FLAGS,
    group="server",
    since="5.0.0",
    complexity="O(1)",
    categories=_CATEGORIES,
)
def command_help(client: Client) -> Reply:
    """Explain the subcommands of COMMAND."""
    return help_reply("COMMAND")
