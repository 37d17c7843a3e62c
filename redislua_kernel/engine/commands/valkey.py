"""What Valkey has beside the commands of Redis, or has in another form."""

from __future__ import annotations

from functools import partial

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands import scripting
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, shown, subcommand_syntax
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Words
from redislua_kernel.engine.slots import key_slot
from redislua_kernel.reply import OK, Reply, Status

_command = partial(command, dialect="valkey")


@_command("DELIFEQ", flags="write fast", group="string", since="9.0.0", complexity="O(1)")
def delifeq(db: Database, key: Key, value: bytes) -> int:
    """Delete a string that equals the value; tell whether it did."""
    if db.string(key) != value:
        return 0
    db.remove(key)
    db.changed(key, b"del")
    db.effect(b"DEL", key)
    return 1


@_command(
    "SCRIPT SHOW", flags="noscript stale", group="scripting", since="8.0.0", complexity="O(1)"
)
def script_show(client: Client, sha1: bytes) -> bytes:
    """Give the body of a cached script."""
    cache = client.engine.scripting.scripts
    script = cache.scripts.get(sha1.lower())
    if script is None:
        raise CommandError(cache.dialect.no_script)
    return script.body


@_command("SCRIPT DEBUG", flags="noscript", group="scripting", since="3.2.0", complexity="O(1)")
def script_debug(client: Client, mode: bytes, *engine: Words) -> Reply:
    """Set how this connection's next scripts are debugged: YES, SYNC or NO."""
    if len(engine) > 1:
        raise subcommand_syntax(client.words[1], "script")
    if engine and engine[0].lower() != b"lua":
        name = shown(engine[0])
        raise CommandError(f"ERR No scripting engine found with name '{name}' to enable debug")
    return scripting.script_debug(client, mode)


_command(
    "SCRIPT EXISTS",
    flags="noscript stale",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of digests.",
)(scripting.script_exists)
_command(
    "SCRIPT FLUSH",
    flags="noscript stale",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of cached scripts.",
)(scripting.script_flush)


@_command("SCRIPT HELP", flags="loading stale", group="scripting", since="5.0.0", complexity="O(1)")
def script_help(client: Client) -> list[Status]:
    """List the subcommands of SCRIPT."""
    return help_reply("SCRIPT", "script_valkey")


@_command("CLUSTER KEYSLOT", flags="stale", group="cluster", since="3.0.0", complexity="O(N)")
def cluster_keyslot(client: Client, key: bytes) -> int:
    """Give the slot of a key, outside a cluster too."""
    return key_slot(key)


@_command(
    "READONLY",
    flags="loading stale fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readonly(client: Client) -> Reply:
    """Let a cluster's replica serve reads to this connection."""
    return OK


@_command(
    "READWRITE",
    flags="loading stale fast",
    group="cluster",
    since="3.0.0",
    complexity="O(1)",
    categories="connection",
)
def readwrite(client: Client) -> Reply:
    """End READONLY."""
    return OK
