"""Breakpoints of a cell, each put on a line that can be stopped on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

from redislua_kernel.debugger.sources import SourceText
from redislua_kernel.engine.debugging.breakpoints import BadHitCondition, Breakpoint, read_hits
from redislua_kernel.engine.scripting.lines import NotLua, stops_of_code

__all__ = ["Placed", "Wish", "place", "wait_for_text"]

_IDS = count(1)

#: What a client sends for one breakpoint.
Wish = dict[str, Any]


class Placed(NamedTuple):
    """One breakpoint that a client wants, and what became of it."""

    id: int
    wish: Wish
    #: Where it is now, in the cell.
    line: int
    #: What the engine gets; None: it never stops there.
    breakpoint: Breakpoint | None
    #: Why it does not stop, or not where the client wanted.
    message: str = ""

    def as_answer(self, path: str) -> dict[str, Any]:
        """Give the protocol's Breakpoint."""
        answer = {
            "id": self.id,
            "verified": self.breakpoint is not None,
            "line": self.line,
            "source": {"path": path},
        }
        return answer | ({"message": self.message} if self.message else {})

    def as_wish(self) -> Wish:
        """Give the client's own words, with the line where the breakpoint is now."""
        return self.wish | {"line": self.line}


def place(wishes: Sequence[Wish], source: SourceText) -> list[Placed]:
    """Put each breakpoint on its line, or on the next that can be stopped on."""
    if source.body is None:
        return [_refuse(wish, "there is no Lua in this cell") for wish in wishes]
    try:
        lines = sorted(stops_of_code(source.body))
    except NotLua as error:
        return [_refuse(wish, f"the cell is no Lua: {error}") for wish in wishes]
    return [_place(wish, source, lines) for wish in wishes]


def wait_for_text(wishes: Sequence[Wish]) -> list[Placed]:
    """Keep the breakpoints of a path whose text is not known yet."""
    return [_refuse(wish, "this cell has not run yet") for wish in wishes]


def _place(wish: Wish, source: SourceText, lines: list[int]) -> Placed:
    wanted = wish["line"] - source.offset
    line = next((line for line in lines if line >= wanted), None)
    if line is None:
        return _refuse(wish, "no code stands on this line, or after it")
    breakpoint = Breakpoint(
        line,
        condition=wish.get("condition") or "",
        hits=wish.get("hitCondition") or "",
        message=wish.get("logMessage") or "",
    )
    if breakpoint.hits:
        try:
            read_hits(breakpoint.hits)
        except BadHitCondition as error:
            return _refuse(wish, str(error))
    message = "" if line == wanted else "moved to the next line with code"
    return Placed(next(_IDS), wish, source.offset + line, breakpoint, message)


def _refuse(wish: Wish, message: str) -> Placed:
    return Placed(next(_IDS), wish, wish["line"], None, message)
