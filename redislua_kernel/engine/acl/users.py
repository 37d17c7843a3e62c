"""Users: their passwords, their selectors, and the rules of ACL SETUSER that change them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from redislua_kernel.engine.acl.selector import Denial, Selector
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.settings.config import Config
from redislua_kernel.engine.words import split_words

__all__ = ["User", "Users"]

NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist"
BAD_HASH = (
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "
    "characters"
)
_HASH = re.compile(rb"[0-9a-f]{64}")


class User:
    """One user: a name, passwords, and rights: those of the first selector, or of another."""

    def __init__(self, name: bytes, config: Config) -> None:
        self.name = name
        self._config = config
        self.reset()

    def reset(self) -> None:
        """Take away everything."""
        self.enabled = self.nopass = False
        self.sanitizes = True
        self.passwords: list[bytes] = []
        self.selectors = [self._new_selector()]

    def _new_selector(self) -> Selector:
        default = self._config.values[b"acl-pubsub-default"]
        return Selector(all_channels=default == b"allchannels")

    @property
    def is_unrestricted(self) -> bool:
        """Tell whether the user may do anything."""
        return any(selector.is_unrestricted for selector in self.selectors)

    @property
    def is_open(self) -> bool:
        """Tell whether anybody can be this user, without a password."""
        return self.enabled and self.nopass

    def copy_from(self, other: User) -> None:
        """Take over another user's passwords and rights."""
        self.enabled, self.nopass, self.sanitizes = other.enabled, other.nopass, other.sanitizes
        self.passwords = list(other.passwords)
        self.selectors = [selector.copy() for selector in other.selectors]

    def takes(self, password: bytes) -> bool:
        """Tell whether the user is on and the password is theirs."""
        digest = sha256(password).hexdigest().encode()
        return self.enabled and (self.nopass or digest in self.passwords)

    # Rules

    def apply(self, rule: bytes) -> None:
        """Apply one rule of ACL SETUSER. Raises ValueError with the reference's text."""
        if self._apply_word(rule.lower()):
            return
        if rule[:1] in (b">", b"#", b"<", b"!"):
            self._change_password(rule[:1], rule[1:])
        elif rule[:1] == b"(" and rule[-1:] == b")":
            self._add_selector(rule[1:-1])
        else:
            self.selectors[0].apply(rule)

    def _apply_word(self, word: bytes) -> bool:
        """Apply a rule that is a word of its own; tell whether it is one."""
        if word in (b"on", b"off"):
            self.enabled = word == b"on"
        elif word in (b"sanitize-payload", b"skip-sanitize-payload"):
            self.sanitizes = word == b"sanitize-payload"
        elif word in (b"nopass", b"resetpass"):
            self.nopass, self.passwords = word == b"nopass", []
        elif word == b"clearselectors":
            del self.selectors[1:]
        elif word == b"reset":
            self.reset()
        else:
            return word == b""
        return True

    def _add_selector(self, rules: bytes) -> None:
        selector = self._new_selector()
        for rule in split_words(rules) or ():
            selector.apply(rule)
        self.selectors.append(selector)

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
        """Tell why the user may not make a call; None: one of the selectors allows it."""
        denials = []
        for selector in self.selectors:
            denial = selector.denial(self.name, command, words)
            if denial is None:
                return None
            denials.append(denial)
        return max(denials, key=lambda denial: denial.progress)

    def may_read_all(self, command: Command, words: Sequence[bytes]) -> bool:
        """Tell whether a selector that allows a call lets the user read every key."""
        return any(
            selector.may_read_all() and selector.denial(self.name, command, words) is None
            for selector in self.selectors
        )

    def may_use(self, channel: bytes, *, literally: bool) -> bool:
        """Tell whether the user may use a channel; literally: a pattern that is itself a right."""
        return any(s.may_use(channel, literally=literally) for s in self.selectors)

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
        own, *others = [selector.describe() for selector in self.selectors]
        passwords = [b"#" + digest for digest in self.passwords]
        return b" ".join(
            [b"user", self.name, *self.flags, *passwords, own, *(b"(%b)" % one for one in others)]
        )


class Users:
    """All users of an engine. `default` is who has not said who they are."""

    def __init__(self, config: Config) -> None:
        self._config = config
        #: The setting requirepass as it was last seen.
        self._required = config.values[b"requirepass"]
        config.listeners.append(self._require_password)
        self.default = User(b"default", config)
        for rule in (b"on", b"nopass", b"allkeys", b"allchannels", b"allcommands"):
            self.default.apply(rule)
        self.by_name: dict[bytes, User] = {b"default": self.default}

    @property
    def any_restricted(self) -> bool:
        """Tell whether there is a user who may not do everything, or clients must log in."""
        users = self.by_name.values()
        return not self.default.is_open or any(not user.is_unrestricted for user in users)

    def changed(self, name: bytes, rules: Sequence[bytes]) -> User:
        """Give a user, new or not, as rules would make it. Raises the reference's error."""
        if b" " in name or b"\0" in name:
            raise CommandError("ERR Usernames can't contain spaces or null characters")
        user = User(name, self._config)
        if name in self.by_name:
            user.copy_from(self.by_name[name])
        for rule in _whole_rules(rules):
            try:
                user.apply(rule)
            except ValueError as error:
                raise CommandError(
                    f"ERR Error in ACL SETUSER modifier '{shown(rule)}': {error}"
                ) from None
        return user

    def put(self, user: User) -> None:
        """Let a user be as this one."""
        self.by_name.setdefault(user.name, user).copy_from(user)

    def copy(self, other: Users) -> None:
        """Take over the users of another engine."""
        for name, user in other.by_name.items():
            self.by_name.setdefault(name, User(name, self._config)).copy_from(user)

    def state(self) -> dict[User, User]:
        """Give all users, each with a copy of itself, for `restore`."""
        kept = {}
        for name, user in self.by_name.items():
            kept[user] = copy = User(name, self._config)
            copy.copy_from(user)
        return kept

    def restore(self, state: dict[User, User]) -> None:
        """Let the users be those of a state, and as they were."""
        for user, copy in state.items():
            user.copy_from(copy)
        self.by_name = {user.name: user for user in state}

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


def _whole_rules(words: Sequence[bytes]) -> Iterator[bytes]:
    """Give the rules in some words: a selector in parentheses, of several words, is one."""
    rules = iter(words)
    for word in rules:
        rule = word
        if word[:1] == b"(":
            while rule[-1:] != b")":
                following = next(rules, None)
                if following is None:
                    raise CommandError(
                        f"ERR Unmatched parenthesis in acl selector starting at '{shown(word)}'."
                    )
                rule += b" " + following
        yield rule
