"""What somebody probably meant who wrote a name that there is not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from redislua_kernel.engine.registry import COMMANDS

__all__ = ["command_alike", "name_alike"]

_LIKENESS = 0.7


def name_alike(name: str, known: Iterable[str]) -> str:
    """Give the known name that is written nearly like another one; nothing if there is none."""
    others = sorted({each for each in known if each != name})
    return "".join(get_close_matches(name, others, 1, _LIKENESS))


def command_alike(name: str) -> str:
    """Give the command that is written nearly so, in capitals; nothing if there is none."""
    return name_alike(name.upper(), (each.decode() for each in COMMANDS))
