"""The words that inputs are written of, from vocabulary.txt."""

from __future__ import annotations

from pathlib import Path

__all__ = ["VOCABULARY"]


def _read() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    text = (Path(__file__).parent / "vocabulary.txt").read_text("ascii")
    for section in text.split("\n== ")[1:]:
        name, *lines = section.rstrip("\n").split("\n")
        words = [line.encode("ascii").decode("unicode_escape") for line in lines]
        found[name] = [word for word in words if word]
    return found


#: By section. Backslashes in the file are those of Python's literals.
VOCABULARY = _read()
