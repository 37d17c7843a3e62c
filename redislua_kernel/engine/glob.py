"""Glob patterns as KEYS, SCAN, PSUBSCRIBE and FUNCTION LIST read them.

What stands between two stars is best matched as early as possible, and never again: so no
pattern takes exponential time. Short patterns become regular expressions, which are quick to
match; long ones, which would take long to become one, are walked along.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from redislua_kernel.engine.interrupts import look

__all__ = ["Matcher", "compile_glob", "glob_match"]

#: Tells whether the whole of a text matches: gives something true, or not.
Matcher = Callable[[bytes], object]

_LONG = 1000
#: The reference gives up where stars that something follows are nested deeper.
_MOST_STARS = 1000

_LITERAL = re.compile(rb"[^*?\[\\]+")
_ANYTHING = re.compile(rb"\?+")


class _Class(NamedTuple):
    """One byte out of some, or of all others."""

    members: frozenset[int] = frozenset()
    negated: bool = True

    def matches(self, text: bytes, place: int) -> bool:
        """Tell whether a text has such a byte at a place."""
        return (text[place] in self.members) is not self.negated

    def regex(self) -> bytes:
        """Give it as a regular expression has it."""
        if not self.members:
            return b"." if self.negated else b"(?!)"
        members = b"".join(re.escape(bytes([member])) for member in sorted(self.members))
        return b"[" + b"^" * self.negated + members + b"]"


#: Bytes as they are, a class, or how many bytes of any kind.
_Item = bytes | _Class | int

#: What stands between two stars.
_Segment = list[_Item]


def compile_glob(pattern: bytes, ignore_case: bool = False) -> Matcher:
    """Compile a glob pattern: `*`, `?`, `[abc]`, `[^a-z]`, and a backslash before any of them.

    An unfinished class runs to the pattern's end, and a reversed range is taken the other
    way round, as the reference does.
    """
    if len(pattern) > _LONG:
        return _Walk(pattern, ignore_case).match
    return _regex(pattern, ignore_case)


def glob_match(pattern: bytes, text: bytes, ignore_case: bool = False) -> bool:
    """Tell whether a glob pattern matches the whole text."""
    return bool(compile_glob(pattern, ignore_case)(text))


@lru_cache(maxsize=256)
def _regex(pattern: bytes, ignore_case: bool) -> Matcher:
    first, *others = [b"".join(map(_regex_of, segment)) for segment in _segments(pattern)]
    source = first
    if others:
        source += b"".join(b"(?>.*?" + segment + b")" for segment in others[:-1])
        source += b".*" + others[-1]
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile(source + rb"\Z", flags).match


def _regex_of(item: _Item) -> bytes:
    if isinstance(item, int):
        return b".{%d}" % item
    return re.escape(item) if isinstance(item, bytes) else item.regex()


class _Walk:
    """Matches texts item by item."""

    def __init__(self, pattern: bytes, ignore_case: bool) -> None:
        self.segments = _segments(pattern.lower() if ignore_case else pattern)
        self.ignore_case = ignore_case
        self.widths = [sum(map(_width, segment)) for segment in self.segments]
        self.width = sum(self.widths)
        #: Those that something follows.
        self.stars = len(self.segments) - 1 - (not self.segments[-1])

    def match(self, text: bytes) -> bool:
        """Tell whether the whole of a text matches."""
        if len(text) < self.width or self.stars > _MOST_STARS:
            return False
        if self.ignore_case:
            text = text.lower()
        first, *others = self.segments
        if not _is_at(first, text, 0):
            return False
        place = self.widths[0]
        if not others:
            return place == len(text)
        for segment, width in zip(others[:-1], self.widths[1:], strict=False):
            found = _find(segment, width, text, place)
            if found is None:
                return False
            place = found + width
        last = len(text) - self.widths[-1]
        return last >= place and _is_at(others[-1], text, last)


def _find(segment: _Segment, width: int, text: bytes, start: int) -> int | None:
    """Give the first place from `start` on at which a segment matches."""
    head = segment[0] if isinstance(segment[0], bytes) else b""
    place = text.find(head, start)
    while 0 <= place <= len(text) - width:
        if _is_at(segment, text, place):
            return place
        look()
        place = text.find(head, place + 1)
    return None


def _width(item: _Item) -> int:
    if isinstance(item, int):
        return item
    return len(item) if isinstance(item, bytes) else 1


def _is_at(segment: _Segment, text: bytes, place: int) -> bool:
    """Tell whether a segment matches at a place, and the text is long enough for it."""
    for item in segment:
        if isinstance(item, bytes):
            if not text.startswith(item, place):
                return False
        elif isinstance(item, _Class) and not item.matches(text, place):
            return False
        place += _width(item)
    return True


def _segments(pattern: bytes) -> list[_Segment]:
    """Give the parts between the stars, stars side by side counting as one."""
    segments: list[_Segment] = [[]]
    place, end = 0, len(pattern)
    while place < end:
        look()
        literal = _LITERAL.match(pattern, place)
        if literal is not None:
            segments[-1].append(literal[0])
            place = literal.end()
            continue
        anything = _ANYTHING.match(pattern, place)
        if anything is not None:
            segments[-1].append(len(anything[0]))
            place = anything.end()
            continue
        char = pattern[place : place + 1]
        place += 1
        if char == b"*":
            if len(segments) == 1 or segments[-1]:
                segments.append([])
        elif char == b"[":
            item, place = _char_class(pattern, place)
            segments[-1].append(item)
        else:
            segments[-1].append(pattern[place : place + 1] or char)
            place += 1
    return segments


def _char_class(pattern: bytes, place: int) -> tuple[_Class, int]:
    end = len(pattern)
    negated = pattern[place : place + 1] == b"^"
    place += negated
    members: set[int] = set()
    while place < end and pattern[place : place + 1] != b"]":
        if pattern[place : place + 1] == b"\\" and place + 1 < end:
            members.add(pattern[place + 1])
            place += 2
        elif place + 2 < end and pattern[place + 1 : place + 2] == b"-":
            low, high = sorted((pattern[place], pattern[place + 2]))
            members.update(range(low, high + 1))
            place += 3
        else:
            members.add(pattern[place])
            place += 1
    # Behind the closing bracket, if there is one.
    return _Class(frozenset(members), negated), place + 1
