"""Calls of commands: those that there are not, or that are called wrongly; pcall without a look."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.alike import command_alike
from redislua_kernel.language.documentation import command_usage, find_command
from redislua_kernel.language.lint.rules import Finding, Level, rule
from redislua_kernel.language.lint.script import Call, Script

_NEWER = {
    "GETSET": "SET key value GET",
    "HMSET": "HSET",
    "RPOPLPUSH": "LMOVE source destination RIGHT LEFT",
    "BRPOPLPUSH": "BLMOVE source destination RIGHT LEFT timeout",
    "GEORADIUS": "GEOSEARCH",
    "GEORADIUSBYMEMBER": "GEOSEARCH",
    "ZRANGEBYSCORE": "ZRANGE key min max BYSCORE",
    "ZREVRANGEBYSCORE": "ZRANGE key max min BYSCORE REV",
    "ZRANGEBYLEX": "ZRANGE key min max BYLEX",
    "ZREVRANGEBYLEX": "ZRANGE key max min BYLEX REV",
    "ZREVRANGE": "ZRANGE key start stop REV",
    "SUBSTR": "GETRANGE",
    "SETNX": "SET key value NX",
    "SETEX": "SET key value EX seconds",
    "PSETEX": "SET key value PX milliseconds",
    "SLAVEOF": "REPLICAOF",
}


@rule("unknown-command")
def unknown_command(script: Script) -> Iterator[Finding]:
    """A command that there is not."""
    if not script.setting.is_embedded:
        return
    for call in script.commands:
        name = call.words[0] if call.words else None
        # Those with a dot belong to modules.
        if not name or "." in name or call.command is not None:
            continue
        command = find_command(name) if " " not in name else None
        if command is not None and not command.subcommands:
            continue
        if command is not None:
            inner = call.words[1] if len(call.words) > 1 else ""
            if inner is None or not call.words[1:] or command.is_runnable:
                continue
            message = f"{command.name} has no subcommand `{inner}`"
            known = sorted(each.decode() for each in command.subcommands)
            advice = f"there is {', '.join(known[:12])}{', …' if len(known) > 12 else ''}"
        else:
            message = f"there is no command `{name}` in this version"
            alike = command_alike(name)
            advice = "Tab after the quote lists all"
            if " " in name:
                words = ", ".join(f"'{each}'" for each in name.split())
                advice = f"each word is an argument of its own: redis.call({words})"
            elif alike:
                advice = f"did you mean {alike}? {advice}"
        yield script.finding("unknown-command", call.arguments[0], message, advice)


@rule("wrong-arguments")
def wrong_arguments(script: Script) -> Iterator[Finding]:
    """A command called with too few or too many arguments."""
    if not script.setting.is_embedded:
        return
    for call in script.commands:
        command = call.command
        if command is None or not command.is_runnable:
            continue
        count = len(call.arguments)
        is_wrong = not command.takes(count)
        if call.is_open:  # there may be more, or one less
            is_wrong = command.arity > 0 and count - 1 > command.arity
        if is_wrong:
            yield script.finding(
                "wrong-arguments",
                call.node,
                f"wrong number of arguments for {command.name}: this call fails",
                f"its syntax is {command_usage(command)}",
            )


@rule("not-in-scripts")
def not_in_scripts(script: Script) -> Iterator[Finding]:
    """A command that scripts may not call."""
    for call in script.commands:
        command = call.command
        if command is not None and "noscript" in command.flags:
            yield script.finding(
                "not-in-scripts",
                call.node,
                f"scripts may not call {command.name}: this call fails",
                "let the client call it" + _instead(call),
            )


@rule("unused-pcall")
def unused_pcall(script: Script) -> Iterator[Finding]:
    """An error that redis.pcall catches and nobody looks at."""
    for call in script.calls:
        if not _catches(script, call) or not script.is_unused(call.node):
            continue
        yield script.finding(
            "unused-pcall",
            call.node,
            f"{call.name} gives an error as a value; this one is thrown away, and the script goes "
            "on as if all were well",
            "look at what it gives, or use redis.call, which stops the script",
            fix="redis.call",
        )


@rule("older-command", Level.HINT)
def older_command(script: Script) -> Iterator[Finding]:
    """A command that has a newer one in its place."""
    for call in script.commands:
        newer = _NEWER.get(call.command.name) if call.command is not None else None
        if newer is not None and call.command is not None:
            yield script.finding(
                "older-command",
                call.arguments[0],
                f"{call.command.name} is kept for old clients only",
                f"the newer way is {newer}",
                is_hint=True,
            )


def _catches(script: Script, call: Call) -> bool:
    """Tell whether it is redis.pcall, or pcall of redis.call."""
    if call.is_command:
        return call.name.endswith(".pcall")
    return (
        call.name == "pcall"
        and bool(call.arguments)
        and (script.name(call.arguments[0]) in ("redis.call", "server.call"))
    )


def _instead(call: Call) -> str:
    assert call.command is not None
    if call.command.group in ("transactions", "scripting"):
        return ": a script is one unit already"
    return ""
