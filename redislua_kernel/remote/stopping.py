"""The stop button while a server runs a command: what is done there, and what there is to say.

Only a script can be stopped at a server, and only as long as it has written nothing. A server
hears that once the script has run for busy-reply-threshold: until then it hears nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.errors import RedisError
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import Interrupted
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.remote.remote import Remote

__all__ = ["stop"]

#: How long to wait until a server hears of it, until a reply that it sent is here, and until a
#: killed script has ended, in seconds.
_UNTIL_HEARD, _UNTIL_SEEN, _UNTIL_ENDED = 10.0, 0.05, 2.0

_KINDS = {
    **dict.fromkeys((b"EVAL", b"EVAL_RO", b"EVALSHA", b"EVALSHA_RO", b"EXEC"), "SCRIPT"),
    **dict.fromkeys((b"FCALL", b"FCALL_RO"), "FUNCTION"),
}
_GOES_ON = (
    "it goes on, as it has written already (UNKILLABLE). Others get BUSY until it ends; "
    "%redis SHUTDOWN NOSAVE ends the server, without what was not saved"
)


def stop(remote: Remote, connection: Connection, words: Sequence[bytes]) -> Interrupted:
    """Stop what a connection waits for, if that can be; give the error that says what happened."""
    kind = _KINDS.get(words[0].upper())
    if kind is None or not connection.is_open:
        connection.close()
        return Interrupted(
            "Interrupted: no longer waiting; the server may still run the command, or have run it"
        )
    where = remote.target.place
    remote.tell(f"No longer waiting; {where} gets {kind} KILL …\n")
    # A busy server lets one log in, and choose no database.
    target = replace(connection.resolved, resp=2, database=0, connect_seconds=_UNTIL_HEARD)
    probe = Connection(replace(target, reply_seconds=_UNTIL_HEARD))
    try:
        probe.open()
        # When this is answered, whatever was answered before the greeting is on its way.
        probe.call_each([[b"PING"]])
        if connection.wire.can_read(_UNTIL_SEEN):
            # It has ended, or never began: what runs there now is somebody else's.
            return Interrupted(f"Interrupted: {_last_words(connection)}")
        said = _kill(probe, kind)
        if said == "killed":
            return Interrupted(
                f"Interrupted: the {kind.lower()} was killed by {kind} KILL{_end(connection)}"
            )
        connection.close()
        return Interrupted(f"Interrupted: {said}")
    except Stopped:
        interrupts.forget()
        connection.close()
        return Interrupted(f"Interrupted: {where} has not answered {kind} KILL yet")
    except RedisError as error:
        connection.close()
        return Interrupted(f"Interrupted: {kind} KILL has failed: {error}")
    finally:
        probe.close()


def _last_words(connection: Connection) -> str:
    """Read the reply that has come at last, and say what it was."""
    reply = connection.receive([b"EVAL"])
    if isinstance(reply, ResponseError):
        return f"it had ended with an error: {reply}"
    return "it had ended just before, without an error"


def _kill(probe: Connection, kind: str) -> str:
    """Send the command that kills, and say in short what came of it."""
    try:
        probe.call([kind.encode(), b"KILL"])
    except ResponseError as error:
        if error.code == "UNKILLABLE":
            return _GOES_ON
        if error.code == "NOTBUSY":
            return "the server runs no script any more; whether this one has ended is not known"
        return f"{kind} KILL was refused: {error}"
    return "killed"


def _end(connection: Connection) -> str:
    """Wait for the killed script's own reply, so that the connection can be used on."""
    connection.wire.seconds = _UNTIL_ENDED
    began = monotonic()
    try:
        reply: Reply = connection.receive([b"EVAL"])
        connection.wire.seconds = connection.state.reply_seconds
    except RedisError:
        connection.close()
        return f"; it has not ended after {monotonic() - began:.0f} s"
    return "" if isinstance(reply, ResponseError) else "; too late: it had ended"
