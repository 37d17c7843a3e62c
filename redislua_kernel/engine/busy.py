"""What clients may do while a script has held the engine for too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.errors import busy_script
from redislua_kernel.engine.registry import find
from redislua_kernel.engine.transactions import check_arity
from redislua_kernel.reply import OK, Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["busy_call"]

_KILLS = {"SCRIPT KILL": False, "FUNCTION KILL": True}


def busy_call(engine: Engine, client: Client, words: Sequence[bytes]) -> Reply:
    """Run a command if its flags allow it while a script runs; raise the BUSY error if not."""
    try:
        command, rest = find(words)
        check_arity(command, words)
        running = engine.scripting.running
        if "allow_busy" not in command.flags:
            raise busy_script(running is not None and running.is_function)
    except Exception:
        if client.transaction is not None:
            client.transaction.aborted = True
        raise
    kills_function = _KILLS.get(command.name)
    if kills_function is not None:
        engine.scripting.kill(kills_function)
        return OK
    return command.run(client if command.signature.takes_client else client.db, rest)
