"""EVAL and its kin, FCALL, and SCRIPT."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.counts import KeysAfterCount
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import OK, Reply, Status

_EVAL = "noscript stale skip_monitor no_mandatory_keys movablekeys"
_EVAL_COST = "Depends on the script that is executed."

_find_keys = KeysAfterCount(1, optional=True)


# Scripts and functions run by the ways of `scripting.ways`. What is here can only be called by a
# script, and where DEBUG lets it.


def _refuse(client: Client) -> Reply:
    raise client.engine.scripting.busy_error


@command(
    "EVAL",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="2.6.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
)
def eval_(client: Client, script: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a Lua script on the server."""
    return _refuse(client)


@command(
    "EVAL_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
)
def eval_ro(client: Client, script: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a Lua script that may not write."""
    return _refuse(client)


@command(
    "EVALSHA",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="2.6.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
)
def evalsha(client: Client, sha1: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a cached Lua script by its SHA1 digest."""
    return _refuse(client)


@command(
    "EVALSHA_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
)
def evalsha_ro(client: Client, sha1: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a cached Lua script that may not write, by its SHA1 digest."""
    return _refuse(client)


@command(
    "FCALL",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="7.0.0",
    complexity="Depends on the function that is executed.",
    find_keys=_find_keys,
)
def fcall(client: Client, function: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Call a function of a loaded library."""
    return _refuse(client)


@command(
    "FCALL_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity="Depends on the function that is executed.",
    find_keys=_find_keys,
)
def fcall_ro(client: Client, function: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Call a function that does not write."""
    return _refuse(client)


# SCRIPT


@command(
    "SCRIPT LOAD",
    flags="noscript stale",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the length of the script.",
)
def script_load(client: Client, script: bytes) -> bytes:
    """Put a script into the cache without running it; give its SHA1 digest."""
    scripting = client.engine.scripting
    return scripting.scripts.load(script, scripting.runtime).sha


@command(
    "SCRIPT EXISTS",
    flags="noscript",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of digests.",
)
def script_exists(client: Client, *sha1: bytes) -> list[int]:
    """Tell for each digest whether its script is cached."""
    scripts = client.engine.scripting.scripts.scripts
    return [int(digest.lower() in scripts) for digest in sha1]


@command(
    "SCRIPT FLUSH",
    flags="noscript",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of cached scripts.",
)
def script_flush(client: Client, *mode: Words) -> Reply:
    """Forget all cached scripts."""
    if len(mode) > 1 or (mode and mode[0].upper() not in (b"SYNC", b"ASYNC")):
        raise CommandError("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
    engine = client.engine
    engine.scripting.scripts.flush(engine.keyspace.journal)
    engine.scripting.runtime.reset_scripts()
    return OK


@command(
    "SCRIPT KILL", flags="noscript allow_busy", group="scripting", since="2.6.0", complexity="O(1)"
)
def script_kill(client: Client) -> Reply:
    """Stop the running script, if it has not written yet."""
    client.engine.scripting.kill(function=False)
    return OK


@command("SCRIPT DEBUG", flags="noscript", group="scripting", since="3.2.0", complexity="O(1)")
def script_debug(client: Client, mode: bytes) -> Reply:
    """Set how this connection's next scripts are debugged: YES, SYNC or NO."""
    if client.in_exec or (client.link is not None and client.link.owes_replies()):
        raise CommandError("ERR SCRIPT DEBUG must be called outside a pipeline")
    if mode.upper() not in (b"YES", b"SYNC", b"NO"):
        raise CommandError("ERR Use SCRIPT DEBUG YES/SYNC/NO")
    client.debug_mode = mode.lower().decode()
    return OK


@command("SCRIPT HELP", flags="loading stale", group="scripting", since="5.0.0", complexity="O(1)")
def script_help(client: Client) -> list[Status]:
    """List the subcommands of SCRIPT."""
    return help_reply("SCRIPT")
