"""Breakpoints: a line of some code, and what must hold for a stop there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["BadHitCondition", "Breakpoint"]

_HITS = re.compile(r"\s*(>=|>|<=|<|==|=|%)?\s*(\d+)\s*\Z")


class BadHitCondition(ValueError):
    """A hit condition that is none: a number, or one after `>=`, `>`, `<=`, `<`, `==` or `%`."""


@dataclass
class Breakpoint:
    """A stop on a line, counted from 1.

    `condition` is Lua, evaluated in the frame: a stop if it is true. `hits` is a number of
    visits, or one after an operator (`>= 3`, `% 10`: every tenth). With `message` there is no
    stop: the text is logged, what stands in {braces} evaluated.
    """

    line: int
    condition: str = ""
    hits: str = ""
    message: str = ""
    #: How often its condition has held.
    visits: int = field(default=0, compare=False)

    @property
    def is_plain(self) -> bool:
        """Tell whether every visit is a stop."""
        return not (self.condition or self.hits or self.message)

    def counts(self) -> bool:
        """Count a visit; tell whether it is one that the hit condition means."""
        self.visits += 1
        if not self.hits:
            return True
        operator, number = read_hits(self.hits)
        return {
            "": self.visits >= number,
            ">=": self.visits >= number,
            ">": self.visits > number,
            "<": self.visits < number,
            "<=": self.visits <= number,
            "=": self.visits == number,
            "==": self.visits == number,
            "%": number > 0 and self.visits % number == 0,
        }[operator]


def read_hits(text: str) -> tuple[str, int]:
    """Read a hit condition. Raises BadHitCondition."""
    found = _HITS.match(text)
    if found is None:
        raise BadHitCondition(f"'{text}' is no hit condition: write a number, >= 3 or % 10")
    return found[1] or "", int(found[2])
