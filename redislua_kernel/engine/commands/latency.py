"""LATENCY: which kinds of work took long, and how long the calls of commands take."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.introspection.describing import find_by_name
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.latency.doctor import diagnose
from redislua_kernel.engine.latency.graph import draw
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import Reply, Verbatim

_LATENCY = "admin noscript loading stale"


@command("LATENCY DOCTOR", flags=_LATENCY, group="server", since="2.8.13", complexity="O(1)")
def latency_doctor(client: Client) -> Verbatim:
    """Report on what took long, with advice."""
    engine = client.engine
    return Verbatim(diagnose(engine.latency, engine.config).encode())


@command("LATENCY GRAPH", flags=_LATENCY, group="server", since="2.8.13", complexity="O(1)")
def latency_graph(client: Client, event: bytes) -> Verbatim:
    """Draw an event's latencies as a graph of characters."""
    latency = client.engine.latency
    found = latency.events.get(event)
    if found is None:
        raise CommandError(f"ERR No samples available for event '{shown(event)}'")
    return Verbatim(draw(event.decode(), found, latency.now).encode())


@command("LATENCY HISTORY", flags=_LATENCY, group="server", since="2.8.13", complexity="O(1)")
def latency_history(client: Client, event: bytes) -> list[Reply]:
    """List an event's latencies: when, in seconds, and how many milliseconds."""
    found = client.engine.latency.events.get(event)
    return [] if found is None else [list(spike) for spike in found.spikes]


@command("LATENCY LATEST", flags=_LATENCY, group="server", since="2.8.13", complexity="O(1)")
def latency_latest(client: Client) -> list[Reply]:
    """List each event with its newest latency, when it was, and the worst one."""
    events = client.engine.latency.events
    return [[name, *found.spikes[-1], found.worst] for name, found in events.items()]


@command("LATENCY RESET", flags=_LATENCY, group="server", since="2.8.13", complexity="O(1)")
def latency_reset(client: Client, *events: Words) -> int:
    """Forget the latencies of some events, or of all; give how many events had some."""
    return client.engine.latency.reset(*events)


@command(
    "LATENCY HISTOGRAM",
    flags=_LATENCY,
    group="server",
    since="7.0.0",
    complexity="O(N) where N is the number of commands that were called.",
)
def latency_histogram(client: Client, *commands: Words) -> Reply:
    """Tell how many calls of each command took up to 1, 2, 4, … microseconds."""
    engine = client.engine
    named = [find_by_name(engine.commands, name) for name in commands]
    chosen = {found for one in named if one for found in (one, *one.subcommands.values())}
    return {
        command.full_name.encode(): {
            b"calls": counts.latencies.calls,
            b"histogram_usec": counts.latencies.cumulated(),
        }
        for command, counts in engine.statistics.called()
        if counts.latencies.counts and (not commands or command in chosen)
    }


@command("LATENCY HELP", flags="loading stale", group="server", since="2.8.13", complexity="O(1)")
def latency_help(client: Client) -> Reply:
    """Explain the subcommands of LATENCY."""
    return help_reply("LATENCY")
