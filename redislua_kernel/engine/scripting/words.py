"""The words of `redis.call`, as Lua passes them and as a command takes them."""

from __future__ import annotations

from math import copysign

from redislua_kernel.reply import format_double

__all__ = ["BadArgument", "word_text"]

#: Beyond this, the reference prints whole numbers as it prints fractions.
LARGEST_WHOLE = 1 << 62


class BadArgument(Exception):
    """An argument of redis.call is neither a string nor a number."""


def word_text(word: object) -> bytes:
    """Give an argument of redis.call as the command sees it.

    Whole numbers print as integers, others in the shortest form that reads back the same.
    """
    if isinstance(word, bytes):
        return word
    if isinstance(word, bool) or not isinstance(word, int | float):
        raise BadArgument
    if isinstance(word, int) and abs(word) <= LARGEST_WHOLE:
        return b"%d" % word
    if word != word and copysign(1.0, word) < 0:
        return b"-nan"  # as C prints 0/0, whose sign is set on x86-64
    return format_double(float(word))
