"""What a client can look into while nothing has stopped."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.debugger.keyspace import Keys
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.scopes import call_text, calls
from redislua_kernel.debugger.variables import Child, Group
from redislua_kernel.quantities import count_of

__all__ = ["overview"]


def overview(panel: Panel) -> Iterator[Child]:
    """Give what there is to see of the engine, and of what the next script gets."""
    engine = panel.host.engine
    keys, arguments = panel.host.parameters
    yield Child("KEYS", list(keys))
    yield Child("ARGV", list(arguments))
    database = panel.database
    keyspace = Keys(database)
    yield Child(f"Keyspace (db {database.index})", keyspace)
    effects = [
        Child(str(place), call_text(each.words)) for place, each in enumerate(panel.host.effects, 1)
    ]
    yield Child("Last effects", Group(effects, count_of(len(effects), "command")))
    last = calls(panel.calls)
    last.text = count_of(len(panel.calls), "call")
    yield Child("redis.call log", last)
    libraries = engine.scripting.functions.libraries
    shown = [
        Child(
            name.decode(), Group([Child(each.decode(), "function") for each in library.functions])
        )
        for name, library in libraries.items()
    ]
    yield Child("Libraries", Group(shown, ", ".join(each.name for each in shown) or "none"))
