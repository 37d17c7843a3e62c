"""Functions of Lua and of the API that do nothing any more, or have newer ones in their place."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import text

_OLD = {
    "table.getn": ("`#` is its newer way, and later versions of Lua have only that", "#{0}"),
    "table.foreach": ("pairs is its newer way", "for key, value in pairs({0}) do"),
    "table.foreachi": ("ipairs is its newer way", "for index, value in ipairs({0}) do"),
    "math.mod": ("`%` is its newer way", ""),
}


@rule("deprecated")
def deprecated(script: Script) -> Iterator[Finding]:
    """A function of Lua that is kept for old code only."""
    for call in script.calls:
        if call.name not in _OLD:
            continue
        advice, fix = _OLD[call.name]
        first = text(call.arguments[0]) if call.arguments else ""
        yield script.finding(
            "deprecated",
            call.node,
            f"`{call.name}` is kept for old code only",
            advice,
            fix=fix.format(first) if 0 < len(first) < 40 else "",
        )


@rule("replicate-commands")
def replicate_commands(script: Script) -> Iterator[Finding]:
    """redis.replicate_commands, which does nothing since Redis 7."""
    for call in script.calls:
        if call.name in ("redis.replicate_commands", "server.replicate_commands"):
            yield script.finding(
                "replicate-commands",
                call.node,
                "since Redis 7 the effects of scripts are replicated anyway: this does nothing",
                "leave it out, unless servers older than 5 run the script, too",
            )
