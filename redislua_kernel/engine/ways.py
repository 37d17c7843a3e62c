"""The way to a command: runs it for a client, and tells those who count, time and watch.

What is the same at each call of a command is found once, when the way to it is made. Those to
scripts and functions are in `scripting.ways`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.blocking import Blocked
from redislua_kernel.engine.eviction.use_watch import uses_keys
from redislua_kernel.engine.latency.histogram import BATCH
from redislua_kernel.engine.long_elements import ELEMENTS, LONG, adds_elements
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.registry import Command

__all__ = ["Way", "note_failure", "way_to"]

#: Runs a command for a client, who knows when it started: it is given all words, the name first.
Way = Callable[["Client", Sequence[bytes]], Reply]


def way_to(engine: Engine, command: Command) -> Way:
    """Make the way to a command."""
    run, durations = command.run, engine.statistics[command].durations
    writes, uses = command.is_write, uses_keys(command)
    keyspace, observers = engine.keyspace, engine.observers
    slow_calls, statistics, use_watch = engine.slow_calls, engine.statistics, engine.use_watch
    has_elements = adds_elements(command)

    def way(client: Client, words: Sequence[bytes]) -> Reply:
        dirty = keyspace.dirty
        engine.caller = client
        client.words = words
        started = client.started
        try:
            reply = run(client, words)
        except ResponseError as error:
            note_failure(client, words, error, monotonic() - started)
            raise
        elapsed = monotonic() - started
        if uses:
            use_watch.last_use = started
        durations.append(elapsed)
        if len(durations) >= BATCH:
            statistics.count_batch()
        if elapsed >= slow_calls.threshold and reply.__class__ is not Blocked:
            slow_calls.note(client, words, elapsed)
        if writes and keyspace.dirty != dirty:
            if has_elements and max(map(len, words)) >= LONG:
                ELEMENTS.were_long = True
            keyspace.journal.record_call(client.db.index, tuple(words))
        if observers:
            observers.show(client, command, words)
        return reply

    return way


def note_failure(
    client: Client, words: Sequence[bytes], error: ResponseError, elapsed: float
) -> None:
    """Tell those who count, time and watch of a command that failed."""
    engine = client.engine
    engine.statistics.count_error(words, error, elapsed)
    if elapsed >= engine.slow_calls.threshold:
        engine.slow_calls.note(client, words, elapsed)
    if engine.observers:
        engine.observers.show_failed(client, words)
