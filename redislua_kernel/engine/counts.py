"""Counts among a command's words: of keys (ZUNION, LMPOP), of elements, limits."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.errors import MUST_BE_POSITIVE, SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import KeyFinder
from redislua_kernel.engine.signature import parse_int

__all__ = ["keys_after_count", "parse_limit", "parse_natural", "parse_numkeys", "parse_positive"]

_NEGATIVE_LIMIT = CommandError("ERR LIMIT can't be negative")


def keys_after_count(place: int, *, destination: bool = False) -> KeyFinder:
    """Give a finder of the keys that follow their number, which is the word at `place`.

    With a `destination` the first word is a key too.
    """

    def find(words: Sequence[bytes]) -> list[bytes]:
        try:
            count = parse_int(words[place])
        except CommandError:
            count = 0
        start = place + 1
        keys = list(words[start : start + max(count, 0)])
        return [words[0], *keys] if destination else keys

    return find


def parse_natural(word: bytes, problem: CommandError = MUST_BE_POSITIVE) -> int:
    """Read an integer that is not negative; whatever is wrong with it, the error is `problem`."""
    try:
        number = parse_int(word)
    except CommandError:
        number = -1
    if number < 0:
        raise problem
    return number


def parse_positive(word: bytes, name: str) -> int:
    """Read an integer above 0; whatever is wrong with it, the error says just that."""
    try:
        number = parse_int(word)
    except CommandError:
        number = 0
    if number < 1:
        raise CommandError(f"ERR {name} should be greater than 0")
    return number


def parse_numkeys(word: bytes) -> int:
    """Read the number of keys, at least 1."""
    return parse_positive(word, "numkeys")


def parse_limit(words: Sequence[bytes]) -> int:
    """Read what may follow the keys: LIMIT and a number, 0 for no limit."""
    limit = 0
    for place in range(0, len(words), 2):
        if words[place].upper() != b"LIMIT" or place + 1 == len(words):
            raise SYNTAX_ERROR
        limit = parse_natural(words[place + 1], _NEGATIVE_LIMIT)
    return limit
