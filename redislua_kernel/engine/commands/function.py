"""FUNCTION: libraries of Lua functions; FCALL is in `scripting`, beside EVAL."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, VerbatimError, shown, subcommand_syntax
from redislua_kernel.engine.glob import glob_match
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import OK, Reply, SetReply, Status


@command(
    "FUNCTION LOAD",
    flags="write denyoom noscript",
    group="scripting",
    since="7.0.0",
    complexity="O(1), beside compiling the code.",
)
def function_load(client: Client, *options_and_code: bytes) -> bytes:
    """Load a library of functions; REPLACE takes the place of one with the same name."""
    *options, code = options_and_code
    for option in options:
        if option.upper() != b"REPLACE":
            raise CommandError(f"ERR Unknown option given: {shown(option)}")
    engine = client.engine
    scripting, journal = engine.scripting, engine.keyspace.journal
    loaded = scripting.load(
        lambda runtime: scripting.functions.load(code, runtime, journal, replace=bool(options))
    )
    engine.keyspace.dirty += 1
    return loaded.name


@command(
    "FUNCTION DELETE", flags="write noscript", group="scripting", since="7.0.0", complexity="O(1)"
)
def function_delete(client: Client, library: bytes) -> Reply:
    """Delete a library and its functions."""
    engine = client.engine
    engine.scripting.functions.delete(library, engine.keyspace.journal)
    engine.keyspace.dirty += 1
    return OK


@command(
    "FUNCTION FLUSH",
    flags="write noscript",
    group="scripting",
    since="7.0.0",
    complexity="O(N) with N the number of functions.",
)
def function_flush(client: Client, *mode: Words) -> Reply:
    """Delete all libraries."""
    if len(mode) > 1:
        raise subcommand_syntax(client.words[1], "function")
    if mode and mode[0].upper() not in (b"SYNC", b"ASYNC"):
        raise CommandError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
    engine = client.engine
    engine.scripting.functions.flush(engine.keyspace.journal)
    engine.scripting.runtime.reset_functions()
    engine.keyspace.dirty += 1
    return OK


@command(
    "FUNCTION LIST",
    flags="noscript",
    group="scripting",
    since="7.0.0",
    complexity="O(N) with N the number of functions.",
)
def function_list(client: Client, *options: Words) -> list[dict[bytes, Reply]]:
    """List the libraries: LIBRARYNAME takes a pattern, WITHCODE adds their code."""
    pattern, with_code, place = None, False, 0
    while place < len(options):
        option = options[place].upper()
        if option == b"WITHCODE" and not with_code:
            with_code = True
        elif option == b"LIBRARYNAME" and pattern is None:
            place += 1
            if place == len(options):
                raise CommandError("ERR library name argument was not given")
            pattern = options[place]
        else:
            raise VerbatimError(f"ERR Unknown argument {shown(options[place])}")
        place += 1
    return [
        {
            b"library_name": library.name,
            b"engine": b"LUA",
            b"functions": [
                {
                    b"name": function.name,
                    b"description": function.description,
                    b"flags": SetReply(Status(flag.encode()) for flag in function.sorted_flags),
                }
                for function in library.functions.values()
            ],
            **({b"library_code": library.code} if with_code else {}),
        }
        for library in client.engine.scripting.functions.libraries.values()
        if pattern is None or glob_match(pattern, library.name, ignore_case=True)
    ]


@command(
    "FUNCTION STATS",
    flags="noscript allow_busy",
    group="scripting",
    since="7.0.0",
    complexity="O(1)",
)
def function_stats(client: Client) -> dict[bytes, Reply]:
    """Tell which function is running, and how many libraries and functions there are."""
    scripting = client.engine.scripting
    running = scripting.running
    if running is not None and not running.is_function:
        raise scripting.busy_error
    functions = scripting.functions
    script = running and {
        b"name": running.name,
        b"command": running.command,
        b"duration_ms": running.milliseconds(),
    }
    counts = {b"libraries_count": len(functions.libraries), b"functions_count": functions.count()}
    return {b"running_script": script, b"engines": {b"LUA": counts}}


@command(
    "FUNCTION KILL",
    flags="noscript allow_busy",
    group="scripting",
    since="7.0.0",
    complexity="O(1)",
)
def function_kill(client: Client) -> Reply:
    """Stop the running function, if it has not written yet."""
    client.engine.scripting.kill(function=True)
    return OK


@command(
    "FUNCTION DUMP",
    flags="noscript",
    group="scripting",
    since="7.0.0",
    complexity="O(N) with N the number of functions.",
)
def function_dump(client: Client) -> bytes:
    """Give all libraries as one payload for FUNCTION RESTORE."""
    return client.engine.scripting.functions.dump()


@command(
    "FUNCTION RESTORE",
    flags="write denyoom noscript",
    group="scripting",
    since="7.0.0",
    complexity="O(N) with N the number of functions in the payload.",
)
def function_restore(client: Client, payload: bytes, *policy: Words) -> Reply:
    """Load the libraries of a payload: APPEND (the default), REPLACE or FLUSH."""
    if len(policy) > 1:
        raise subcommand_syntax(client.words[1], "function")
    chosen = policy[0].lower().decode("latin-1") if policy else "append"
    if chosen not in ("append", "replace", "flush"):
        raise CommandError(
            "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE."
        )
    engine = client.engine
    scripting = engine.scripting
    with engine.working("restoring libraries"):
        scripting.load(
            lambda runtime: scripting.functions.restore(
                payload, chosen, runtime, engine.keyspace.journal
            )
        )
    engine.keyspace.dirty += 1
    return OK


@command(
    "FUNCTION HELP", flags="loading stale", group="scripting", since="7.0.0", complexity="O(1)"
)
def function_help(client: Client) -> list[Status]:
    """List the subcommands of FUNCTION."""
    return help_reply("FUNCTION")
