"""Which ways through a source were never taken.

A profile tells how often each token's code ran: see `Layout`. How often a branch ran is the
count of what comes first in it, and a condition was false as often as it was evaluated and its
branch did not run. What has no code, such as an empty branch, tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from redislua_kernel.language.layout import Layout
from redislua_kernel.language.tree import Node, Tree, descend, text

__all__ = ["Untaken", "untaken"]

_LOOPS = {"for_statement": "for", "while_statement": "while"}
#: What begins with code that runs again and again.
_RETURNING = frozenset(["while_statement", "repeat_statement"])


class Untaken(NamedTuple):
    """A way that was never taken: the line where it begins, and what never happened."""

    line: int
    text: str


def untaken(layout: Layout, counts: Mapping[int, int]) -> list[Untaken]:
    """Give the ways never taken; the counts are by the layout's lines that have code."""
    found = []
    for node in descend(Tree(layout.text).root):
        for place, what in _never(node, counts):
            found.append(Untaken(layout.origin(_line(place)), what))
    return sorted(found)


def _never(node: Node, counts: Mapping[int, int]) -> Iterator[tuple[Node, str]]:
    """Tell what never happened in a node: where, and what."""
    if node.type == "if_statement":
        yield from _of_if(node, counts)
    elif node.type in _LOOPS:
        body = node.child_by_field_name("body")
        head = _count(counts, node, _line(body) - 1 if body is not None else None)
        if head and _count(counts, body) == 0:
            yield node, f"the body of `{_LOOPS[node.type]}` never ran"
    elif node.type == "binary_expression":
        yield from _of_operator(node, counts)


def _of_if(node: Node, counts: Mapping[int, int]) -> Iterator[tuple[Node, str]]:
    others = node.children_by_field_name("alternative")
    arms = [node, *(each for each in others if each.type == "elseif_statement")]
    for arm in arms:
        block = arm.child_by_field_name("consequence")
        tested = _count(counts, arm.child_by_field_name("condition"))
        ran = _count(counts, block)
        if not tested or ran is None:
            continue
        if ran == 0:
            yield arm, "never true"
        elif _was_false(arm, counts, tested, ran) is False:
            yield arm, "never false"


def _was_false(arm: Node, counts: Mapping[int, int], tested: int, ran: int) -> bool | None:
    """Tell whether a condition was ever false; None: what follows and its branch do not tell."""
    node = arm if arm.type == "if_statement" else arm.parent
    assert node is not None
    others = node.children_by_field_name("alternative")
    following = [each for each in others if each.start_byte > arm.start_byte]
    if following:
        field = "condition" if following[0].type == "elseif_statement" else "body"
        count = _count(counts, following[0].child_by_field_name(field))
        if count is not None:
            return count > 0
    first = arm.child_by_field_name("consequence")
    while first is not None and first.type in ("block", "do_statement") and first.named_children:
        first = first.named_children[0]
    return None if first is None or first.type in _RETURNING else ran < tested


def _of_operator(node: Node, counts: Mapping[int, int]) -> Iterator[tuple[Node, str]]:
    """Tell of an `and` or `or` whose right side never ran."""
    operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
    if operator is None or text(operator) not in ("and", "or"):
        return
    if _count(counts, node, _line(operator)) and _count(counts, right) == 0:
        yield operator, f"the right side of `{text(operator)}` never ran"


def _count(counts: Mapping[int, int], node: Node | None, last: int | None = None) -> int | None:
    """Tell how often a node began to run, or its part up to a line; None: it has no code."""
    if node is None:
        return None
    if last is None:
        last = int(node.end_point.row) + 1
    others = set(_lines_of_others(node))
    for line in range(_line(node), last + 1):
        if line in counts and line not in others:
            return counts[line]
    return None


def _lines_of_others(node: Node) -> Iterator[int]:
    """Give the lines in a node that run at other times than it does.

    Those of functions run when they are called; the last one, which makes the function, is the
    node's. What leads a `for` back to its beginning is on the line of that word.
    """
    for each in descend(node, into_functions=False):
        if each.type.startswith("function_d"):
            yield from range(_line(each), int(each.end_point.row) + 1)
        elif each.type == "for_statement":
            yield _line(each)


def _line(node: Node) -> int:
    return int(node.start_point.row) + 1
