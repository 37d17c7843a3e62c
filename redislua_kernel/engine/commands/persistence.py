"""SAVE, BGSAVE, LASTSAVE: the data as an RDB file."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import OK, Reply, Status

_SAVING = CommandError("ERR Background save already in progress")


@command(
    "SAVE",
    flags="admin noscript no_async_loading no_multi",
    group="server",
    since="1.0.0",
    complexity="O(N) where N is the number of keys.",
)
def save(client: Client) -> Reply:
    """Save all data to the file dbfilename in dir."""
    persistence = client.engine.persistence
    if persistence.is_saving:
        raise _SAVING
    try:
        persistence.save()
    except OSError as error:
        client.engine.log(WARNING, f"Failed saving the DB: {error}".encode())
        raise CommandError("ERR") from None
    return OK


@command(
    "BGSAVE",
    flags="admin noscript no_async_loading",
    group="server",
    since="1.0.0",
    complexity="O(N) where N is the number of keys: a copy of their table, then in the background.",
)
def bgsave(client: Client, *options: Words) -> Reply:
    """Save all data as they are now, while commands go on."""
    if len(options) > 1 or (options and options[0].upper() != b"SCHEDULE"):
        raise SYNTAX_ERROR
    persistence = client.engine.persistence
    if persistence.is_saving:
        raise _SAVING
    if client.db.journal.undo:  # an EXEC that has written
        persistence.after_unit(persistence.save_in_background)
    else:
        persistence.save_in_background()
    return Status(b"Background saving started")


@command(
    "LASTSAVE",
    flags="loading stale fast",
    group="server",
    since="1.0.0",
    complexity="O(1)",
    categories="admin dangerous",
)
def lastsave(client: Client) -> int:
    """Give when the data were last saved, in seconds since the epoch."""
    return client.engine.persistence.saved_at
