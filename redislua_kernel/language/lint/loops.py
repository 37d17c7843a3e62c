"""Loops that do not end."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import Node, text

_LOOPS = ("while_statement", "repeat_statement", "for_statement")


@rule("endless-loop")
def endless_loop(script: Script) -> Iterator[Finding]:
    """A loop whose condition never changes, and that nothing leaves."""
    for node in script.of_type("while_statement", "repeat_statement"):
        condition = node.child_by_field_name("condition")
        if condition is None or not _never_ends(node, condition) or _is_left(script, node):
            continue
        message = "nothing ends this loop, and while a script runs the server answers nobody else"
        advice = "give it a condition, or a break; an interrupt stops it, and undoes its writes"
        yield script.finding("endless-loop", node, message, advice)._replace(is_urgent=True)


def _never_ends(loop: Node, condition: Node) -> bool:
    if loop.type == "repeat_statement":
        return text(condition) in ("false", "nil")
    return condition.type in ("true", "number", "string")


def _is_left(script: Script, loop: Node) -> bool:
    """Tell whether a loop has a way out: a break of its own, a return, or an error."""
    waiting = [(child, False) for child in loop.named_children]
    while waiting:
        node, is_inner = waiting.pop()
        if node.type in ("return_statement", "goto_statement"):
            return True
        if node.type == "break_statement" and not is_inner:
            return True
        call = script.call(node)
        if call is not None and call.name in ("error", "assert"):
            return True
        if not node.type.startswith("function_d"):
            waiting += [(child, is_inner or node.type in _LOOPS) for child in node.named_children]
    return False
