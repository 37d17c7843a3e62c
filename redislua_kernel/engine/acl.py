"""Access control: users, the rules that say what they may do, and the check of a call.

A user's command rules are kept in the order in which they were given, without those that a
later one makes void; the last that concerns a command decides. Selectors, a second set of
rights in parentheses, are not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from redislua_kernel.engine.config import Config
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.introspection import CATEGORIES, categories_of, find_by_name
from redislua_kernel.engine.registry import COMMANDS, Command

__all__ = ["Denial", "KeyPattern", "User", "Users"]

SYNTAX = "Syntax error"
UNKNOWN_COMMAND = "Unknown command or category name in ACL"
FIRST_ARGUMENT_OF_SUBCOMMAND = "Allowing first-arg of a subcommand is not supported"
NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist"
BAD_HASH = (
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "
    "characters"
)
_HASH = re.compile(rb"[0-9a-f]{64}")
_KEY_RULE = re.compile(rb"%([RrWw]{1,2})~(.*)", re.DOTALL)
_NO_EFFECT = (
    "Adding a pattern after the * pattern (or the 'all{0}' flag) is not valid and does not have "
    "any effect. Try 'reset{0}' to start with an empty list of {1}"
)

#: Where a command has channels: the first word after its name, or all of them.
_ONE_CHANNEL = {"PUBLISH", "SPUBLISH"}
_CHANNELS = {"SUBSCRIBE", "SSUBSCRIBE", "PSUBSCRIBE"}


class KeyPattern(NamedTuple):
    """Keys that a user may read, write, or both."""

    glob: bytes
    reads: bool = True
    writes: bool = True

    def __bytes__(self) -> bytes:
        if self.reads and self.writes:
            return b"~" + self.glob
        return (b"%R~" if self.reads else b"%W~") + self.glob

    def allows(self, key: bytes, *, write: bool) -> bool:
        """Tell whether a key may be written, or read."""
        return (self.writes if write else self.reads) and glob_match(self.glob, key)


class Denial(NamedTuple):
    """Why a call is refused: what it lacks, the word concerned, and the texts of the error."""

    reason: str
    object: bytes
    text: str
    #: What ACL DRYRUN says instead, which may tell more.
    detail: str


class User:
    """One user: a name, passwords, and rights, which rules change."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.passwords: list[bytes] = []
        self.reset()

    def reset(self) -> None:
        """Take away everything."""
        self.enabled = self.nopass = False
        self.sanitizes = True
        self.passwords = []
        self.commands: list[str] = ["-@all"]
        self.keys: list[KeyPattern] = []
        self.channels: list[bytes] = []

    @property
    def is_unrestricted(self) -> bool:
        """Tell whether the user may do anything."""
        return (
            self.commands == ["+@all"] and self.keys == [KeyPattern(b"*")] and b"*" in self.channels
        )

    def copy_from(self, other: User) -> None:
        """Take over another user's passwords and rights."""
        self.enabled, self.nopass, self.sanitizes = other.enabled, other.nopass, other.sanitizes
        self.passwords, self.commands = list(other.passwords), list(other.commands)
        self.keys, self.channels = list(other.keys), list(other.channels)

    def takes(self, password: bytes) -> bool:
        """Tell whether the user is on and the password is theirs."""
        digest = sha256(password).hexdigest().encode()
        return self.enabled and (self.nopass or digest in self.passwords)

    # Rules

    def apply(self, rule: bytes) -> None:
        """Apply one rule of ACL SETUSER. Raises ValueError with the reference's text."""
        if _apply_word(self, rule.lower()):
            return
        first, rest = rule[:1], rule[1:]
        pattern = _KEY_RULE.fullmatch(rule)
        if pattern is not None and len(set(pattern[1].upper())) == len(pattern[1]):
            kinds = pattern[1].upper()
            self._add_keys(KeyPattern(pattern[2], b"R" in kinds, b"W" in kinds))
        elif first == b"~":
            self._add_keys(KeyPattern(rest))
        elif first == b"&":
            self._add_channel(rest)
        elif first in (b"+", b"-"):
            self._add_command(first.decode(), shown(rest.lower()))
        elif first in (b">", b"#", b"<", b"!"):
            self._change_password(first, rest)
        else:
            raise ValueError(SYNTAX)

    def _add_keys(self, pattern: KeyPattern) -> None:
        if KeyPattern(b"*") in self.keys and pattern != KeyPattern(b"*"):
            raise ValueError(_NO_EFFECT.format("keys", "patterns"))
        if pattern == KeyPattern(b"*"):
            self.keys = [pattern]
            return
        for place, known in enumerate(self.keys):
            if known.glob == pattern.glob:
                reads, writes = known.reads or pattern.reads, known.writes or pattern.writes
                self.keys[place] = KeyPattern(pattern.glob, reads, writes)
                return
        self.keys.append(pattern)

    def _add_channel(self, pattern: bytes) -> None:
        if b"*" in self.channels and pattern != b"*":
            raise ValueError(_NO_EFFECT.format("channels", "channels"))
        if pattern == b"*":
            self.channels = [pattern]
        elif pattern not in self.channels:
            self.channels.append(pattern)

    def _add_command(self, sign: str, name: str) -> None:
        if name == "@all":
            self.commands = [f"{sign}@all"]
            return
        if name.startswith("@"):
            if name[1:] not in CATEGORIES:
                raise ValueError(UNKNOWN_COMMAND)
        elif find_by_name(COMMANDS, name.encode("utf-8", "surrogateescape")) is None:
            self._check_first_argument(sign, name)
        inner = f"{name}|"
        kept = [r for r in self.commands if r[1:] != name and not r[1:].startswith(inner)]
        self.commands = [*kept, sign + name]

    def _check_first_argument(self, sign: str, name: str) -> None:
        """Raise what is wrong with a rule for a command with one first argument."""
        base, _, argument = name.rpartition("|")
        found = find_by_name(COMMANDS, base.encode("utf-8", "surrogateescape"))
        if found is None or not argument or found.subcommands or sign == "-":
            raise ValueError(UNKNOWN_COMMAND)
        if "|" in base:
            raise ValueError(FIRST_ARGUMENT_OF_SUBCOMMAND)

    def _change_password(self, sign: bytes, text: bytes) -> None:
        is_hash = sign in (b"#", b"!")
        if is_hash and not _HASH.fullmatch(text):
            raise ValueError(BAD_HASH)
        digest = text if is_hash else sha256(text).hexdigest().encode()
        if sign in (b"<", b"!"):
            if digest not in self.passwords:
                raise ValueError(NO_SUCH_PASSWORD)
            self.passwords.remove(digest)
        else:
            self.nopass = False
            if digest not in self.passwords:
                self.passwords.append(digest)

    # Checking

    def denial(self, command: Command, words: Sequence[bytes]) -> Denial | None:
        """Tell why the user may not make a call; None: they may."""
        name = command.full_name
        if not self._may_run(command, words):
            text = f"User {shown(self.name)} has no permissions to run the '{name}' command"
            return Denial("command", name.encode(), text, text)
        for key in command.keys_among(words):
            if not any(pattern.allows(key, write=command.is_write) for pattern in self.keys):
                return self._denial_of("key", key)
        for channel in _channels_among(command, words):
            if not self._may_use(channel, literally=command.name == "PSUBSCRIBE"):
                return self._denial_of("channel", channel)
        return None

    def _denial_of(self, kind: str, word: bytes) -> Denial:
        detail = f"User {shown(self.name)} has no permissions to access the '{shown(word)}' {kind}"
        return Denial(kind, word, f"No permissions to access a {kind}", detail)

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

    def _may_use(self, channel: bytes, *, literally: bool) -> bool:
        if literally:
            return b"*" in self.channels or channel in self.channels
        return any(glob_match(pattern, channel) for pattern in self.channels)

    # Showing

    @property
    def flags(self) -> list[bytes]:
        """The user's flags, in the reference's order."""
        return [
            b"on" if self.enabled else b"off",
            *[b"nopass"] * self.nopass,
            b"sanitize-payload" if self.sanitizes else b"skip-sanitize-payload",
        ]

    def describe(self) -> bytes:
        """Give the user's line of ACL LIST."""
        channels = [b"&" + pattern for pattern in self.channels]
        if b"*" not in self.channels:
            channels = [b"resetchannels", *channels]
        return b" ".join(
            [
                b"user",
                self.name,
                *self.flags,
                *(b"#" + digest for digest in self.passwords),
                *map(bytes, self.keys),
                *channels,
                *(rule.encode("utf-8", "surrogateescape") for rule in self.commands),
            ]
        )


class Users:
    """All users of an engine. `default` is who has not said who they are."""

    def __init__(self, config: Config) -> None:
        self._config = config
        #: The setting requirepass as it was last seen.
        self._required = config.values[b"requirepass"]
        config.listeners.append(self._require_password)
        self.default = User(b"default")
        for rule in (b"on", b"nopass", b"allkeys", b"allchannels", b"allcommands"):
            self.default.apply(rule)
        self.by_name: dict[bytes, User] = {b"default": self.default}

    @property
    def any_restricted(self) -> bool:
        """Tell whether there is a user who may not do everything."""
        return any(not user.is_unrestricted for user in self.by_name.values())

    def set(self, name: bytes, rules: Iterable[bytes]) -> None:
        """Make or change a user: by all rules, or by none and the reference's error."""
        if b" " in name or b"\0" in name:
            raise CommandError("ERR Usernames can't contain spaces or null characters")
        changed = User(name)
        if name in self.by_name:
            changed.copy_from(self.by_name[name])
        for rule in rules:
            try:
                changed.apply(rule)
            except ValueError as error:
                raise CommandError(
                    f"ERR Error in ACL SETUSER modifier '{shown(rule)}': {error}"
                ) from None
        self.by_name.setdefault(name, changed).copy_from(changed)

    def copy(self, other: Users) -> None:
        """Take over the users of another engine."""
        for name, user in other.by_name.items():
            self.by_name.setdefault(name, User(name)).copy_from(user)

    def login(self, name: bytes, password: bytes) -> User | None:
        """Give the user whom a name and a password stand for; None: nobody."""
        user = self.by_name.get(name)
        return user if user is not None and user.takes(password) else None

    def _require_password(self) -> None:
        """Give `default` the one password that requirepass sets, or none."""
        password = self._config.values[b"requirepass"]
        if password != self._required:
            self._required = password
            self.default.apply(b"resetpass")
            self.default.apply(b">" + password if password else b"nopass")


def _apply_word(user: User, word: bytes) -> bool:
    """Apply a rule that is a word of its own; tell whether it is one."""
    if word in (b"on", b"off"):
        user.enabled = word == b"on"
    elif word in (b"sanitize-payload", b"skip-sanitize-payload"):
        user.sanitizes = word == b"sanitize-payload"
    elif word in (b"nopass", b"resetpass"):
        user.nopass, user.passwords = word == b"nopass", []
    elif word in (b"allkeys", b"resetkeys"):
        user.keys = [KeyPattern(b"*")] if word == b"allkeys" else []
    elif word in (b"allchannels", b"resetchannels"):
        user.channels = [b"*"] if word == b"allchannels" else []
    elif word in (b"allcommands", b"nocommands"):
        user.commands = ["+@all"] if word == b"allcommands" else ["-@all"]
    elif word == b"reset":
        user.reset()
    elif word not in (b"clearselectors", b""):
        return False
    return True


def _channels_among(command: Command, words: Sequence[bytes]) -> Sequence[bytes]:
    if command.name in _ONE_CHANNEL:
        return words[1:2]
    return words[1:] if command.name in _CHANNELS else ()
