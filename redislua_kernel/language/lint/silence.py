"""`-- lint: ignore rule`: comments that silence rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from redislua_kernel.language.tree import Node, Tree, text

__all__ = ["mentions", "silenced"]

_COMMENT = re.compile(r"--\s*lint:\s*ignore\b\s*(.*)")
_NAME = re.compile(r"[a-z][a-z-]*")


def silenced(tree: Tree) -> Callable[[str, int], bool]:
    """Give what tells whether a rule is silenced on a line.

    A comment beside code counts for its line; one that stands alone, for the next line of code.
    A comment without names silences all rules.
    """
    lines = tree.code.decode("utf-8", "replace").split("\n")
    quiet: dict[int, set[str]] = {}
    for node in _comments(tree):
        found = _COMMENT.match(text(node))
        if found is None:
            continue
        line = node.start_point.row + 1
        if lines[line - 1].lstrip().startswith("--"):
            line += 1
            while line < len(lines) and _is_empty(lines[line - 1]):
                line += 1
        names = set(_NAME.findall(found[1]))
        quiet.setdefault(line, set()).update(names or {""})
    return lambda rule, line: bool({"", rule} & quiet.get(line, set()))


def mentions(code: str, rule: str) -> bool:
    """Tell whether any comment silences a rule: for what is not about one line."""
    return any(rule in _NAME.findall(found[1]) for found in _COMMENT.finditer(code))


def _comments(tree: Tree) -> list[Node]:
    found, waiting = [], [tree.root]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            found.append(node)
        waiting += node.named_children
    return found


def _is_empty(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("--")
