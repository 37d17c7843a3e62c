"""The registry of rules: a decorator makes a function a rule.

    @rule("unused-pcall")
    def unused_pcall(script: Script) -> Iterator[Finding]:
        \"""An error that redis.pcall caught and nobody looks at.\"""

The docstring's first line is the summary that `%help lint` shows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from redislua_kernel.language.lint.script import Script

__all__ = ["RULES", "Check", "Finding", "Level", "Rule", "rule"]


class Level(IntEnum):
    """How much is said: warnings, hints too, and what only scripts for a cluster must heed."""

    WARNING = 1
    HINT = 2
    STRICT = 3


class Finding(NamedTuple):
    """What one rule has to say of one place; line and column are counted from 1."""

    rule: str
    line: int
    column: int
    #: What is wrong, and why.
    message: str
    #: What to do.
    advice: str
    #: What to write in place of it, if that is short.
    fix: str = ""
    is_hint: bool = False
    #: To be said before the code runs: afterwards is too late.
    is_urgent: bool = False

    @property
    def todo(self) -> str:
        """What to do, and what to write."""
        return f"{self.advice}: {self.fix}" if self.fix else self.advice


Check = Callable[["Script"], Iterator[Finding]]


class Rule(NamedTuple):
    """One rule: its name, how it is found, and at which level."""

    name: str
    check: Check
    level: Level

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return (inspect.getdoc(self.check) or "").partition("\n")[0]


#: Every rule by its name.
RULES: dict[str, Rule] = {}


def rule(name: str, level: Level = Level.WARNING) -> Callable[[Check], Check]:
    """Register the decorated function as a rule."""

    def register(check: Check) -> Check:
        RULES[name] = Rule(name, check, level)
        return check

    return register
