"""A set of rights, to commands, keys and channels; users have one, and more in parentheses.

Command rules are kept in the order in which they were given, without those that a later one
makes void; the last that concerns a command decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from redislua_kernel.engine.errors import shown
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.introspection.describing import CATEGORIES, categories_of, find_by_name
from redislua_kernel.engine.introspection.key_flags import NOT_A_KEY, Access, access_of, key_flags
from redislua_kernel.engine.registry import COMMANDS, Command

__all__ = ["SYNTAX", "Denial", "KeyPattern", "Selector"]

SYNTAX = "Syntax error"
UNKNOWN_COMMAND = "Unknown command or category name in ACL"
FIRST_ARGUMENT_OF_SUBCOMMAND = "Allowing first-arg of a subcommand is not supported"
_NO_EFFECT = (
    "Adding a pattern after the * pattern (or the 'all{0}' flag) is not valid and does not have "
    "any effect. Try 'reset{0}' to start with an empty list of {1}"
)
_KEY_RULE = re.compile(rb"(?:%([RrWw]{1,2}))?~(.*)", re.DOTALL)
#: What no pattern contains: a rule is one word.
_BLANKS = re.compile(rb"[\s\0]")

#: Where a command has channels: the first word after its name, or all of them.
_ONE_CHANNEL = {"PUBLISH", "SPUBLISH"}
_CHANNELS = {"SUBSCRIBE", "SSUBSCRIBE", "PSUBSCRIBE"}


class KeyPattern(NamedTuple):
    """Keys that a user may read, write, or both."""

    glob: bytes
    access: Access = Access.READ | Access.WRITE

    def __bytes__(self) -> bytes:
        return _SIGNS[self.access] + self.glob

    def allows(self, key: bytes, access: Access) -> bool:
        """Tell whether a key is among them, and may be accessed so."""
        return access in self.access and glob_match(self.glob, key)


_SIGNS = {Access.READ: b"%R~", Access.WRITE: b"%W~", Access.READ | Access.WRITE: b"~"}
_ALL_KEYS = KeyPattern(b"*")


class Denial(NamedTuple):
    """Why a call is refused: what it lacks, the word concerned, and the texts of the error."""

    reason: str
    object: bytes
    text: str
    #: What ACL DRYRUN says instead, which may tell more.
    detail: str
    #: How far the check came: of several selectors, the one that came furthest is quoted.
    progress: tuple[int, int] = (0, 0)


class Selector:
    """Rights, which rules change."""

    def __init__(self, *, all_channels: bool = False) -> None:
        self.commands: list[str] = ["-@all"]
        self.keys: list[KeyPattern] = []
        self.channels: list[bytes] = [b"*"] if all_channels else []

    @property
    def is_unrestricted(self) -> bool:
        """Tell whether it allows everything."""
        return self.commands == ["+@all"] and self.keys == [_ALL_KEYS] and b"*" in self.channels

    def copy(self) -> Selector:
        """Give the same rights again."""
        copied = Selector()
        copied.commands, copied.keys = list(self.commands), list(self.keys)
        copied.channels = list(self.channels)
        return copied

    # Rules

    def apply(self, rule: bytes) -> None:
        """Apply one rule. Raises ValueError with the reference's text."""
        if self._apply_word(rule.lower()):
            return
        first, rest = rule[:1], rule[1:]
        if first in (b"~", b"%"):
            self._add_keys(rule)
        elif first == b"&":
            self._add_channel(rest)
        elif first in (b"+", b"-"):
            self._add_command(first.decode(), shown(rest.lower()))
        else:
            raise ValueError(SYNTAX)

    def _apply_word(self, word: bytes) -> bool:
        """Apply a rule that is a word of its own; tell whether it is one."""
        if word in (b"allkeys", b"resetkeys"):
            self.keys = [_ALL_KEYS] if word == b"allkeys" else []
        elif word in (b"allchannels", b"resetchannels"):
            self.channels = [b"*"] if word == b"allchannels" else []
        elif word in (b"allcommands", b"nocommands"):
            self.commands = ["+@all"] if word == b"allcommands" else ["-@all"]
        else:
            return False
        return True

    def _add_keys(self, rule: bytes) -> None:
        if rule == b"~*":
            self.keys = [_ALL_KEYS]
            return
        if _ALL_KEYS in self.keys:
            raise ValueError(_NO_EFFECT.format("keys", "patterns"))
        pattern = _key_pattern(rule)
        for place, known in enumerate(self.keys):
            if known.glob == pattern.glob:
                self.keys[place] = KeyPattern(pattern.glob, known.access | pattern.access)
                return
        self.keys.append(pattern)

    def _add_channel(self, pattern: bytes) -> None:
        if pattern == b"*":
            self.channels = [pattern]
        elif b"*" in self.channels:
            raise ValueError(_NO_EFFECT.format("channels", "channels"))
        elif _one_word(pattern) not in self.channels:
            self.channels.append(pattern)

    def _add_command(self, sign: str, name: str) -> None:
        if name == "@all":
            self.commands = [f"{sign}@all"]
            return
        if name.startswith("@"):
            if name[1:] not in CATEGORIES:
                raise ValueError(UNKNOWN_COMMAND)
        elif find_by_name(COMMANDS, name.encode("utf-8", "surrogateescape")) is None:
            _check_first_argument(sign, name)
        inner = f"{name}|"
        kept = [r for r in self.commands if r[1:] != name and not r[1:].startswith(inner)]
        self.commands = [*kept, sign + name]

    # Checking

    def denial(self, user: bytes, command: Command, words: Sequence[bytes]) -> Denial | None:
        """Tell why a user who has these rights may not make a call; None: they may."""
        if "no_auth" not in command.flags and not self._may_run(command, words):
            name = command.full_name
            text = f"User {shown(user)} has no permissions to run the '{name}' command"
            return Denial("command", name.encode(), text, text)
        for place, (key, flags) in enumerate(key_flags(command, words)):
            if flags != NOT_A_KEY and not self._may_access(key, access_of(flags)):
                return _denial_of("key", key, user, (1, place))
        for place, channel in enumerate(_channels_among(command, words)):
            if not self.may_use(channel, literally=command.name == "PSUBSCRIBE"):
                return _denial_of("channel", channel, user, (2, place))
        return None

    def _may_run(self, command: Command, words: Sequence[bytes]) -> bool:
        name = command.full_name
        container = name.partition("|")[0]
        first = shown(words[1].lower()) if len(words) > 1 else ""
        categories = {f"@{category}" for category in categories_of(command)}
        about = {"@all", name, container} | categories
        allowed = False
        for rule in self.commands:
            if rule[1:] in about:
                allowed = rule[0] == "+"
            elif rule == f"+{name}|{first}":
                allowed = True
        return allowed

    def _may_access(self, key: bytes, access: Access) -> bool:
        return any(pattern.allows(key, access) for pattern in self.keys)

    def may_read_all(self) -> bool:
        """Tell whether every key may be read."""
        return any(known.glob == b"*" and Access.READ in known.access for known in self.keys)

    def may_use(self, channel: bytes, *, literally: bool) -> bool:
        """Tell whether a channel may be used; literally: a pattern that is itself a right."""
        if literally:
            return b"*" in self.channels or channel in self.channels
        return any(glob_match(pattern, channel) for pattern in self.channels)

    # Showing

    def rights(self) -> dict[bytes, bytes]:
        """Give the rules by what they concern, as ACL GETUSER does."""
        return {
            b"commands": _joined(self.commands),
            b"keys": b" ".join(map(bytes, self.keys)),
            b"channels": b" ".join(b"&" + pattern for pattern in self.channels),
        }

    def describe(self) -> bytes:
        """Give the rules in the format of an ACL file."""
        found = self.rights()
        limit = b"" if b"*" in self.channels else b"resetchannels"
        parts = (found[b"keys"], limit, found[b"channels"], found[b"commands"])
        return b" ".join(part for part in parts if part)


def _key_pattern(rule: bytes) -> KeyPattern:
    """Read `~pattern`, `%R~pattern`, `%W~pattern` or `%RW~pattern`."""
    found = _KEY_RULE.fullmatch(rule)
    if found is None:
        raise ValueError(SYNTAX)
    kinds = (found[1] or b"RW").upper()
    if len(set(kinds)) < len(kinds):
        raise ValueError(SYNTAX)
    reads = Access.READ if b"R" in kinds else Access.NONE
    writes = Access.WRITE if b"W" in kinds else Access.NONE
    return KeyPattern(_one_word(found[2]), reads | writes)


def _one_word(pattern: bytes) -> bytes:
    if _BLANKS.search(pattern):
        raise ValueError(SYNTAX)
    return pattern


def _check_first_argument(sign: str, name: str) -> None:
    """Raise what is wrong with a rule for a command with one first argument."""
    base, _, argument = name.rpartition("|")
    found = find_by_name(COMMANDS, base.encode("utf-8", "surrogateescape"))
    if found is None or sign == "-":
        raise ValueError(UNKNOWN_COMMAND)
    if "|" in base:
        raise ValueError(FIRST_ARGUMENT_OF_SUBCOMMAND)
    if not argument:
        raise ValueError(SYNTAX)
    if found.subcommands:
        raise ValueError(UNKNOWN_COMMAND)


def _channels_among(command: Command, words: Sequence[bytes]) -> Sequence[bytes]:
    if command.name in _ONE_CHANNEL:
        return words[1:2]
    return words[1:] if command.name in _CHANNELS else ()


def _denial_of(kind: str, word: bytes, user: bytes, progress: tuple[int, int]) -> Denial:
    detail = f"User {shown(user)} has no permissions to access the '{shown(word)}' {kind}"
    return Denial(kind, word, f"No permissions to access a {kind}", detail, progress)


def _joined(rules: Sequence[str]) -> bytes:
    return " ".join(rules).encode("utf-8", "surrogateescape")
