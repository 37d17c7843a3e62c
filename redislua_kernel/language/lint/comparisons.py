"""Comparisons and conditions that always come out the same, because of what replies are in Lua."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.replies import Shape
from redislua_kernel.language.tree import Node, content, descend, text

_EQUALITY = ("==", "~=")
_LOGIC = ("binary_expression", "unary_expression", "parenthesized_expression")
_ORDER = ("<", ">", "<=", ">=")
#: So many parts of a condition are looked at.
_MOST = 500
_CONDITIONAL = ("if_statement", "elseif_statement", "while_statement", "repeat_statement")


@rule("nil-reply")
def nil_reply(script: Script) -> Iterator[Finding]:
    """`== nil` on the reply of a missing key: that is false."""
    if script.speaks_resp3:
        return
    for node, left, operator, right in _comparisons(script, _EQUALITY):
        value = left if right.type == "nil" else right if left.type == "nil" else None
        if value is None or _tests_false_too(node, text(value)):
            continue
        shape = _shape_or_element(script, value)
        if shape is Shape.NULLABLE:
            outcome = "never" if operator == "==" else "always"
            yield script.finding(
                "nil-reply",
                node,
                f"a missing value comes as false, so `{text(node)}` is {outcome} true",
                "test the value itself",
                fix=f"not {text(value)}" if operator == "==" else text(value),
            )
        elif shape in (Shape.INTEGER, Shape.ARRAY, Shape.STATUS):
            yield script.finding(
                "nil-reply",
                node,
                f"the reply is always {shape.value}, never nil",
                _advice_on(shape),
            )


@rule("always-true")
def always_true(script: Script) -> Iterator[Finding]:
    """A reply as a condition that is true whatever it is: 0 and an empty table are true in Lua."""
    for node in _conditions(script):
        shape = script.shape(node)
        if shape in (Shape.INTEGER, Shape.ARRAY) and not _may_be_skipped(script, node):
            what = "0 is true in Lua" if shape is Shape.INTEGER else "an empty table is true in Lua"
            fix = f"{text(node)} ~= 0" if shape is Shape.INTEGER else f"#{text(node)} > 0"
            yield script.finding(
                "always-true",
                node,
                f"the reply is always {shape.value}, and {what}: this condition is always true",
                _advice_on(shape),
                fix=fix if "\n" not in fix and len(fix) < 80 else "",
            )


@rule("status-compare")
def status_compare(script: Script) -> Iterator[Finding]:
    """A status reply compared with a string: it is a table, so they never are equal."""
    for node, left, operator, right in _comparisons(script, _EQUALITY):
        value, other = (right, left) if content(left) is not None else (left, right)
        if content(other) is None or script.shape(value) is not Shape.STATUS:
            continue
        outcome = "never" if operator == "==" else "always"
        yield script.finding(
            "status-compare",
            node,
            f"a status reply is a table in Lua, so `{_short(node)}` is {outcome} true",
            "compare its field `ok`",
            fix=f"{text(value)}.ok {operator} {text(other)}" if _is_short(value) else "",
        )


@rule("string-number")
def string_number(script: Script) -> Iterator[Finding]:
    """A string from ARGV or from Redis compared with a number: they never are equal."""
    for node, left, operator, right in _comparisons(script, _EQUALITY + _ORDER):
        for value, other in ((left, right), (right, left)):
            if not _is_number(script, other) or not _is_text(script, value):
                continue
            is_equality = operator in _EQUALITY
            outcome = "never" if operator == "==" else "always"
            yield script.finding(
                "string-number",
                node,
                f"`{_short(value)}` is a string and `{_short(other)}` a number: "
                + (f"this is {outcome} true" if is_equality else "to compare them fails"),
                "turn the string into a number first",
                fix=f"tonumber({text(value)})" if _is_short(value) else "",
            )
            break


def _comparisons(
    script: Script, operators: tuple[str, ...]
) -> Iterator[tuple[Node, Node, str, Node]]:
    for node in script.of_type("binary_expression"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.children[1].type if len(node.children) == 3 else ""
        if left is not None and right is not None and operator in operators:
            yield node, left, operator, right


def _tests_false_too(node: Node, value: str) -> bool:
    """Tell whether the condition around a comparison tests the same value for false as well."""
    top = node
    while top.parent is not None and top.parent.type in _LOGIC:
        top = top.parent
    for each in islice(descend(top), _MOST):
        if each == node or each.parent == node or text(each) != value or each.parent is None:
            continue
        beside = [child.type for child in each.parent.children]
        if {"not", "and", "or"} & set(beside) or "false" in beside:
            return True
    return False


def _shape_or_element(script: Script, node: Node) -> Shape:
    """Give a reply's kind, or that of the element of an HMGET or MGET."""
    if node.type == "bracket_index_expression":
        table = node.child_by_field_name("table")
        origin = None if table is None else script.origin(table)
        call = None if origin is None else script.call(origin)
        if call is None or call.command is None or call.command.name not in ("HMGET", "MGET"):
            return Shape.UNKNOWN
        field = node.child_by_field_name("field")
        if field is None or field.type != "number" or call.is_open:
            return Shape.UNKNOWN  # beyond the last field there is nil indeed
        last = len(call.arguments) - (2 if call.command.name == "HMGET" else 1)
        return Shape.NULLABLE if text(field).isdigit() and int(text(field)) <= last else (
            Shape.UNKNOWN)  # fmt: skip
    return script.shape(node)


def _conditions(script: Script) -> Iterator[Node]:
    """Give the expressions of which only the truth counts."""
    waiting = []
    for node in script.of_type(*_CONDITIONAL):
        waiting += node.children_by_field_name("condition")
    waiting += [
        operand
        for node in script.of_type("unary_expression")
        if node.children[0].type == "not"
        for operand in node.children_by_field_name("operand")
    ]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.type == "parenthesized_expression":
            waiting += node.named_children[:1]
        elif node.type == "binary_expression":
            if node.children[1].type in ("and", "or"):
                waiting += [node.children[0], node.children[2]]
        else:
            yield node


def _may_be_skipped(script: Script, node: Node) -> bool:
    """Tell whether a local may still have no value: what assigns it may not run."""
    binding = script.binding(node)
    return binding is not None and len(binding.values) > 1


def _advice_on(shape: Shape) -> str:
    if shape is Shape.INTEGER:
        return "compare it with a number"
    return "count its elements with #" if shape is Shape.ARRAY else "look at its field `ok`"


def _is_number(script: Script, node: Node) -> bool:
    if node.type == "number":
        return True
    if node.type == "unary_expression":
        operand = node.child_by_field_name("operand")
        return node.children[0].type == "#" or (operand is not None and operand.type == "number")
    return script.shape(node) is Shape.INTEGER


def _is_text(script: Script, node: Node) -> bool:
    origins = script.origins(node)
    return bool(origins) and all(
        origin is not None and _is_one_text(script, origin) for origin in origins
    )


def _is_one_text(script: Script, node: Node) -> bool:
    if node.type == "bracket_index_expression":
        table = node.child_by_field_name("table")
        return table is not None and script.name(table) in ("KEYS", "ARGV")
    call = script.call(node)
    return call is not None and call.shape in (Shape.STRING, Shape.NULLABLE) and not (
        call.command is not None and script.speaks_resp3
    )  # fmt: skip


def _is_short(node: Node) -> bool:
    return len(text(node)) < 40 and "\n" not in text(node)


def _short(node: Node) -> str:
    shown = " ".join(text(node).split())
    return shown if len(shown) < 40 else f"{shown[:38]} …"
