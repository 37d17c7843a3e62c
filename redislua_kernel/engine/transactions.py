"""MULTI, EXEC and WATCH: queueing commands and noticing changed keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import CommandError, wrong_arity
from redislua_kernel.engine.registry import Command, find
from redislua_kernel.reply import QUEUED, Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["queue_command"]

#: Commands that run at once inside MULTI.
_IMMEDIATE = {"EXEC", "DISCARD", "MULTI", "WATCH", "QUIT", "RESET"}


def queue_command(client: Client, words: Sequence[bytes]) -> Reply | None:
    """Queue a command of a client inside MULTI and give QUEUED; None: it runs at once.

    A command that cannot be queued makes EXEC refuse the transaction.
    """
    transaction = client.transaction
    assert transaction is not None
    try:
        command, _ = find(words)
        if command.name in _IMMEDIATE:
            return None
        _check_arity(command, words)
        if "no_multi" in command.flags:
            raise CommandError("ERR Command not allowed inside a transaction")
        if client.engine.config.maxmemory:
            client.engine.refuse_if_full(command)
    except CommandError:
        transaction.aborted = True
        raise
    transaction.queue.append(list(words))
    return QUEUED


def _check_arity(command: Command, words: Sequence[bytes]) -> None:
    arity = command.arity
    if len(words) != arity if arity > 0 else len(words) < -arity:
        raise wrong_arity(command.full_name)
