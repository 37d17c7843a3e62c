"""CONFIG: settings at run time."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.link import ConnectionCounts
from redislua_kernel.engine.loop_counts import LoopCounts
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import OK, Reply

_FLAGS = "admin noscript loading stale"


@command(
    "CONFIG GET",
    flags=_FLAGS,
    group="server",
    since="2.0.0",
    complexity="O(N) where N is the number of settings.",
)
def config_get(client: Client, *parameters: bytes) -> Reply:
    """Read the settings whose names match one of the glob patterns."""
    return client.engine.config.get(parameters)


@command(
    "CONFIG SET",
    flags=_FLAGS,
    group="server",
    since="2.0.0",
    complexity="O(N) where N is the number of settings given.",
)
def config_set(client: Client, parameter: bytes, value: bytes, *more: Words) -> Reply:
    """Change settings: all that are given, or none."""
    if len(more) % 2:
        raise SYNTAX_ERROR
    pairs = zip((parameter, *more[::2]), (value, *more[1::2]), strict=True)
    client.engine.config.set(list(pairs))
    return OK


@command("CONFIG RESETSTAT", flags=_FLAGS, group="server", since="2.0.0", complexity="O(1)")
def config_resetstat(client: Client) -> Reply:
    """Set INFO's counters back to zero."""
    engine = client.engine
    engine.statistics.reset()
    engine.access_log.reset_counts()
    engine.connections = ConnectionCounts()
    engine.loop_counts = LoopCounts()
    engine.keyspace.expired = 0
    engine.eviction.evicted = 0
    engine.persistence.saves = 0
    engine.memory.reset_peak()
    engine.scripting.scripts.evicted = 0
    return OK


@command("CONFIG REWRITE", flags=_FLAGS, group="server", since="2.8.0", complexity="O(1)")
def config_rewrite(client: Client) -> Reply:
    """Write the settings to the configuration file; refused, as there is none."""
    raise CommandError("ERR The server is running without a config file")


@command("CONFIG HELP", flags="loading stale", group="server", since="5.0.0", complexity="O(1)")
def config_help(client: Client) -> Reply:
    """Explain the subcommands of CONFIG."""
    return help_reply("CONFIG")
