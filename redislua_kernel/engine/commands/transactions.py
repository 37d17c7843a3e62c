"""Transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.client import Client, Transaction
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY, NULL_ARRAY, OK, Reply

_NO_LONGER_ALLOWED = (
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC "
    "call. This command is no longer allowed for the following reason: "
)
_REASONS = {
    "command": "no permission to execute the command or subcommand",
    "key": "no permission to touch the specified keys",
    "channel": "no permission to access one of the channels used as argument to the "
    "selected command",
}


@command(
    "MULTI",
    flags="noscript loading stale fast allow_busy",
    group="transactions",
    since="1.2.0",
    complexity="O(1)",
)
def multi(client: Client) -> Reply:
    """Begin a transaction: the commands that follow are queued until EXEC."""
    if client.transaction is not None:
        raise CommandError("ERR MULTI calls can not be nested")
    client.transaction = Transaction()
    return OK


@command(
    "EXEC",
    flags="noscript loading stale skip_slowlog",
    group="transactions",
    since="1.2.0",
    complexity="Depends on commands in the transaction",
)
def exec_(client: Client) -> Reply:
    """Run the queued commands; give their replies, or null if a watched key has changed."""
    transaction = client.transaction
    if transaction is None:
        raise CommandError("ERR EXEC without MULTI")
    touched = client.engine.watches.is_touched(client)
    client.end_transaction()
    if transaction.aborted:
        raise CommandError("EXECABORT Transaction discarded because of previous errors.")
    if touched:
        return NULL_ARRAY
    client.in_exec = True
    try:
        return _run_queue(client, transaction)
    finally:
        client.in_exec = False


def _run_queue(client: Client, transaction: Transaction) -> list[Reply]:
    replies = []
    for words in transaction.queue:
        try:
            if client.engine.conditions.has_users:
                _check_rights(client, words)
            replies.append(client.engine.run(client, words))
        except ResponseError as error:
            replies.append(error.fresh())
    return [reply for reply in replies if reply is not NO_REPLY]


def _check_rights(client: Client, words: Sequence[bytes]) -> None:
    """Raise the error for a queued command that the user may not run any more."""
    engine = client.engine
    denial = client.user.denial(engine.commands.find(words), words)
    if denial is not None:
        engine.access_log.add(client, denial.reason, denial.object, context="multi")
        error = CommandError(_NO_LONGER_ALLOWED + _REASONS[denial.reason])
        engine.statistics.count_refusal(None, error.payload)
        raise error


@command(
    "DISCARD",
    flags="noscript loading stale fast allow_busy",
    group="transactions",
    since="2.0.0",
    complexity="O(N) where N is the number of queued commands.",
)
def discard(client: Client) -> Reply:
    """Drop the queued commands and end the transaction."""
    if client.transaction is None:
        raise CommandError("ERR DISCARD without MULTI")
    client.end_transaction()
    return OK


@command(
    "WATCH",
    flags="noscript loading stale fast allow_busy",
    group="transactions",
    since="2.2.0",
    complexity="O(1) for every key.",
)
def watch(client: Client, *keys: Key) -> Reply:
    """Let the next EXEC do nothing if one of the keys changes before it."""
    if client.transaction is not None:
        raise CommandError("ERR WATCH inside MULTI is not allowed")
    for key in keys:
        client.engine.watches.watch(client, key)
    return OK


@command(
    "UNWATCH",
    flags="noscript loading stale fast allow_busy",
    group="transactions",
    since="2.2.0",
    complexity="O(1)",
)
def unwatch(client: Client) -> Reply:
    """Forget all watched keys."""
    client.engine.watches.unwatch(client)
    return OK
