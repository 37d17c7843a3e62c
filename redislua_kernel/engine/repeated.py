"""How commands run whose words are the same in call after call, but for one or two."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from redislua_kernel.reply import Reply

__all__ = ["TWO_FREE", "Forms", "Free", "Repeated"]

#: So many combinations of options are remembered of a command.
_MOST_FORMS = 256
#: What has more words is nothing that is given again.
_LONGEST_FORM = 8


class Forms(dict[tuple[bytes, ...], Callable[..., Any]]):
    """A command's functions for its options, by their words: each is made when it is asked for."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[tuple[bytes, ...]], Callable[..., Any]]) -> None:
        self._make = make

    def __missing__(self, words: tuple[bytes, ...]) -> Callable[..., Any]:
        made = self._make(words)
        if len(words) > _LONGEST_FORM:
            return made
        if len(self) >= _MOST_FORMS:
            self.clear()
        self[words] = made
        return made


class Free(Enum):
    """Which words after a command's name differ from call to call: as lua/repeated.lua names it."""

    FIRST_TWO = "first two"
    FIRST_AND_LAST = "first and last"
    FIRST_AND_THIRD = "first and third"
    FIRST = "first"
    LAST_BUT_ONE = "last but one"


TWO_FREE = frozenset({Free.FIRST_TWO, Free.FIRST_AND_LAST, Free.FIRST_AND_THIRD})


class Repeated(NamedTuple):
    """How a command runs where all other words are known.

    `make` gives the function for these words, and None, or an error, for those that have none; it
    takes the database, or the client, and the words that are free. It records itself what is to
    be replicated, unless the first two are free.
    """

    free: Free
    make: Callable[[tuple[bytes, ...]], Callable[..., Reply] | None]
