"""The bounds and options of the commands on ranges of sorted sets.

A range is bounded by rank, by score or by member. Whatever they are, to read `Bounds` gives what
finds their span of ranks in a sorted set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import NamedTuple

from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.signature import parse_int, read_int
from redislua_kernel.engine.types.sorted_set import LOWEST, LexBound, ScoreBound, SortedSet, Span

NOT_A_SCORE = CommandError("ERR min or max is not a float")
NOT_A_LEX_BOUND = CommandError("ERR min or max not valid string range item")
LIMIT_BY_RANK = CommandError(
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
)
SCORES_BY_LEX = CommandError("ERR syntax error, WITHSCORES not supported in combination with BYLEX")


#: The bounds of a range, of whatever kind: they give the ranks within them.
Bounds = Callable[[SortedSet], Span]


class ByRank:
    """From one rank to another, both included; negative ones count from the end."""

    @staticmethod
    def parse(low: bytes | int, high: bytes | int, reverse: bool = False) -> Bounds:
        first, last = read_int(low), read_int(high)
        return lambda value: value.rank_span(first, last, reverse)


class ByScore:
    """From one score to another, either of them excluded by a `(`."""

    @staticmethod
    def parse(low: bytes | int, high: bytes | int) -> Bounds:
        lowest, highest = parse_score_bound(low), parse_score_bound(high)
        return lambda value: value.score_span(lowest, highest)


class ByLex(NamedTuple):
    """From one member to another: `[a`, `(a`, `-` or `+`."""

    low: LexBound
    high: LexBound
    reverse: bool = False

    @classmethod
    def parse(cls, low: bytes | int, high: bytes | int, reverse: bool = False) -> Bounds:
        return cls(parse_lex_bound(low), parse_lex_bound(high), reverse).span

    def span(self, value: SortedSet) -> Span:
        return value.lex_span(self.low, self.high, self.reverse)


#: What many ranges have at one end.
_ENDS: dict[bytes, ScoreBound] = {b"-inf": LOWEST, b"+inf": (inf, False), b"inf": (inf, False)}


def parse_score_bound(word: bytes | int) -> ScoreBound:
    """Read `5`, `(5`, `-inf`: a C string, so nothing counts as 0 and a zero byte ends it."""
    if isinstance(word, int) or word.isdigit():
        return float(word), False
    if word in _ENDS:
        return _ENDS[word]
    is_open = word[:1] == b"("
    digits = word[1:] if is_open else word
    if digits.isdigit():
        return float(digits), is_open
    digits = digits.partition(b"\0")[0]
    if not digits:
        return 0.0, is_open
    try:
        score = float(digits)
    except ValueError:
        raise NOT_A_SCORE from None
    if score != score or b"_" in digits or digits[:1].isspace() or digits[-1:].isspace():
        raise NOT_A_SCORE
    return score, is_open


def parse_lex_bound(word: bytes | int) -> LexBound:
    """Read `[member`, `(member`, `-` or `+`."""
    if isinstance(word, int):
        raise NOT_A_LEX_BOUND
    first = word[:1]
    if first in (b"(", b"["):
        return LexBound(word[1:], is_open=first == b"(")
    if first in (b"-", b"+") and word[1:2] in (b"", b"\0"):
        return LexBound(b"", side=-1 if first == b"-" else 1)
    raise NOT_A_LEX_BOUND


@dataclass
class RangeOptions:
    """What may follow the bounds of a range, and what the command's name implies."""

    by: type[ByRank] | type[ByScore] | type[ByLex] | None = None
    reverse: bool | None = None
    with_scores: bool = False
    offset: int = 0
    limit: int = -1
    #: Whether LIMIT leaves anything out.
    is_limited: bool = False

    def parse(self, words: Sequence[bytes], *, storing: bool = False) -> None:
        """Read WITHSCORES, LIMIT, and REV, BYSCORE, BYLEX where the name does not imply them."""
        place, end = 0, len(words)
        while place < end:
            token = words[place].upper()
            if token == b"WITHSCORES" and not storing:
                self.with_scores = True
            elif token == b"LIMIT" and place + 2 < end:
                self.offset = parse_int(words[place + 1])
                self.limit = parse_int(words[place + 2])
                place += 2
            elif token == b"REV" and self.reverse is None:
                # A second REV is refused where the reference refuses it: REV is then known.
                self.reverse = True
            elif token in (b"BYLEX", b"BYSCORE") and self.by is None:
                self.by = ByLex if token == b"BYLEX" else ByScore
            else:
                raise SYNTAX_ERROR
            place += 1
        if self.by in (None, ByRank) and self.limit != -1:
            raise LIMIT_BY_RANK
        if self.by is ByLex and self.with_scores:
            raise SCORES_BY_LEX
        is_ranked = self.by is None or self.by is ByRank
        self.is_limited = not is_ranked and (self.offset != 0 or self.limit >= 0)

    def bounds(self, low: bytes | int, high: bytes | int) -> Bounds:
        """Read the two bounds, which come the other way round with REV, except for ranks."""
        reverse = bool(self.reverse)
        if self.by is ByScore:
            return ByScore.parse(high, low) if reverse else ByScore.parse(low, high)
        if self.by is ByLex:
            return ByLex.parse(high, low, reverse) if reverse else ByLex.parse(low, high)
        return ByRank.parse(low, high, reverse)

    def limited(self, span: Span) -> Span:
        """Give the part of a span that LIMIT leaves."""
        if not self.is_limited:
            return span
        start, stop = span
        offset, limit = self.offset, self.limit
        left = stop - start - offset
        if left <= 0 or offset < 0:
            return 0, 0
        taken = left if limit < 0 or limit > left else limit
        if self.reverse:
            return stop - offset - taken, stop - offset
        return start + offset, start + offset + taken


def _read_options(
    words: Sequence[bytes],
    by: type[ByRank] | type[ByScore] | type[ByLex] | None,
    reverse: bool | None,
) -> RangeOptions:
    options = RangeOptions(by, reverse)
    options.parse(words)
    return options


#: Scripts give the same options again and again.
_known_options = lru_cache(256)(_read_options)
#: What has more words is nothing that is given again.
_MOST_KNOWN_WORDS = 8


def read_options(
    words: tuple[bytes, ...],
    by: type[ByRank] | type[ByScore] | type[ByLex] | None = None,
    reverse: bool | None = None,
) -> RangeOptions:
    """Give the options that these words stand for; they serve other calls, too."""
    read = _known_options if len(words) <= _MOST_KNOWN_WORDS else _read_options
    return read(words, by, reverse)  # type: ignore[arg-type]  # classes are hashable
