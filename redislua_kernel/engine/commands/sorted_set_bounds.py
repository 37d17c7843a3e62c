"""The bounds and options of the commands on ranges of sorted sets.

A range is bounded by rank, by score or by member. Whatever it is, its `Kind` reads the bounds and
finds their span of ranks in a sorted set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.signature import parse_int, read_int
from redislua_kernel.engine.types.sorted_set import (
    HIGHEST,
    LOWEST,
    LexBound,
    ScoreBound,
    SortedSet,
    Span,
)

NOT_A_SCORE = CommandError("ERR min or max is not a float")
NOT_A_LEX_BOUND = CommandError("ERR min or max not valid string range item")
LIMIT_BY_RANK = CommandError(
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
)
SCORES_BY_LEX = CommandError("ERR syntax error, WITHSCORES not supported in combination with BYLEX")


#: What many ranges have at one end.
_ENDS: dict[bytes | int, ScoreBound] = {b"-inf": LOWEST, b"+inf": HIGHEST, b"inf": HIGHEST}


def parse_score_bound(word: bytes | int) -> ScoreBound:
    """Read `5`, `(5`, `-inf`: a C string, so nothing counts as 0 and a zero byte ends it."""
    end = _ENDS.get(word)
    if end is not None:
        return end
    if isinstance(word, int) or word.isdigit():
        return float(word), False
    is_open = word[:1] == b"("
    digits = word[1:] if is_open else word
    if digits.replace(b".", b"", 1).isdigit():
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


class Kind(NamedTuple):
    """By what a range is bounded: how a bound is read, and how two of them find their span.

    `find` is given the sorted set, the two bounds from the lower one on, and whether to look from
    the highest score; ranks are counted from there then.
    """

    read: Callable[[bytes | int], Any]
    find: Callable[[SortedSet, Any, Any, bool], Span]
    #: Whether the higher bound comes first where one looks from the highest score.
    turns: bool


#: From one rank to another, both included; negative ones count from the end.
BY_RANK = Kind(read_int, SortedSet.rank_span, turns=False)
#: From one score to another, either of them excluded by a `(`.
BY_SCORE = Kind(parse_score_bound, SortedSet.score_span, turns=True)
#: From one member to another: `[a`, `(a`, `-` or `+`.
BY_LEX = Kind(parse_lex_bound, SortedSet.lex_span, turns=True)


@dataclass
class RangeOptions:
    """What may follow the bounds of a range, and what the command's name implies."""

    by: Kind | None = None
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
                self.by = BY_LEX if token == b"BYLEX" else BY_SCORE
            else:
                raise SYNTAX_ERROR
            place += 1
        if self.kind is BY_RANK and self.limit != -1:
            raise LIMIT_BY_RANK
        if self.by is BY_LEX and self.with_scores:
            raise SCORES_BY_LEX
        is_cut = self.offset != 0 or self.limit >= 0
        self.is_limited = is_cut and self.kind is not BY_RANK

    @property
    def kind(self) -> Kind:
        """By what the range is bounded: by rank unless something else is said."""
        return self.by or BY_RANK

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
