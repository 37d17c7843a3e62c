"""What a script returns and its caller does not get: a reply knows no nil, fraction or name."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script, fields_of
from redislua_kernel.language.replies import names
from redislua_kernel.language.tree import Node, text
from redislua_kernel.quantities import count_of

#: Fields that make a table another reply than an array.
_REPLIES = frozenset(
    ["ok", "err", "double", "map", "set", "big_number", "verbatim_string", "format", "string"]
)
_FLOATS = names(
    "math.sqrt math.log math.log10 math.exp math.sin math.cos math.tan math.atan math.atan2"
)
_MAKERS = names("redis.error_reply redis.status_reply")


@rule("unused-reply")
def unused_reply(script: Script) -> Iterator[Finding]:
    """An error or status that is made and not returned: it does nothing."""
    for call in script.calls:
        if call.name in _MAKERS and script.is_unused(call.node):
            yield script.finding(
                "unused-reply",
                call.node,
                f"{call.name} only makes a reply, and this one is thrown away: the script goes on",
                "return it; in a function that is called, error({err = …}) ends the script",
                fix=f"return {call.name}",
            )


@rule("nil-in-reply")
def nil_in_reply(script: Script) -> Iterator[Finding]:
    """A nil in an array that is returned: the array ends there."""
    for table in _arrays(script):
        values = [value for name, value in fields_of(table) if name is None]
        for place, value in enumerate(values):
            if value.type == "nil":
                lost = len(values) - place
                yield script.finding(
                    "nil-in-reply",
                    value,
                    "an array ends at its first nil, so the caller gets "
                    f"{count_of(place, 'element')} of {place + lost}",
                    "false comes as a null reply",
                    fix="false",
                )
                break


@rule("name-in-reply")
def name_in_reply(script: Script) -> Iterator[Finding]:
    """A field with a name in a table that is returned: the caller does not get it."""
    for node in script.returned:
        table = script.origin(node)
        if table.type != "table_constructor":
            continue
        named = [(name, value) for name, value in fields_of(table) if name]
        binding = script.binding(node)
        names = {name for name, _ in named} | set(binding.fields if binding else ())
        if not names or names & _REPLIES:
            continue
        if binding is not None and not named and binding.is_indexed:
            continue  # a list that also keeps something under a name
        first = named[0][1] if named else node
        yield script.finding(
            "name-in-reply",
            first,
            f"a reply has the elements 1, 2, 3 … of a table, not its field `{min(names)}`: "
            "the caller does not get it",
            "return names and values in turn, or cjson.encode the table; under RESP3, {map = …}",
        )


@rule("float-in-reply")
def float_in_reply(script: Script) -> Iterator[Finding]:
    """A number with a fraction that is returned: the caller gets a whole one."""
    for node in script.returned:
        origin = script.origin(node)
        values = [origin]
        if origin.type == "table_constructor":
            values = [value for name, value in fields_of(origin) if name is None]
        for value in values:
            if all(each is not None and _has_fraction(script, each)
                   for each in script.origins(value)):  # fmt: skip
                shown = text(value)
                yield script.finding(
                    "float-in-reply",
                    value if origin.type == "table_constructor" else node,
                    f"a number loses its fraction in a reply: {_example(value)}",
                    "say that it is meant by math.floor, or return it as a string",
                    fix=f"tostring({shown})" if len(shown) < 40 else "",
                )


def _example(value: Node) -> str:
    """Tell what becomes of a number that is written out, or of another one."""
    if value.type == "number" and _is_fraction(text(value)):
        return f"{text(value)} comes as {int(float(text(value)))}"
    return "3.7 would come as 3"


def _arrays(script: Script) -> Iterator[Node]:
    """Give the tables that are written out and returned, and those within them."""
    for node in script.returned:
        waiting = [script.origin(node)]
        while waiting:
            table = waiting.pop()
            if table.type == "table_constructor":
                yield table
                waiting += [value for _, value in fields_of(table)]


def _has_fraction(script: Script, node: Node, depth: int = 0) -> bool:
    """Tell whether a value is a number that is meant to have a fraction."""
    if depth > 20:
        return False
    if node.type == "parenthesized_expression" and node.named_children:
        return _has_fraction(script, node.named_children[0], depth + 1)
    if node.type == "number":
        return _is_fraction(text(node))
    if node.type == "unary_expression" and node.children[0].type == "-":
        return _has_fraction(script, node.children[1], depth + 1)
    if node.type == "binary_expression":
        operator = node.children[1].type
        if operator == "/":
            return not _counts(node.children[0])
        return operator in ("+", "-", "*") and any(
            _has_fraction(script, script.origin(part), depth + 1)
            for part in (node.children[0], node.children[2])
        )
    call = script.call(node)
    if call is None:
        return False
    return call.name in _FLOATS or (call.name == "math.random" and not call.arguments)


def _counts(node: Node) -> bool:
    """Tell whether an expression counts elements, as in (#ARGV - 1): parts of that are even."""
    waiting, has_length = [node], False
    while waiting:
        current = waiting.pop()
        match current.type:
            case "unary_expression" if current.children[0].type == "#":
                has_length = True
            case "parenthesized_expression":
                waiting += current.named_children
            case "binary_expression":
                waiting += [current.children[0], current.children[2]]
            case "number":
                pass
            case _:
                return False
    return has_length


def _is_fraction(number: str) -> bool:
    try:
        return float(number) % 1 != 0
    except ValueError:  # 0x10
        return False
