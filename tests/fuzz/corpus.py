"""The corpus: for each target a file of inputs that went wrong once, each below what it was.

An input is a Python literal on a line; the lines that begin with # above it say what happened.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.target import Input

__all__ = ["Case", "read_corpus"]

_FOLDER = Path(__file__).parent / "corpus"


class Case(NamedTuple):
    """One input, and what it did once."""

    what: str
    given: Input


def read_corpus(target: str) -> list[Case]:
    """Give the inputs that are kept for a target."""
    path = _FOLDER / f"{target}.txt"
    cases: list[Case] = []
    what: list[str] = []
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("#"):
            what.append(line.removeprefix("#").strip())
        elif line.strip():
            cases.append(Case(" ".join(what), ast.literal_eval(line)))
            what = []
    return cases
