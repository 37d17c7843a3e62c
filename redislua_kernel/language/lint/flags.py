"""Flags of scripts and functions: those that are broken, and those that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislua_kernel.language.lint.rules import Finding, Level, rule
from redislua_kernel.language.lint.script import Call, Script
from redislua_kernel.language.tree import Node

_DECLARATIONS = frozenset(["function_declaration", "variable_declaration"])


@rule("write-in-no-writes")
def write_in_no_writes(script: Script) -> Iterator[Finding]:
    """A write in a script or a function that has the flag no-writes."""
    for name, flags, function, _ in _units(script):
        if "no-writes" not in flags:
            continue
        for call in script.calls_in(function):
            if call.command is not None and call.command.is_write:
                yield script.finding(
                    "write-in-no-writes",
                    call.node,
                    f"{name} has the flag no-writes, and {call.command.name} writes: this call "
                    "fails",
                    "take away the flag, or the call",
                )


@rule("missing-no-writes", Level.HINT)
def missing_no_writes(script: Script) -> Iterator[Finding]:
    """A script or a function that writes nothing and does not say so."""
    for name, flags, function, node in _units(script):
        calls = _known_calls(script, function)
        if not calls or "no-writes" in flags or any(_writes(call) for call in calls):
            continue
        caller = "FCALL_RO" if script.is_library else "EVALSHA_RO and replicas"
        yield script.finding(
            "missing-no-writes",
            node,
            f"{name} writes nothing and does not say so: with the flag no-writes, {caller} take it",
            "add the flag",
            fix=_with_flag(script, flags, "no-writes"),
            is_hint=True,
        )


@rule("missing-allow-oom", Level.HINT)
def missing_allow_oom(script: Script) -> Iterator[Finding]:
    """A script or a function that only frees memory, but is refused where memory is short."""
    for name, flags, function, node in _units(script):
        calls = _known_calls(script, function)
        if not script.has_head or not calls or {"allow-oom", "no-writes"} & flags:
            continue
        if not any(_writes(call) for call in calls) or any(_takes_memory(call) for call in calls):
            continue
        yield script.finding(
            "missing-allow-oom",
            node,
            f"{name} takes no memory, but is refused when memory is short: the flag allow-oom lets "
            "it run",
            "add the flag",
            fix=_with_flag(script, flags, "allow-oom"),
            is_hint=True,
        )


def _units(script: Script) -> Iterator[tuple[str, frozenset[str], Node, Node]]:
    """Give what has flags: its name, the flags, its code, and where to speak of it."""
    if not script.is_library:
        statements = [each for each in script.tree.root.named_children
                      if each.type not in ("hash_bang_line", "comment")]  # fmt: skip
        # What only declares is a piece that scripts include, and they have the flags.
        if not all(each.type in _DECLARATIONS for each in statements):
            yield "the script", script.flags, script.tree.root, statements[0]
        return
    for each in script.registered:
        if each.callback is not None:
            yield f"`{each.name}`", each.flags, each.callback, each.node


def _known_calls(script: Script, function: Node) -> Sequence[Call]:
    """Give the commands that a piece of code calls; none if there may be others."""
    calls = script.calls_in(function)
    if not script.knows_all_calls(calls, function):
        return []
    return [call for call in calls if call.is_command]


def _writes(call: Call) -> bool:
    return call.command is not None and ("write" in call.command.flags
                                         or "may_replicate" in call.command.flags)  # fmt: skip


def _takes_memory(call: Call) -> bool:
    return call.command is not None and "denyoom" in call.command.flags


def _with_flag(script: Script, flags: frozenset[str], flag: str) -> str:
    named = sorted(flags | {flag})
    if not script.is_library:
        return f"#!lua flags={','.join(named)}"
    listed = ", ".join(f"'{each}'" for each in named)
    return f"flags = {{{listed}}}"
