"""Keys that a script does not declare, or that are in several slots: what a cluster must know."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.engine.slots import key_slot
from redislua_kernel.language.lint.rules import Finding, Level, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import Node, content, text


@rule("undeclared-key", Level.STRICT)
def undeclared_key(script: Script) -> Iterator[Finding]:
    """A key that does not come from KEYS: a cluster cannot know of it."""
    for call in script.commands:
        for key in call.keys:
            why = _why_undeclared(script, key)
            if why:
                yield script.finding(
                    "undeclared-key",
                    key,
                    f"{why}, so nobody can know it before the script runs: a cluster chooses the "
                    "node by KEYS",
                    "let the caller pass it in KEYS",
                )


@rule("cross-slot", Level.STRICT)
def cross_slot(script: Script) -> Iterator[Finding]:
    """Keys that are in several slots of a cluster."""
    first: tuple[str, int] | None = None
    for call in script.commands:
        for key in call.keys:
            name = content(script.origin(key))
            if name is None:
                continue
            slot = key_slot(name.encode("utf-8", "replace"))
            if first is None:
                first = name, slot
            elif slot != first[1]:
                yield script.finding(
                    "cross-slot",
                    key,
                    f"'{name}' is in slot {slot} and '{first[0]}' in slot {first[1]}: a cluster "
                    "runs a script only if one slot has all its keys",
                    "give them the same hash tag: only what is in braces counts for the slot",
                    fix=f"'{{tag}}:{name}'",
                )
                return


def _why_undeclared(script: Script, node: Node) -> str:
    """Tell why a key is not declared; the empty string: it is, or nobody can tell."""
    origin = script.origin(node)
    if content(origin) is not None:
        return f"the key {text(origin)} is written in the script"
    if origin.type == "bracket_index_expression":
        table = origin.child_by_field_name("table")
        return "the key comes from ARGV" if table and script.name(table) == "ARGV" else ""
    if origin.type == "binary_expression" and origin.children[1].type == "..":
        return "the key is put together in the script"
    return ""
