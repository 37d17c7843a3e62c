"""SHUTDOWN: ends the servers that serve the engine; the engine itself has no end."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.engine.signature import Flag
from redislua_kernel.reply import NO_REPLY, Reply

_NO_SHUTDOWN = CommandError("ERR No shutdown in progress.")
_FAILED = CommandError("ERR Errors trying to SHUTDOWN. Check logs.")
_NO_SERVER = CommandError("ERR this engine is embedded: there is no server to shut down")


@command(
    "SHUTDOWN",
    flags="admin noscript loading stale no_multi allow_busy",
    group="server",
    since="1.0.0",
    complexity="O(1); O(N) with N keys if they are saved",
)
def shutdown(
    client: Client,
    *,
    nosave: Flag = False,
    save: Flag = False,
    now: Flag = False,
    force: Flag = False,
    abort: Flag = False,
) -> Reply:
    """End the server; the way out when a script that wrote cannot be killed is NOSAVE."""
    if (abort and (nosave or save or now or force)) or (nosave and save):
        raise SYNTAX_ERROR
    if abort:
        raise _NO_SHUTDOWN
    engine = client.engine
    scripting = engine.scripting
    if scripting.running is not None and not nosave:
        raise scripting.busy_error
    if not engine.shutdown_hooks:
        raise _NO_SERVER
    if save or (engine.config.values[b"save"] and not nosave):
        try:
            engine.persistence.save()
        except OSError as error:
            engine.log(WARNING, f"Error trying to save the DB, can't exit: {error}".encode())
            if not force:
                raise _FAILED from None
    for hook in list(engine.shutdown_hooks):
        hook()
    client.closing = True
    return NO_REPLY
