"""What is known about a name: a command, a function of Lua's libraries, an error's code, a flag."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from redislua_kernel.engine.registry import COMMANDS, Command
from redislua_kernel.language.error_codes import ERROR_CODES
from redislua_kernel.language.lexer import tokenize
from redislua_kernel.language.library import GLOBALS, LIBRARIES
from redislua_kernel.language.script_flags import SCRIPT_FLAGS, flag_at
from redislua_kernel.language.syntax import SYNTAX

__all__ = ["Documentation", "command_usage", "document", "find_command", "name_at"]


@dataclass(frozen=True)
class Documentation:
    """How something is written, what it does, and facts about it as (name, value)."""

    usage: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()


def document(name: str) -> Documentation | None:
    """Give the documentation of `redis.call`, `CONFIG GET`, `WRONGTYPE`, `no-writes`, …"""
    table, _, member = name.partition(".")
    entry = LIBRARIES.get(table, {}).get(member) if member else GLOBALS.get(name)
    if entry is not None:
        usage, text = entry
        return Documentation(f"{table}.{usage}" if member else usage, text)
    command = find_command(name)
    if command is not None:
        return _document_command(command)
    if name in SCRIPT_FLAGS:
        return Documentation(name, SCRIPT_FLAGS[name])
    code = name.upper()
    return Documentation(code, ERROR_CODES[code]) if code in ERROR_CODES else None


def find_command(name: str) -> Command | None:
    """Give a command, or a subcommand such as `CONFIG GET`, in any case."""
    first, _, second = name.upper().partition(" ")
    command = COMMANDS.get(first.encode("utf-8", "replace"))
    if command is None or not second:
        return command
    return command.subcommands.get(second.strip().encode("utf-8", "replace"))


def command_usage(command: Command) -> str:
    """Give a command as its users write it: `SET key value [NX] [EX seconds]`."""
    if command.name in SYNTAX:
        return f"{command.name} {SYNTAX[command.name]}"
    signature = command.signature
    words = [command.name]
    words += [p.name if p.required else f"[{p.name}]" for p in signature.positional]
    if signature.variadic is not None:
        name = signature.variadic.name.removesuffix("s")
        words.append(f"{name} [{name} ...]" if signature.variadic.required else f"[{name} ...]")
    for token, (_, option) in signature.options.items():
        value = "" if option.word is None else f" {option.word.type}"
        words.append(f"[{token.decode()}{value}]")
    return " ".join(words)


def name_at(code: str, cursor: int) -> str:
    """Give the name at a place in Lua: dotted, or the command that a string names."""
    flag = flag_at(code, cursor)
    if flag:
        return flag
    tokens = tokenize(code)
    for place, token in enumerate(tokens):
        if not token.start <= cursor <= token.end:
            continue
        if token.kind == "string" and token.start < cursor:
            container = tokens[place - 2] if place > 2 and tokens[place - 1].text == "," else None
            if container is not None and find_command(f"{container.content} {token.content}"):
                return f"{container.content} {token.content}"
            call = _enclosing_call(code[: token.start])
            if find_command(call) is not None:
                return call  # a key, or another word of it
            name = _name_in_string([each.content for each in tokens[place : place + 3 : 2]])
            return name if document(name) is not None else call
        if token.kind in ("name", "keyword") and cursor <= token.end:
            dotted = token.text
            if place > 1 and tokens[place - 1].text == "." and tokens[place - 2].kind == "name":
                dotted = f"{tokens[place - 2].text}.{dotted}"
            return dotted
    return _enclosing_call(code[:cursor])


def _name_in_string(words: list[str]) -> str:
    """Give the command of a call's first words: `CONFIG GET` for both, `GET` for the first."""
    both = " ".join(words)
    if len(words) == 2 and " " not in words[0] and find_command(words[0]) is not None:
        command = find_command(words[0])
        return both if command and command.subcommands and find_command(both) else words[0]
    return words[0]


def _enclosing_call(before: str) -> str:
    """Give the function whose arguments end here, or the command if that is redis.call."""
    depth = 0
    tokens = tokenize(before)
    for place in range(len(tokens) - 1, 0, -1):
        text = tokens[place].text
        if tokens[place].kind != "symbol":
            continue
        depth += (text == ")") - (text == "(")
        if depth < 0:
            if tokens[place - 1].text in ("call", "pcall") and place + 1 < len(tokens):
                return _name_in_string([each.content for each in tokens[place + 1 : place + 4 : 2]])
            if tokens[place - 1].kind in ("name", "keyword", "string"):
                return name_at(before, tokens[place - 1].end)
            depth = 0  # parentheses round an expression: what they stand in comes next
    return ""


def _document_command(command: Command) -> Documentation:
    text = inspect.getdoc(command.function) if not command.subcommands else command.summary
    facts = [
        ("group", command.group),
        ("since", command.since),
        ("complexity", command.complexity),
        ("arity", str(command.arity)),
        ("flags", " ".join(sorted(command.flags))),
    ]
    if command.subcommands:
        names = (name.decode() for name in sorted(command.subcommands))
        facts.append(("subcommands", ", ".join(names)))
    known = tuple((name, value) for name, value in facts if value)
    return Documentation(command_usage(command), text or command.summary, known)
