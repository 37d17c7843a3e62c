"""Stepping through a script at a server: SCRIPT DEBUG, with the user at this end.

A server debugs one EVAL on a connection and then closes that: each has one of its own. It says
lines, and hears words, until the mark of the end; then comes the script's reply.
"""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.debugging.console import Channel
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import Interrupted, Lost, NotThere
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["is_steppable", "is_switch", "step"]

_END = b"<endsession>"
_MODES = (b"YES", b"SYNC", b"NO")
_SCRIPTS = (b"EVAL", b"EVAL_RO")
_OTHERS = (b"FCALL", b"FCALL_RO", b"EVALSHA", b"EVALSHA_RO")


def is_steppable(words: Sequence[bytes]) -> bool:
    """Tell whether a command runs a script that a server lets one step through.

    Raises NotThere if it runs Lua of another kind.
    """
    name = words[0].upper()
    if name in _OTHERS:
        raise NotThere(
            f"a server steps through scripts (EVAL), not through {name.decode()}: "
            "the embedded engine does"
        )
    return name in _SCRIPTS


def is_switch(words: Sequence[bytes]) -> bool:
    """Tell whether a command is SCRIPT DEBUG with one of its words."""
    name = b" ".join(words[:2]).upper()
    return name == b"SCRIPT DEBUG" and len(words) == 3 and words[2].upper() in _MODES


def step(
    target: Target,
    words: Sequence[bytes],
    channel: Channel,
    *,
    isolated: bool,
    enters: bool = True,
    breakpoints: Sequence[int] = (),
) -> Reply:
    """Run an EVAL, and let who is at the channel step through it; give its reply.

    With `isolated` the server runs it in a copy of itself, and its changes are dropped. Without
    `enters` it stops at breakpoints alone. Raises ResponseError as the script does.
    """
    waiting = [[b"break", *(b"%d" % line for line in breakpoints)]] * bool(breakpoints)
    waiting += [] if enters else [[b"continue"]]
    connection = Connection(target)
    try:
        connection.call([b"SCRIPT", b"DEBUG", b"YES" if isolated else b"SYNC"])
        return _talk(connection, [b"EVAL", *words[1:]], channel, waiting)
    except Stopped:
        interrupts.forget()
        raise Interrupted("Interrupted: the debugging session has ended") from None
    finally:
        connection.close()


def _talk(
    connection: Connection, words: Sequence[bytes], channel: Channel, waiting: list[list[bytes]]
) -> Reply:
    """Let the two talk: first what waits to be said, then what comes from the channel."""
    connection.send(words)
    while True:
        said = connection.receive(words)
        if isinstance(said, ResponseError):
            raise said
        if not isinstance(said, list):
            raise Lost("the server has not begun a debugging session")
        lines = [bytes(line) for line in said if line != _END]
        if lines and not waiting:
            channel.send(lines)
        if _END in said:
            break
        command = waiting.pop(0) if waiting else channel.read()
        # Nobody says anything any more: the script ends.
        connection.send(command if command is not None else [b"abort"])
    reply = connection.receive(words)
    if isinstance(reply, ResponseError):
        raise reply
    return reply
