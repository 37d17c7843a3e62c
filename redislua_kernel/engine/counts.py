"""Numbers among a command's words: how many keys or elements, and limits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from redislua_kernel.engine.errors import (
    NO_KEYS_FOUND,
    SYNTAX_ERROR,
    CommandError,
    out_of_range_between,
)
from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN, parse_int

__all__ = [
    "COUNT_NOT_POSITIVE",
    "KeysAfterCount",
    "parse_count",
    "parse_limit",
    "parse_mpop_count",
    "parse_numkeys",
    "parse_signed_count",
]

#: What the reference takes for a number where it only looks for keys.
_LEADING_INTEGER = re.compile(rb"\s*([+-]?)0*([0-9]{1,20})")

COUNT_NOT_POSITIVE = CommandError("ERR COUNT must be > 0")

_NUMKEYS_NOT_POSITIVE = CommandError("ERR numkeys should be greater than 0")
_MPOP_COUNT_NOT_POSITIVE = CommandError("ERR count should be greater than 0")
_NEGATIVE_LIMIT = CommandError("ERR LIMIT can't be negative")


class KeysAfterCount:
    """A finder of the keys that follow their number, which is the word at `place`.

    With a `destination` the first word is a key too. The finder raises an error for a number
    that cannot be, or gives no key if they are `optional`.
    """

    def __init__(self, place: int, *, destination: bool = False, optional: bool = False) -> None:
        self._place = place
        self._destination = destination
        self._optional = optional

    def __call__(self, words: Sequence[bytes]) -> list[bytes]:
        start = self._place + 1
        count = _leading_integer(words[self._place])
        if not 0 < count <= len(words) - start:
            if self._optional:
                return []
            raise NO_KEYS_FOUND
        keys = list(words[start : start + count])
        return [words[0], *keys] if self._destination else keys

    def without_flags(self, words: Sequence[bytes]) -> list[bytes] | None:
        """Give the keys, the destination last, if their number is written so that no flags show.

        The reference then finds them in an older way, which knows of none: +2, say, or 2x, or
        what is 2 to those alone who take 32 bits of it.
        """
        try:
            shows_flags = parse_int(words[self._place]) < len(words) - self._place
        except CommandError:
            shows_flags = False
        if shows_flags:
            return None
        first = int(self._destination)
        keys = self(words)
        return [*keys[first:], *keys[:first]]


def _leading_integer(word: bytes) -> int:
    """Read the number that a word begins with, 0 if none, as C's atoi does: with 32 bits."""
    match = _LEADING_INTEGER.match(word)
    number = max(INT64_MIN, min(int(match[1] + match[2]), INT64_MAX)) if match is not None else 0
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


def parse_count(word: bytes, problem: CommandError, least: int = 0, most: int = INT64_MAX) -> int:
    """Read an integer within limits; whatever is wrong with it, the error is `problem`."""
    try:
        count = parse_int(word)
    except CommandError:
        raise problem from None
    if not least <= count <= most:
        raise problem
    return count


def parse_signed_count(word: bytes) -> int:
    """Read a count whose sign has a meaning (SRANDMEMBER, LREM), so that -count is one too."""
    count = parse_int(word)
    if count < -INT64_MAX:
        raise out_of_range_between(-INT64_MAX, INT64_MAX)
    return count


def parse_numkeys(word: bytes) -> int:
    """Read the number of keys, at least 1."""
    return parse_count(word, _NUMKEYS_NOT_POSITIVE, 1)


def parse_mpop_count(words: Sequence[bytes]) -> int:
    """Read what may end LMPOP and ZMPOP: COUNT and a number, 1 if it is left out."""
    if not words:
        return 1
    if len(words) < 2 or words[0].upper() != b"COUNT":
        raise SYNTAX_ERROR
    count = parse_count(words[1], _MPOP_COUNT_NOT_POSITIVE, 1)
    if len(words) > 2:
        raise SYNTAX_ERROR
    return count


def parse_limit(words: Sequence[bytes]) -> int:
    """Read what may follow the keys: LIMIT and a number, 0 for no limit."""
    limit = 0
    for place in range(0, len(words), 2):
        if words[place].upper() != b"LIMIT" or place + 1 == len(words):
            raise SYNTAX_ERROR
        limit = parse_count(words[place + 1], _NEGATIVE_LIMIT)
    return limit
