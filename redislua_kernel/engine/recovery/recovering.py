"""Makes an engine of a crash journal: the snapshot, then what each unit has replicated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.journal import REPLICATE_NONE, Effect
from redislua_kernel.engine.recovery.everything import Everything
from redislua_kernel.engine.recovery.records import Kind, read_records
from redislua_kernel.errors import RedisError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.keyspace import Keyspace
    from redislua_kernel.engine.recovery.recorder import Settings

__all__ = ["Recovered", "recover"]

#: Commands that only bracket others: each unit is one anyway.
_BRACKETS = (b"MULTI", b"EXEC")


@dataclass
class Recovered:
    """What was found in a crash journal."""

    keys: int = 0
    libraries: int = 0
    #: What was set, for who set it.
    settings: Settings = field(default_factory=dict)
    #: Where the whole records end: what follows is no part of what was recovered.
    end: int = 0
    #: Why there is something that could not be recovered, beside the unit that was running.
    damage: str | None = None


def recover(engine: Engine, path: Path) -> Recovered:
    """Take over what a file holds in place of all there is.

    Raises OSError, and for what is no crash journal Damaged. Of one that is damaged, what stands
    before the damage is taken over.
    """
    records = read_records(path)
    found = Recovered(end=records.end)
    if records.is_damaged:
        found.damage = f"its last {records.left} bytes are damaged"
    client = engine.client()
    keyspace = engine.keyspace
    clock = keyspace.clock
    with engine.lock, keyspace.unit() as journal:
        keyspace.pause_collector()
        targets = journal.targets
        journal.targets = REPLICATE_NONE
        try:
            _clear(engine, client)
            for number, (kind, payload) in enumerate(records.records, 1):
                try:
                    _take(engine, client, kind, payload, found)
                except (RedisError, LookupError, TypeError, ValueError) as error:
                    found.damage = f"its record {number} cannot be repeated: {error}"
                    break
        finally:
            journal.targets = targets
            journal.calls.clear()
            journal.is_partial = True
            keyspace.clock = clock
            keyspace.look_at_clock()
            engine.disconnect(client)
            engine.statistics.reset()
    found.keys = sum(len(database.entries) for database in keyspace.databases)
    found.libraries = len(engine.scripting.functions.libraries)
    return found


def _clear(engine: Engine, client: Client) -> None:
    """Let nothing be left of what was there."""
    engine.run(client, [b"FLUSHALL"])
    engine.run(client, [b"FUNCTION", b"FLUSH"])
    engine.run(client, [b"SCRIPT", b"FLUSH"])


def _take(engine: Engine, client: Client, kind: Kind, payload: Any, found: Recovered) -> None:
    keyspace = engine.keyspace
    if kind is Kind.SNAPSHOT:
        everything = Everything(*payload)
        _set_clock(keyspace, everything.now_us)
        everything.adopt(engine)
    elif kind is Kind.UNIT:
        now_us, calls = payload
        _set_clock(keyspace, now_us)
        for effect in map(Effect.of, calls):
            if effect.words[0] not in _BRACKETS:
                client.db = keyspace[effect.database]
                engine.run(client, effect.words)
    elif kind is Kind.SETTINGS:
        found.settings = payload
        dialect = payload.get("dialect")
        if dialect is not None and dialect != engine.dialect.name:
            engine.change_dialect(dialect)
    else:
        scripts = engine.scripting.scripts
        if kind is Kind.SCRIPTS:
            scripts.flush(keyspace.journal)
        for body, is_evictable in payload:
            try:
                (scripts.eval if is_evictable else scripts.load)(body, engine.scripting.runtime)
            except CommandError:  # what the dialect refuses
                continue


def _set_clock(keyspace: Keyspace, now_us: int) -> None:
    """Let time stand where it stood: else what has expired since would be created again."""
    keyspace.clock = lambda: now_us
    keyspace.look_at_clock()
