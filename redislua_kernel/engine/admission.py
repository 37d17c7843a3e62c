"""What a client's command meets before it is queued or run, in the conditions that hold.

The order of the checks is the reference's. Commands inside EXEC are not looked at again: EXEC
itself needs what any of them needs. What a script may do is decided when it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import (
    CROSS_SLOT,
    MASTER_DOWN,
    NO_AUTHENTICATION,
    OUT_OF_MEMORY,
    READ_ONLY_REPLICA,
    TOO_FEW_REPLICAS,
    CommandError,
    transaction_discarded,
)
from redislua_kernel.engine.pushes.pubsub import refuse_while_subscribed
from redislua_kernel.engine.registry import Command, check_call
from redislua_kernel.engine.slots import key_slot
from redislua_kernel.engine.strict import refuse_spread

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["Need", "admit", "check_user", "needs_of", "slot_of"]


class Need(IntFlag):
    """What a command must find to be let in."""

    NOTHING = 0
    #: A keyspace that may be changed.
    WRITES = 1
    #: Memory below the limit.
    MEMORY = 2
    #: Data that are not stale.
    FRESH_DATA = 4
    #: That what it hands on to replicas, without being a write, may go there.
    REPLICATION = 8


def needs_of(engine: Engine, command: Command, words: Sequence[bytes]) -> Need:
    """Tell what a command needs; a script's own flags count for more than EVAL's."""
    flags = engine.scripting.flags_of(words) if command.group == "scripting" else None
    if flags is None:
        writes, memory = "write" in command.flags, "denyoom" in command.flags
        fresh_data = "stale" not in command.flags
        replicates = "may_replicate" in command.flags
    else:
        writes, replicates = "no-writes" not in flags, False
        memory = writes and "allow-oom" not in flags
        fresh_data = "allow-stale" not in flags
    needs = Need.WRITES if writes else Need.NOTHING
    if memory:
        needs |= Need.MEMORY
    if fresh_data:
        needs |= Need.FRESH_DATA
    if replicates:
        needs |= Need.REPLICATION
    return needs


def slot_of(command: Command, words: Sequence[bytes]) -> int | None:
    """Give the slot of a call's keys; None without keys. Raises CROSS_SLOT if they differ."""
    slots = set(map(key_slot, command.keys_among(words)))
    if len(slots) > 1:
        raise CROSS_SLOT
    return slots.pop() if slots else None


def admit(client: Client, words: Sequence[bytes]) -> None:
    """Raise what forbids a command at this time; a transaction it is to join is lost then."""
    try:
        command = client.engine.commands.find(words)
        check_call(command, words)
    except CommandError:  # it fails by itself
        return
    transaction = client.transaction
    if client.engine.conditions.has_no_touch:
        client.engine.use_watch.ask().is_paused = client.no_touch
    try:
        check_user(client, command, words)
        _check_slot(client, command, words)
        _check_conditions(client, command, words)
    except CommandError as error:
        if transaction is not None:
            transaction.aborted = True
        if command.name != "EXEC":
            raise
        client.end_transaction()
        if error is CROSS_SLOT or error.message.startswith("EXECABORT"):
            raise
        raise transaction_discarded(error.message) from None


def check_user(client: Client, command: Command, words: Sequence[bytes]) -> None:
    """Raise what keeps a client's user from a call, which is noted in the log."""
    if client.must_log_in and "no_auth" not in command.flags:
        raise NO_AUTHENTICATION
    denial = None if client.user.is_unrestricted else client.user.denial(command, words)
    if denial is not None:
        client.words = words  # it is the last command, although it does not run
        client.engine.access_log.add(client, denial.reason, denial.object)
        raise CommandError(f"NOPERM {denial.text}")


def _check_slot(client: Client, command: Command, words: Sequence[bytes]) -> None:
    if not client.engine.conditions.is_cluster:
        return
    if client.engine.conditions.is_strict and command.group == "scripting":
        refuse_spread(command.keys_among(words))
    client.slot = slot_of(command, words)
    if command.name == "EXEC" and client.transaction is not None:
        queue, find = client.transaction.queue, client.engine.commands.find
        slots = {slot_of(find(queued), queued) for queued in queue} - {None}
        if len(slots) > 1:
            raise CROSS_SLOT
        client.slot = slots.pop() if slots else None


def _check_conditions(client: Client, command: Command, words: Sequence[bytes]) -> None:
    engine = client.engine
    conditions = engine.conditions
    needs = needs_of(engine, command, words)
    if command.name == "EXEC" and client.transaction is not None:
        needs |= client.transaction.needs
    engine.keyspace.keeps_expired = engine.pause.is_on() and not needs & Need.WRITES
    if conditions.memory_limit:
        conditions.is_full = not engine.eviction.make_room()
        if client.send_messages is not None:
            client.send_messages()  # of what was evicted
        if conditions.is_full and needs & Need.MEMORY:
            raise OUT_OF_MEMORY
    if conditions.disk_error and (needs & Need.WRITES or command.name == "PING"):
        raise conditions.disk_error.refusal(engine.dialect.title)
    if needs & Need.WRITES:
        if conditions.lacks_replicas:
            raise TOO_FEW_REPLICAS
        if conditions.is_read_only:
            raise READ_ONLY_REPLICA
    if client.subscribed and client.resp == 2:
        refuse_while_subscribed(engine.commands, words)
    if conditions.is_stale and needs & Need.FRESH_DATA:
        raise MASTER_DOWN
