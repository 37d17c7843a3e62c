"""MONITOR, SLOWLOG, and MODULE, without any."""

from __future__ import annotations

from itertools import islice

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.counts import parse_count
from redislua_kernel.engine.errors import MODULES_OFF, CommandError
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import OK, Reply

_SLOWLOG = "admin loading stale"
_MODULE = "admin noscript no_async_loading protected"


@command(
    "MONITOR",
    flags="admin noscript loading stale",
    group="server",
    since="1.0.0",
    complexity="O(1)",
)
def monitor(client: Client) -> Reply:
    """Show this connection every command that the server runs from now on."""
    if client.deliver is None or client.in_exec:
        raise CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client")
    client.engine.monitors.add(client)
    return OK


@command("SLOWLOG GET", flags=_SLOWLOG, group="server", since="2.2.12", complexity="O(N)")
def slowlog_get(client: Client, count: bytes = b"10") -> list[Reply]:
    """List the commands that took long, the newest first; a count of -1 lists all."""
    most = parse_count(count, CommandError("ERR count should be greater than or equal to -1"), -1)
    entries = client.engine.slowlog.entries
    return [list(entry) for entry in islice(entries, None if most < 0 else most)]


@command("SLOWLOG LEN", flags=_SLOWLOG, group="server", since="2.2.12", complexity="O(1)")
def slowlog_len(client: Client) -> int:
    """Count the recorded slow commands."""
    return len(client.engine.slowlog.entries)


@command("SLOWLOG RESET", flags=_SLOWLOG, group="server", since="2.2.12", complexity="O(N)")
def slowlog_reset(client: Client) -> Reply:
    """Forget the recorded slow commands."""
    client.engine.slowlog.entries.clear()
    return OK


@command("SLOWLOG HELP", flags="loading stale", group="server", since="6.2.0", complexity="O(1)")
def slowlog_help(client: Client) -> Reply:
    """Explain the subcommands of SLOWLOG."""
    return help_reply("SLOWLOG")


@command("MODULE LIST", flags="admin noscript", group="server", since="4.0.0", complexity="O(1)")
def module_list(client: Client) -> list[Reply]:
    """List the loaded modules: none."""
    return []


@command("MODULE LOAD", flags=_MODULE, group="server", since="4.0.0", complexity="O(1)")
def module_load(client: Client, path: bytes, *args: Words) -> Reply:
    """Load a module; refused, as enable-module-command is off."""
    raise MODULES_OFF


@command("MODULE LOADEX", flags=_MODULE, group="server", since="7.0.0", complexity="O(1)")
def module_loadex(client: Client, path: bytes, *options: Words) -> Reply:
    """Load a module with settings; refused, as enable-module-command is off."""
    raise MODULES_OFF


@command("MODULE UNLOAD", flags=_MODULE, group="server", since="4.0.0", complexity="O(1)")
def module_unload(client: Client, name: bytes) -> Reply:
    """Unload a module; refused, as enable-module-command is off."""
    raise MODULES_OFF


@command("MODULE HELP", flags="loading stale", group="server", since="5.0.0", complexity="O(1)")
def module_help(client: Client) -> Reply:
    """Explain the subcommands of MODULE."""
    return help_reply("MODULE")
