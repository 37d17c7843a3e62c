"""What the undoing of a unit leaves out: settings, users, conditions, cached scripts, watchers.

A server changes these for good, whatever becomes of the script that runs. A notebook's cell is
one unit with all it does: what it was interrupted in is as it was before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["Checkpoint"]

#: What commands set in the client that calls them.
_OF_CLIENT = ("authenticated", "db", "debug_mode", "name", "no_evict", "no_touch", "resp", "user")


class Checkpoint:
    """The state of an engine, and of a client of it, beside the data and the libraries."""

    def __init__(self, engine: Engine, client: Client) -> None:
        self._engine = engine
        self._settings = engine.config.values.copy()
        self._users = engine.users.state()
        self._switches = engine.conditions.switches
        self._scripts = engine.scripting.scripts.state()
        self._watchers = engine.scripting.watchers.state()
        self._client = client
        self._of_client = {name: getattr(client, name) for name in _OF_CLIENT}

    def restore(self) -> None:
        """Bring it back, once the unit was undone."""
        engine = self._engine
        engine.users.restore(self._users)
        engine.conditions.switches = self._switches
        engine.config.restore(self._settings)
        engine.scripting.scripts.restore(self._scripts)
        engine.scripting.watchers.restore(self._watchers)
        for name, value in self._of_client.items():
            setattr(self._client, name, value)
