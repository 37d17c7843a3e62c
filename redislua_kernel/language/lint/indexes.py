"""What is read from a list or a text and never is there: lists begin at 1 and have no names."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script, fields_of
from redislua_kernel.language.replies import Shape, names
from redislua_kernel.language.tree import Node, content, expressions, text

#: What other languages call the number of elements.
_LENGTHS = names("length len size count")
#: Under redis.pcall a reply may be an error, which has names.
_OF_ERRORS = names("err ok")
#: Functions that put nothing into a list but at its places.
_HARMLESS = names("ipairs pairs next unpack type tostring table.insert table.remove table.concat")


@rule("never-there")
def never_there(script: Script) -> Iterator[Finding]:
    """What is never there: element 0, a name in a reply, `length`, a call's second value."""
    yield from _second_values(script)
    for node in script.of_type("bracket_index_expression", "dot_index_expression"):
        table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
        if table is None or field is None or node.parent is None or _is_set(script, node, table):
            continue
        name = text(field) if node.type == "dot_index_expression" else content(field)
        owner, shown = text(table), text(node)
        if name is None:
            if text(field) == "0" and _is_list(script, table):
                yield script.finding(
                    "never-there",
                    node,
                    f"a list begins at 1: `{shown}` is always nil",
                    "its first element is",
                    fix=f"{owner}[1]",
                )
        elif name in _LENGTHS and (_is_list(script, table) or _is_text(script, table)):
            yield script.finding(
                "never-there",
                node,
                f"there is no `{name}` in it: `{shown}` is always nil",
                "the length is",
                fix=f"#{owner}",
            )
        elif _is_reply(script, table) and name not in _OF_ERRORS:
            yield script.finding(
                "never-there",
                node,
                f"a reply is a list without names: `{shown}` is always nil",
                _advice_on(script, table),
            )


def _second_values(script: Script) -> Iterator[Finding]:
    """Find locals that are to get more than the one value that redis.call gives."""
    for node in script.of_type("assignment_statement"):
        names, values = (expressions(side) for side in node.named_children[:2])
        call = script.call(values[-1]) if values else None
        if call is None or not call.is_command or len(names) <= len(values):
            continue
        binding = script.binding(names[len(values)])
        if binding is not None and binding.reads and len(binding.values) == 1:
            yield script.finding(
                "never-there",
                binding.node,
                f"{call.name} gives one value: `{binding.name}` is always nil",
                "a list of replies is one table, and an error of redis.pcall its field err",
            )


def _is_set(script: Script, node: Node, table: Node) -> bool:
    """Tell whether the place is written, here or elsewhere."""
    binding = script.binding(table)
    return (node.parent is not None and node.parent.type == "variable_list") or (
        binding is not None and (bool(binding.fields) or binding.is_indexed)
    )


def _is_list(script: Script, table: Node) -> bool:
    return (
        script.name(table) in ("KEYS", "ARGV")
        or _is_given(script, table)
        or _is_reply(script, table)
        or _is_written_out(script, table)
    )


def _is_given(script: Script, table: Node) -> bool:
    """Tell whether it is the keys or the arguments of a library's function."""
    binding = script.binding(table)
    if binding is None or binding.kind != "parameter" or len(binding.values) > 1:
        return False
    callbacks = [each.callback for each in script.registered if each.callback is not None]
    heads = [each.child_by_field_name("parameters") for each in callbacks]
    return any(binding.node in head.named_children[:2] for head in heads if head is not None)


def _is_reply(script: Script, table: Node) -> bool:
    return script.shape(table) is Shape.ARRAY and not script.speaks_resp3


def _is_written_out(script: Script, table: Node) -> bool:
    """Tell whether it is a list that the code spells out, and that nobody else may have changed."""
    origin, binding = script.origin(table), script.binding(table)
    if origin.type != "table_constructor" or binding is None:
        return False
    parts = [name for name, _ in fields_of(origin)]
    return bool(parts) and not any(name is not None for name in parts) and not any(
        each.parent is not None
        and each.parent.type in ("arguments", "expression_list", "field")
        and not _is_harmless(script, each.parent)
        for each in binding.reads
    )  # fmt: skip


def _is_harmless(script: Script, arguments: Node) -> bool:
    call = script.call(arguments.parent) if arguments.parent is not None else None
    return call is not None and (call.name in _HARMLESS or call.is_command)


def _is_text(script: Script, node: Node) -> bool:
    origin = script.origin(node)
    if origin.type == "bracket_index_expression":
        table = origin.child_by_field_name("table")
        return table is not None and script.name(table) in ("KEYS", "ARGV")
    return origin.type == "string" or script.shape(origin) in (Shape.STRING, Shape.NULLABLE)


def _advice_on(script: Script, table: Node) -> str:
    call = script.call(script.origin(table))
    command = None if call is None else call.command
    if command is not None and command.name == "HGETALL":
        return "names and values take turns: HGET gives one field's value, HMGET those of several"
    return "its elements are 1, 2, 3 …: for i, value in ipairs(list) do"
