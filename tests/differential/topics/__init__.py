"""Tables of cases by topic, and who reads them.

Each line of a file is one case: a script, an expression, the words of a command, a library's code.
⏎ stands for a line end.
"""

from pathlib import Path

__all__ = ["lines_of"]


def lines_of(name: str) -> list[str]:
    """Give the cases of a file."""
    text = (Path(__file__).parent / f"{name}.txt").read_text("utf-8")
    return [line.replace("⏎", "\n") for line in text.removesuffix("\n").split("\n")]
