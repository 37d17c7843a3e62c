"""Replies compared as text: what a test expects, and what it got."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["matches"]

_ANYTHING = "..."


def matches(expected: Sequence[str], got: Sequence[str]) -> bool:
    """Tell whether lines are as expected; spaces at the end of a line do not count.

    `...` stands for any text within its line, and alone on a line for any lines.
    """
    pattern = "".join(map(_pattern, expected))
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in got)) is not None


def _pattern(line: str) -> str:
    if line.strip() == _ANYTHING:
        return r"(?:.*\n)*?"
    return ".*".join(map(re.escape, line.rstrip().split(_ANYTHING))) + "\n"
