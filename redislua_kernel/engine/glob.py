"""Glob patterns as KEYS, SCAN, PSUBSCRIBE and FUNCTION LIST read them."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["compile_glob", "glob_match"]

#: The reference gives up on a pattern with more stars before other things: nothing matches.
_MOST_STARS = 1000


@lru_cache(maxsize=256)
def compile_glob(pattern: bytes, ignore_case: bool = False) -> re.Pattern[bytes]:
    """Compile a glob pattern: `*`, `?`, `[abc]`, `[^a-z]`, and a backslash before any of them.

    An unfinished class runs to the pattern's end, and a reversed range is taken the other
    way round, as the reference does.
    """
    first, *others = _segments(pattern)
    if sum(map(bool, others)) > _MOST_STARS:
        return re.compile(b"(?!)")
    source = first
    if others:
        # What stands between two stars is best matched as early as possible, and never again:
        # an atomic group keeps hostile patterns from taking exponential time.
        source += b"".join(b"(?>.*?" + segment + b")" for segment in others[:-1] if segment)
        source += b".*" + others[-1]
    return re.compile(source + rb"\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def glob_match(pattern: bytes, text: bytes, ignore_case: bool = False) -> bool:
    """Tell whether a glob pattern matches the whole text."""
    return compile_glob(pattern, ignore_case).match(text) is not None


def _segments(pattern: bytes) -> list[bytes]:
    """Give the regular expressions of the parts between the stars."""
    segments = [b""]
    place, end = 0, len(pattern)
    while place < end:
        char = pattern[place : place + 1]
        place += 1
        if char == b"*":
            segments.append(b"")
        elif char == b"?":
            segments[-1] += b"."
        elif char == b"[":
            source, place = _char_class(pattern, place)
            segments[-1] += source
        else:
            if char == b"\\" and place < end:
                char = pattern[place : place + 1]
                place += 1
            segments[-1] += re.escape(char)
    return segments


def _char_class(pattern: bytes, place: int) -> tuple[bytes, int]:
    end = len(pattern)
    negated = pattern[place : place + 1] == b"^"
    place += negated
    members: list[bytes] = []
    while place < end and pattern[place : place + 1] != b"]":
        if pattern[place : place + 1] == b"\\" and place + 1 < end:
            members.append(re.escape(pattern[place + 1 : place + 2]))
            place += 2
        elif place + 2 < end and pattern[place + 1 : place + 2] == b"-":
            low, high = sorted((pattern[place : place + 1], pattern[place + 2 : place + 3]))
            members.append(re.escape(low) + b"-" + re.escape(high))
            place += 3
        else:
            members.append(re.escape(pattern[place : place + 1]))
            place += 1
    place += 1  # the closing bracket, if there is one
    if not members:
        return (b"." if negated else b"(?!)"), place
    return b"[" + b"^" * negated + b"".join(members) + b"]", place
