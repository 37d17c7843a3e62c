"""Completion of a command's words: its name, a subcommand, options, keys of the right type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from redislua_kernel.engine.registry import COMMANDS, Command
from redislua_kernel.language.documentation import command_usage, find_command
from redislua_kernel.language.matches import KeyFinder, Match, in_case_of

__all__ = ["complete_words", "types_of_key"]

#: The types of the keys that a group of commands works on.
_TYPES = {
    "bitmap": frozenset({"string"}),
    "geo": frozenset({"zset"}),
    "hash": frozenset({"hash"}),
    "hyperloglog": frozenset({"string"}),
    "list": frozenset({"list"}),
    "set": frozenset({"set"}),
    "sorted-set": frozenset({"zset"}),
    "stream": frozenset({"stream"}),
    "string": frozenset({"string"}),
}
_EITHER_SET = frozenset({"set", "zset"})

#: Where the number of keys is not written yet, at most so many are tried.
_MOST_KEYS = 4
_TOKEN = re.compile(r"[A-Z][A-Z0-9]+(?![\w-])")
_PART = re.compile(r"[\[\]|]|[^\s\[\]|]+")


def complete_words(
    words: Sequence[str], prefix: bytes, find_keys: KeyFinder, quote: Callable[[bytes], str]
) -> list[Match]:
    """Complete the next word of a command whose first words are known."""
    start = prefix.decode("utf-8", "replace")
    if not words:
        return in_case_of(start, _commands(COMMANDS))
    command = find_command(words[0])
    if command is None:
        return []
    if command.subcommands and len(words) == 1:
        return in_case_of(start, _commands(command.subcommands))
    if command.subcommands:
        command = find_command(" ".join(words[:2])) or command
    return [
        *in_case_of(start, (Match(token, "option") for token in _options(command, words))),
        *(
            Match(quote(key.name), "key", key.type)
            for key in (
                find_keys(prefix, types_of_key(command, is_first=len(words) == command.name_words))
                if _takes_key(command, words)
                else ()
            )
        ),
    ]


def _commands(commands: dict[bytes, Command]) -> Iterator[Match]:
    for name, command in sorted(commands.items()):
        yield Match(name.decode(), "command", command_usage(command))


def _options(command: Command, words: Sequence[str]) -> list[str]:
    """Give the option words that may follow: none that are there, or that those exclude."""
    groups, values, leading = _read_usage(command)
    given = [word.upper() for word in words[command.name_words :]]
    if len(given) < leading:
        return []
    for back, word in enumerate(reversed(given)):
        if values.get(word, 0) > back:
            return []  # one of its values comes next
    # Words that stand where a key or a value must be are no options.
    used = set(given[leading:])
    excluded = {token for group in groups if used & set(group) for token in group}
    return [token for token in values if token not in excluded]


def _read_usage(command: Command) -> tuple[list[list[str]], dict[str, int], int]:
    """Read a command's syntax: alternatives, how many values each option takes, words before them.

    `KEY value [NX | XX] [EX seconds]` gives [NX, XX] and [EX]; NX: 0, XX: 0, EX: 1; and 2.
    """
    parts = _PART.findall(command_usage(command))[command.name_words :]
    groups: list[list[str]] = [[]]
    values: dict[str, int] = {}
    leading, is_leading, token = 0, True, ""
    for part in parts:
        if part in "[]":
            is_leading, token = False, ""
            groups.append([])
        elif _TOKEN.fullmatch(part):
            is_leading, token = False, part
            groups[-1].append(part)
            values.setdefault(part, 0)
        elif part != "|" and token and part != "...":
            values[token] += 1
        elif is_leading and part != "|":
            leading += 1
    return [group for group in groups if group], values, leading


def _takes_key(command: Command, words: Sequence[str]) -> bool:
    """Tell whether the next word is a key: by asking for the keys of the call as it may go on."""
    known = [word.encode("utf-8", "replace") for word in words]
    mark = b"\0here"
    return any(
        mark in command.keys_among([*known, mark, *[b"1"] * further])
        for further in range(_MOST_KEYS)
    )


def types_of_key(command: Command, *, is_first: bool) -> frozenset[str] | None:
    """Give the types of keys that a command takes, as its first key or later; None: any."""
    if command.name == "SET" or (is_first and command.name.endswith("STORE")):
        return None  # what was there is gone afterwards
    if command.name.startswith(("ZUNION", "ZINTER", "ZDIFF")):
        return _EITHER_SET
    return _TYPES.get(command.group)
