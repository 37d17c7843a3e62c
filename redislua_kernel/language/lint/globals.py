"""Globals and the libraries: what a script may not write, and what is not there to be read."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.alike import name_alike
from redislua_kernel.language.documentation import find_command
from redislua_kernel.language.library import GLOBALS, LIBRARIES
from redislua_kernel.language.lint.rules import Finding, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import Node, text

_KNOWN = frozenset(GLOBALS) | {"_G", "_VERSION", "__redis__err__handler"}

_INSTEAD = {
    "print": "redis.log(redis.LOG_NOTICE, …) writes to the log",
    "require": "put what is needed into the script, or into a library of functions",
    "io": "scripts reach no files: pass the data in ARGV",
    "dofile": "scripts reach no files: put the code into the script",
    "loadfile": "scripts reach no files: put the code into the script",
    "null": "Lua's null is nil",
    "None": "Lua's null is nil",
    "NULL": "Lua's null is nil",
    "True": "it is written true",
    "False": "it is written false",
    "len": "the length of a list or a text is #x",
    "str": "tostring(x) makes a text of a number",
    "int": "tonumber(x) makes a number of a text",
    "json": "the library is called cjson",
    "JSON": "the library is called cjson",
    "continue": "Lua has no continue: put the rest of the body between if and end",
    "utf8": "Lua 5.1 has no such library",
    "debug": "scripts have no such library: redis.breakpoint() stops in the debugger",
}
_MEMBERS_INSTEAD = {
    "os.time": "redis.call('TIME')[1] is the time in seconds",
    "os.date": "redis.call('TIME')[1] is the time in seconds",
    "os.getenv": "pass what is needed in ARGV",
    "table.unpack": "in Lua 5.1 it is the global unpack",
    "table.pack": "in Lua 5.1: {n = select('#', ...), ...}",
    "table.move": "in Lua 5.1: a loop",
    "math.type": "Lua 5.1 has one type of numbers",
    "math.tointeger": "math.floor(x)",
    "string.pack": "struct.pack(format, …)",
    "string.unpack": "struct.unpack(format, data)",
    "string.gfind": "string.gmatch is its newer name",
    "bit.bit_and": "bit.band",
}


@rule("global-write")
def global_write(script: Script) -> Iterator[Finding]:
    """A global that the script writes: it may not."""
    seen = set()
    for node in script.scopes.global_writes:
        name = text(node)
        if name in seen:
            continue
        seen.add(name)
        is_function = node.parent is not None and node.parent.type == "function_declaration"
        yield script.finding(
            "global-write",
            node,
            f"`{name}` is no local variable, and scripts may not write globals: this line fails",
            "declare it before it is first used",
            fix=f"local function {name}" if is_function else f"local {name}",
        )


@rule("global-read")
def global_read(script: Script) -> Iterator[Finding]:
    """A global that there is not: reading it fails."""
    if script.is_made_of_pieces:
        return
    seen = {text(node) for node in script.scopes.global_writes}
    for node in script.scopes.global_reads:
        name = text(node)
        if name in seen or _is_there(name, script) or name == "server":
            continue
        seen.add(name)
        if script.is_library and name in ("KEYS", "ARGV"):
            advice = "a function of a library gets both as arguments: function(keys, args)"
        else:
            advice = (
                _INSTEAD.get(name)
                or _unquoted(name)
                or _alike(name, script)
                or "declare it as a local variable first"
            )
        yield script.finding(
            "global-read", node, f"there is no global `{name}`: reading it fails", advice
        )


@rule("server-alias")
def server_alias(script: Script) -> Iterator[Finding]:
    """`server.call`, which only Valkey knows."""
    if script.setting.dialect != "redis":
        return
    for node in script.scopes.global_reads:
        if text(node) == "server" and not _is_guarded(node, script):
            yield script.finding(
                "server-alias",
                node,
                "only Valkey has the global `server`: in Redis, reading it fails",
                "both know it as `redis`",
                fix="redis",
            )


@rule("library-write")
def library_write(script: Script) -> Iterator[Finding]:
    """A member of a library, or of _G, that the script sets: it may not."""
    for node in script.of_type("variable_list"):
        for target in node.named_children:
            table = target.child_by_field_name("table")
            name = "" if table is None else script.name(table)
            if name in LIBRARIES or name == "_G":
                yield script.finding(
                    "library-write",
                    target,
                    f"`{name}` is read-only: setting anything in it fails",
                    "keep the value in a local variable",
                )


@rule("unknown-member")
def unknown_member(script: Script) -> Iterator[Finding]:
    """A function that the library does not have."""
    for node in script.of_type("dot_index_expression"):
        library, _, member = script.name(node).partition(".")
        if library not in LIBRARIES or "." in member or member in LIBRARIES[library]:
            continue
        if library == "server" and script.setting.dialect == "redis":
            continue
        parent = node.parent
        if parent is None or parent.type not in ("function_call", "arguments", "expression_list"):
            continue  # a look whether it is there
        if library in ("redis", "server") and member.startswith(("SERVER_", "VALKEY_")):
            continue
        name = f"{library}.{member}"
        advice = _MEMBERS_INSTEAD.get(name) or _member_alike(library, member)
        yield script.finding(
            "unknown-member", node, f"there is no `{name}` in scripts: it is nil", advice
        )


def _is_there(name: str, script: Script) -> bool:
    if name in ("KEYS", "ARGV"):
        return not script.is_library
    return name in _KNOWN


def _is_guarded(node: Node, script: Script) -> bool:
    """Tell whether a name stands in `server or redis`, or the code asks for it elsewhere."""
    return "rawget" in script.code or (
        node.parent is not None and node.parent.type == "binary_expression"
    )


def _unquoted(name: str) -> str:
    """Tell who wrote a command's name without quotes."""
    return f"a command is a string: '{name}'" if name.isupper() and find_command(name) else ""


def _alike(name: str, script: Script) -> str:
    """Give the global or local that is written nearly so."""
    for known in ("KEYS", "ARGV", *sorted(GLOBALS)):
        if known.lower() in (name.lower(), f"{name.lower()}s", name.lower().removesuffix("s")):
            return f"it is written `{known}`"
    if name in LIBRARIES["redis"]:
        return f"it is written `redis.{name}`"
    alike = name_alike(name, [*GLOBALS, *(each.name for each in script.scopes.bindings)])
    return f"did you mean `{alike}`?" if alike else ""


def _member_alike(library: str, member: str) -> str:
    if library in ("redis", "server") and find_command(member):
        return f"a command is called so: {library}.call('{member.upper()}', …)"
    for known in LIBRARIES[library]:
        if known.lower() == member.lower():
            return f"it is written `{library}.{known}`"
    alike = name_alike(member, LIBRARIES[library])
    asked = f"did you mean `{library}.{alike}`? " if alike else ""
    return f"{asked}`{library}.` and Tab show what there is"
