"""The words of `redis.call`, as Lua passes them and as a command takes them."""

from __future__ import annotations

from math import copysign
from typing import Any

from redislua_kernel.engine.argument_words import SMALL, SMALL_END
from redislua_kernel.engine.signature import WHOLE
from redislua_kernel.reply import format_double

__all__ = ["MISSING", "BadArgument", "MissingWord", "given_text", "texts", "word_text"]

_LEAST, _MOST = WHOLE

#: Fewer words than this are looked at one by one.
_MANY = 32


class BadArgument(Exception):
    """An argument of redis.call is neither a string nor a number."""


class MissingWord(Exception):
    """A call has fewer words than the shortest form of its command."""


#: Stands for a word that a call does not give: nil is something a script can give.
MISSING = object()


def given_text(word: Any) -> bytes:
    """Give an argument of redis.call that is no string as the command sees it.

    Raises MissingWord for one that was not given at all.
    """
    if word.__class__ is int:
        if 0 <= word < SMALL_END:
            return SMALL[word]
        if _LEAST <= word <= _MOST:
            return f"{word}".encode()  # faster than b"%d"
    if word is MISSING:
        raise MissingWord
    return word_text(word)


def texts(words: tuple[object, ...]) -> tuple[bytes, ...]:
    """Give the arguments of redis.call as the command sees them."""
    if len(words) < _MANY:
        for word in words:
            if word.__class__ is not bytes:
                break
        else:
            return words  # type: ignore[return-value]  # the loop has looked
    elif are_texts(words):
        return words  # type: ignore[return-value]  # the line above has looked
    # given_text, spelled out for most of those that are none.
    return tuple(
        [
            word
            if word.__class__ is bytes
            else f"{word}".encode()
            if word.__class__ is int and _LEAST <= word <= _MOST
            else given_text(word)
            for word in words
        ]
    )


def are_texts(words: tuple[object, ...]) -> bool:
    """Tell whether words are known to be texts: there is no cheaper look at many of them.

    If one of them is empty, nothing is known.
    """
    try:
        return not b"".startswith(words)  # type: ignore[arg-type]  # it says so itself
    except TypeError:
        return False


def word_text(word: object) -> bytes:
    """Give an argument of redis.call as the command sees it.

    Whole numbers print as integers, others in the shortest form that reads back the same.
    """
    if isinstance(word, bytes):
        return word
    if isinstance(word, bool) or not isinstance(word, int | float):
        raise BadArgument
    if isinstance(word, int) and _LEAST <= word <= _MOST:
        return b"%d" % word
    if word != word and copysign(1.0, word) < 0:
        return b"-nan"  # as C prints 0/0, whose sign is set on x86-64
    return format_double(float(word))
