"""What clients may do while a script has held the engine for too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.admission import check_user
from redislua_kernel.engine.errors import transaction_discarded
from redislua_kernel.engine.registry import check_call
from redislua_kernel.engine.transactions import queue_command
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["busy_call"]


def busy_call(engine: Engine, client: Client, words: Sequence[bytes]) -> Reply:
    """Run a command if its flags allow it while a script runs; raise the BUSY error if not."""
    try:
        command = engine.commands.find(words)
        check_call(command, words)
        if engine.conditions.has_users:
            check_user(client, command, words)
        if "allow_busy" not in command.flags:
            busy = engine.scripting.busy_error
            if command.name == "EXEC":
                client.transaction = None  # its watched keys stay: the script has the keyspace
                raise transaction_discarded(busy.message)
            raise busy
    except ResponseError as error:
        engine.statistics.count_rejection(words, error)
        if client.transaction is not None:
            client.transaction.aborted = True
        raise
    if client.transaction is not None:
        queued = queue_command(client, words)
        if queued is not None:
            return queued
    return command.run(client, words)
