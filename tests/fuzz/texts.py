"""Cells as people write them, to be damaged: from the notebooks and the documentation."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

from redislua_kernel.magics import magics
from tests.differential.lua_writer import Writer
from tests.fuzz.mutation import damaged_text
from tests.fuzz.vocabulary import VOCABULARY

__all__ = ["cell", "cells"]

_NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
#: What reaches out of the engine: other programs, and files outside of the folder.
_OUTSIDE = ("--spawn", "%compare", "%%compare", "/", "~", "%serve", "SHUTDOWN", "DEBUG SLEEP")
_WORDS = VOCABULARY["words of magics"]
#: What is nested deeper and deeper if it is repeated.
_NESTING = ("(", "{", "f(", "a[", "function() ", "if x then ", "[[", "not ", "a.b..", "%%trace\n")
_BODIES = VOCABULARY["bodies of cells"]


@cache
def cells() -> list[str]:
    """Give the cells of all notebooks that touch nothing but the engine."""
    found = []
    for path in sorted(_NOTEBOOKS.glob("**/*.ipynb")):
        for each in json.loads(path.read_text())["cells"]:
            text = "".join(each["source"])
            if each["cell_type"] == "code" and not is_outside(text):
                found.append(text)
    return found


def is_outside(text: str) -> bool:
    """Tell whether a cell would reach out of the engine."""
    return any(word.lower() in text.lower() for word in _OUTSIDE)


def cell(rng: random.Random) -> str:
    """Write a cell: a real one, one that is generated, and most often damaged."""
    text = _undamaged(rng)
    if rng.random() < 0.75:
        text = damaged_text(text, rng, cells())
    return text if not is_outside(text) else "return 1"


def _undamaged(rng: random.Random) -> str:
    if rng.random() < 0.03:
        return rng.choice(_NESTING) * rng.choice((50, 199, 201, 1500))
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(cells())
    if kind == 1:
        return Writer(rng).script()
    lines = [_magic(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.6:
        lines.append(rng.choice(cells()) if rng.random() < 0.5 else rng.choice(_BODIES))
    return "\n".join(lines)


def _magic(rng: random.Random) -> str:
    found = rng.choice(sorted(magics()))
    form = rng.choice(("%", "%", "%%")) + found
    return " ".join([form, *rng.choices(_WORDS, k=rng.choice((0, 1, 1, 2, 4)))])
