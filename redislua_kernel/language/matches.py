"""What may stand at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

__all__ = ["CommandCompleter", "Key", "KeyFinder", "Match", "in_case_of", "starting"]


class Match(NamedTuple):
    """One text that may stand at the cursor, and what kind of thing it is."""

    text: str
    kind: str
    signature: str = ""


class Key(NamedTuple):
    """A key of the keyspace, and the type of its value."""

    name: bytes
    type: str


#: Gives the keys that begin with some bytes and have one of some types; None: any type.
KeyFinder = Callable[[bytes, frozenset[str] | None], Iterable[Key]]

#: Completes a word of a command: the words before it, what there is of it, and how a key is
#: written where it stands.
CommandCompleter = Callable[[Sequence[str], bytes, Callable[[bytes], str]], list[Match]]


def starting(prefix: str, names: Iterable[str], kind: str) -> list[Match]:
    """Give the names that begin with a prefix."""
    return [Match(name, kind) for name in names if name.startswith(prefix)]


def in_case_of(prefix: str, matches: Iterable[Match]) -> list[Match]:
    """Give the matches that begin with a prefix, in small letters if the prefix is."""
    chosen = [match for match in matches if match.text.startswith(prefix.upper())]
    if not prefix or prefix != prefix.lower():
        return chosen
    return [match._replace(text=match.text.lower()) for match in chosen]
