"""cjson: what it writes otherwise than it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.numbers import is_microseconds
from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script, fields_of
from redislua_kernel.language.replies import Shape, names
from redislua_kernel.language.tree import Node, descend, text

#: Replies that are often empty; those of HGETALL are no lists of values to send on.
_LISTS = names(
    "SMEMBERS LRANGE ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE KEYS HKEYS HVALS SINTER "
    "SUNION SDIFF"
)


@rule("json-empty-array")
def json_empty_array(script: Script) -> Iterator[Finding]:
    """A list that may be empty, written by cjson.encode: it becomes {} and not []."""
    for call in script.calls:
        if call.name != "cjson.encode" or len(call.arguments) != 1:
            continue
        if _is_kept_for_lua(script, call.node):
            continue
        for value in _values_in(script, call.arguments[0]):
            if _is_list(script, value) and not _is_looked_at(script, value):
                shown = text(value)
                yield script.finding(
                    "json-empty-array",
                    value,
                    "cjson.encode writes an empty table as {} and not as []: whoever reads it gets "
                    "an object where a list was meant",
                    "write the empty list yourself",
                    fix=f"#{shown} == 0 and '[]' or cjson.encode({shown})"
                    if value == call.arguments[0] and value.type == "identifier"
                    else "",
                )


def _is_kept_for_lua(script: Script, node: Node) -> bool:
    """Tell whether JSON is stored by a script that reads such JSON itself: there {} is as good."""
    if not any(call.name == "cjson.decode" for call in script.calls):
        return False
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "arguments" and parent.parent is not None:
        call = script.call(parent.parent)
        return call is not None and call.is_command
    binding = next((each for each in script.scopes.bindings if each.value == node), None)
    return (
        binding is not None
        and bool(binding.reads)
        and all(
            each.parent is not None
            and each.parent.parent is not None
            and (call := script.call(each.parent.parent)) is not None
            and call.is_command
            for each in binding.reads
        )
    )


def _values_in(script: Script, node: Node) -> Iterator[Node]:
    """Give what is encoded: a value, and the fields of a table that is written out here."""
    yield node
    origin = script.origin(node)
    if origin.type == "table_constructor" and not script.binding(node):
        for name, value in fields_of(origin):
            if name is not None or value.type != "table_constructor":
                yield value


def _is_list(script: Script, node: Node) -> bool:
    """Tell whether a value is a list that may be empty."""
    origin = script.origin(node)
    call = script.call(origin)
    if call is not None:
        return (
            call.command is not None and call.command.name in _LISTS and call.shape is Shape.ARRAY
        )
    if origin.type != "table_constructor" or list(fields_of(origin)):
        return False
    binding = script.binding(node)
    if binding is None:
        return node.parent is None or node.parent.type != "arguments"
    return not binding.fields and (
        any(_inserts_into(script, each) for each in binding.reads)
        or any(_is_appended_to(each) for each in binding.reads)
    )


def _inserts_into(script: Script, node: Node) -> bool:
    arguments = node.parent
    call = None if arguments is None or arguments.parent is None else script.call(arguments.parent)
    return call is not None and call.name == "table.insert" and call.arguments[0] == node


def _is_appended_to(node: Node) -> bool:
    """Tell whether a name stands in `t[#t + 1] =`."""
    index = node.parent
    if index is None or index.type != "bracket_index_expression":
        return False
    field = index.child_by_field_name("field")
    if field is None or index.parent is None or index.parent.type != "variable_list":
        return False
    return field.type == "binary_expression" and f"#{text(node)}" in text(field)


def _is_looked_at(script: Script, node: Node) -> bool:
    """Tell whether the code asks anywhere how long a list is, or whether it has anything."""
    binding = script.binding(node)
    if binding is None:
        return False
    for each in binding.reads:
        parent = each.parent
        if parent is None:
            continue
        if parent.type == "unary_expression" and parent.children[0].type == "#":
            above = parent.parent
            if above is None or above.type != "binary_expression":
                continue
            if above.children[1].type in ("==", "~=", "<", ">", "<=", ">="):
                return True
        elif parent.type == "arguments" and parent.parent is not None:
            call = script.call(parent.parent)
            if call is not None and call.name == "next":
                return True
    return False


@rule("json-precision")
def json_precision(script: Script) -> Iterator[Finding]:
    """A number of more than 14 digits, of which cjson.encode writes no more."""
    for call in script.calls:
        if call.name != "cjson.encode":
            continue
        told: set[int] = set()
        for argument in call.arguments:
            for node in descend(script.origin(argument)):
                if node.parent is not None and node.parent.id in told:
                    told.add(node.id)
                elif _is_long(script, node):
                    told.add(node.id)
                    yield _cut(script, node)


def _cut(script: Script, node: Node) -> Finding:
    shown = text(node)
    return script.finding(
        "json-precision",
        node,
        "cjson.encode writes 14 digits of a number, the others are lost",
        "put it into the table as a string",
        fix=f'"{shown}"' if node.type == "number" else f"string.format('%.0f', {shown})",
    )


def _is_long(script: Script, node: Node) -> bool:
    """Tell whether a number has more than 14 digits: it is so written, or a time."""
    if node.type == "number":
        return _digits(text(node)) > 14
    return node.type in ("identifier", "binary_expression") and is_microseconds(script, node)


def _digits(number: str) -> int:
    mantissa = number.lower().partition("e")[0]
    return 0 if mantissa.startswith("0x") else len(mantissa.replace(".", "").strip("0"))
