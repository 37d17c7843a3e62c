"""What a client can look into while nothing has stopped."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.debugger.keyspace import Keys
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.scopes import calls
from redislua_kernel.debugger.variables import Child, Group
from redislua_kernel.engine.words import quote_word

__all__ = ["overview"]


def overview(panel: Panel) -> Iterator[Child]:
    """Give what there is to see of the engine, and of what the next script gets."""
    engine = panel.host.engine
    keys, arguments = panel.host.parameters
    yield Child("KEYS", list(keys))
    yield Child("ARGV", list(arguments))
    database = panel.host.database
    keyspace = Keys(database)
    yield Child(f"Keyspace (db {database.index})", keyspace)
    effects = [b" ".join(map(quote_word, each.words)) for each in panel.host.effects]
    yield Child("Last effects", effects)
    last = calls(panel.calls)
    last.text = f"{len(panel.calls)} call{'' if len(panel.calls) == 1 else 's'}"
    yield Child("redis.call log", last)
    libraries = engine.scripting.functions.libraries
    shown = [
        Child(
            name.decode(), Group([Child(each.decode(), "function") for each in library.functions])
        )
        for name, library in libraries.items()
    ]
    yield Child("Libraries", Group(shown, ", ".join(each.name for each in shown) or "none"))
