"""What is set in a session and its engine, as plain values that outlive a kernel."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from redislua_kernel.engine.conditions import DiskError
from redislua_kernel.engine.hand_clock import HandClock
from redislua_kernel.engine.memory.limits import MemoryLimits
from redislua_kernel.engine.recovery import Settings
from redislua_kernel.engine.words import split_words
from redislua_kernel.session.options import Options

if TYPE_CHECKING:
    from redislua_kernel.session.session import Session

__all__ = ["apply_settings", "settings_of"]


def settings_of(session: Session) -> Settings:
    """Give what is set in a session and its engine: see `apply_settings`."""
    engine, client = session.engine, session.embedded
    clock = engine.keyspace.clock
    broken, *switches = engine.conditions.switches
    return {
        "dialect": engine.dialect.name,
        "config": engine.config.values.copy(),
        "users": [user.describe() for user in engine.users.by_name.values()],
        "switches": [None if broken is None else broken.name, *switches],
        "clock": clock.state if isinstance(clock, HandClock) else None,
        "client": {"database": client.database, "resp": client.resp, "name": client.name},
        "keys": session.keys,
        "args": session.args,
        "options": asdict(session.options),
        "limits": asdict(engine.limits),
    }


def apply_settings(session: Session, settings: Settings) -> None:
    """Set what another session had set; the engine's dialect is set already."""
    engine, client = session.engine, session.embedded
    if not settings:
        return
    for line in settings["users"]:
        words = split_words(line) or []  # user, name, rules
        engine.users.put(engine.users.changed(words[1], [b"reset", *words[2:]]))
    broken, *switches = settings["switches"]
    engine.conditions.switches = (DiskError[broken] if broken else None, *switches)
    engine.config.restore(settings["config"])
    engine.conditions.restrict_users(engine.users.any_restricted)
    if settings["clock"] is not None:
        clock = HandClock(engine.keyspace.clock)
        clock.state = settings["clock"]
        engine.keyspace.clock = clock
    client.db = engine.keyspace[settings["client"]["database"]]
    client.resp, client.name = settings["client"]["resp"], settings["client"]["name"]
    session.keys, session.args = settings["keys"], settings["args"]
    session.options = Options(**settings["options"])
    engine.limits = MemoryLimits(**settings["limits"])
