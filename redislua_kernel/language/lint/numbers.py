"""Numbers: Lua has doubles only, and writes them with 14 digits."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import Node, content, descend, text

__all__ = ["is_microseconds"]

_LARGEST = 1 << 53
#: No double has more digits before its point.
_LONGEST = 308
_MICROSECONDS = ("1000000", "1e6", "1000000.0", "1E6")


@rule("large-number")
def large_number(script: Script) -> Iterator[Finding]:
    """A whole number above 2^53, which no double can hold."""
    seen = set()
    read = [
        call.arguments[0] for call in script.calls if call.name == "tonumber" and call.arguments
    ]
    for node in script.of_type("number") + [each for each in read if content(each)]:
        shown = content(node) or text(node)
        if shown in seen:
            continue
        seen.add(shown)
        if len(shown) > _LONGEST or not shown.isdigit():
            continue
        if int(shown) > _LARGEST and int(float(shown)) != int(shown):
            yield script.finding(
                "large-number",
                node,
                f"numbers are doubles, so above 2^53 not every one is there: this is "
                f"{int(float(shown))}",
                "keep it as a string, and let Redis count with it (INCRBY)",
                fix=f"'{shown}'",
            )


@rule("text-precision")
def text_precision(script: Script) -> Iterator[Finding]:
    """A number of more than 14 digits, turned into text by tostring or `..`: digits are lost."""
    if not any(factor in script.code for factor in _MICROSECONDS):
        return
    for node in script.of_type("binary_expression"):
        if len(node.children) == 3 and node.children[1].type == "..":
            for part in (node.children[0], node.children[2]):
                if is_microseconds(script, part):
                    yield _too_long(script, part, "`..`")
    for call in script.calls:
        argument = call.arguments[0] if call.arguments else None
        if call.name == "tostring" and argument and is_microseconds(script, argument):
            yield _too_long(script, argument, "tostring")


def _too_long(script: Script, node: Node, what: str) -> Finding:
    return script.finding(
        "text-precision",
        node,
        f"{what} writes 14 digits of a number, and microseconds since 1970 have 16: the last ones "
        "are lost",
        "write all of them",
        fix=f"string.format('%.0f', {text(node)})" if len(text(node)) < 40 else "",
    )


def is_microseconds(script: Script, node: Node) -> bool:
    """Tell whether an expression is a time of day in microseconds: seconds * 1000000."""
    return all(
        origin is not None and any(_is_product(script, each) for each in _terms(origin))
        for origin in script.origins(node)
    )


def _terms(node: Node) -> Iterator[Node]:
    """Give the parts of a sum, and of the sums in it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if current.type == "parenthesized_expression":
            waiting += current.named_children
        elif current.type == "binary_expression" and current.children[1].type in ("+", "-"):
            waiting += [current.children[0], current.children[2]]


def _is_product(script: Script, node: Node) -> bool:
    if node.type != "binary_expression" or node.children[1].type != "*":
        return False
    parts = [node.children[0], node.children[2]]
    factors = [text(part) for part in parts]
    return any(factor in _MICROSECONDS for factor in factors) and any(
        _is_seconds(script, part) for part in parts
    )


def _is_seconds(script: Script, node: Node) -> bool:
    """Tell whether an expression is the first element of TIME's reply."""
    for each in descend(node):
        if each.type == "identifier":
            origin = script.origin(each)
            if origin != each and _is_seconds(script, origin):
                return True
        call = script.call(each)
        if call is not None and call.command is not None and call.command.name == "TIME":
            return True
    return False
