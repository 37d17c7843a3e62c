"""Which ways through a source were never taken, as far as its lines tell.

A profile counts how often each line began. Where a branch has lines of its own, that tells
whether it ran; where it ran as often as its condition, that this was never false. What stands on
one line cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from redislua_kernel.language.tree import Node, Tree, descend, text

__all__ = ["Untaken", "untaken"]

#: How often each line began; None: there is no code on it.
Hits = Mapping[int, int | None]

_LOOPS = {"for_statement": "for", "while_statement": "while", "repeat_statement": "repeat"}
_JUMPING = frozenset(_LOOPS)


class Untaken(NamedTuple):
    """A way that was never taken: the line where it begins, and what never happened."""

    line: int
    text: str


def untaken(code: str, hits: Hits) -> tuple[list[Untaken], int]:
    """Give the ways never taken, and of how many branches that cannot be told."""
    if code.startswith("#!"):
        code = f"--{code}"
    nodes = list(descend(Tree(code).root))
    found: list[Untaken] = []
    untold = 0
    for node in nodes:
        if node.type == "if_statement":
            ways, unknown = _of_if(node, hits)
            found += ways
            untold += unknown
        elif node.type in _LOOPS:
            body = node.child_by_field_name("body")
            ran = _ran(body, hits)
            untold += ran is None
            if ran is False and _began(node, hits):
                found.append(Untaken(_line(node), f"the body of `{_LOOPS[node.type]}` never ran"))
        elif node.type == "binary_expression":
            found += _of_operator(node, hits)
    return sorted(found), untold


class _Arm(NamedTuple):
    """One condition of an `if` with what runs if it is true."""

    line: int
    condition: Node | None
    block: Node | None


def _of_if(node: Node, hits: Hits) -> tuple[list[Untaken], int]:
    arms = [_arm(node, "consequence")]
    otherwise: Node | None = None
    for each in node.children_by_field_name("alternative"):
        if each.type == "elseif_statement":
            arms.append(_arm(each, "consequence"))
        else:
            otherwise = each
    found: list[Untaken] = []
    untold = 0
    for place, arm in enumerate(arms):
        if not hits.get(arm.line):  # it did not run at all, or begins amid a line
            break
        ran = _ran(arm.block, hits)
        untold += ran is None
        if ran is False:
            found.append(Untaken(arm.line, "never true"))
        if ran is not True:
            continue
        if place + 1 < len(arms):
            was_false: bool | None = bool(hits.get(arms[place + 1].line))
        elif otherwise is not None:
            was_false = _ran(otherwise.child_by_field_name("body"), hits)
        else:
            was_false = _was_skipped(node, arm, hits)
        if was_false is False:
            found.append(Untaken(arm.line, "never false"))
    return found, untold


def _arm(node: Node, block: str) -> _Arm:
    condition, consequence = node.child_by_field_name("condition"), node.child_by_field_name(block)
    return _Arm(_line(node), condition, consequence)


def _was_skipped(node: Node, arm: _Arm, hits: Hits) -> bool | None:
    """Tell whether an `if` without `else` was ever false: its line began more often than its block.

    None: one of the two lines may begin several times in one go.
    """
    block, condition = arm.block, arm.condition
    if block is None or condition is None or not block.named_children:
        return None
    first = block.named_children[0]
    after = first.next_named_sibling
    alone = (
        _opens_its_line(node)
        and node.start_point.row == condition.end_point.row
        and first.start_point.row == first.end_point.row > condition.end_point.row
        and (after is None or after.start_point.row > first.end_point.row)
    )
    if not alone or any(map(_begins_lines_again, (condition, first))):
        return None
    tested, ran = hits.get(arm.line), hits.get(_line(first))
    return None if not tested or not ran else ran < tested


def _opens_its_line(node: Node) -> bool:
    """Tell whether nothing stands before a node on its line."""
    root = node
    while root.parent is not None:
        root = root.parent
    code = root.text or b""
    place = node.start_byte - root.start_byte
    return not code[code.rfind(b"\n", 0, place) + 1 : place].strip()


def _begins_lines_again(node: Node) -> bool:
    """Tell whether a line may begin several times while a node runs once."""
    return any(
        each.type in _JUMPING or each.type.startswith("function_d") for each in descend(node)
    )


def _of_operator(node: Node, hits: Hits) -> Iterator[Untaken]:
    """Tell of an `and` or `or` whose right side, a call on lines of its own, never ran."""
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or left is None or right is None or text(operator) not in ("and", "or"):
        return
    calls = [each for each in descend(right, into_functions=False) if each.type == "function_call"]
    rows = {_line(each) for each in calls if each.start_point.row > operator.end_point.row}
    counts = [hits.get(row) for row in rows]
    began = any(hits.get(row + 1) for row in range(left.start_point.row, left.end_point.row + 1))
    if began and counts and all(count == 0 for count in counts):
        line = operator.start_point.row + 1
        yield Untaken(line, f"the right side of `{text(operator)}` never ran")


def _ran(block: Node | None, hits: Hits) -> bool | None:
    """Tell whether a block ran; None: it has no line with code to itself."""
    if block is None:
        return None
    before, after = block.prev_sibling, block.next_sibling
    start = block.start_point.row
    if before is not None:
        start = max(start, before.end_point.row + 1)
    stop = block.end_point.row + 1
    if after is not None:
        stop = min(stop, after.start_point.row)
    counts = _known(hits.get(row + 1) for row in range(start, stop))
    return any(counts) if counts else None


def _began(node: Node, hits: Hits) -> bool:
    return bool(hits.get(_line(node)))


def _known(counts: Iterable[int | None]) -> list[int]:
    return [count for count in counts if count is not None]


def _line(node: Node) -> int:
    return int(node.start_point.row) + 1
