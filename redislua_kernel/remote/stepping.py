"""Stepping through a script at a server: SCRIPT DEBUG, with the user at this end.

A server debugs one EVAL on a connection and then closes that: each has one of its own. What the
server says are lines; the script's reply is one of them, written for people.
"""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.debugging.console import Channel
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import Interrupted, Lost, NotThere
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import ResponseError

__all__ = ["is_steppable", "is_switch", "step"]

_END = b"<endsession>"
_MODES = (b"YES", b"SYNC", b"NO")
_SCRIPTS = (b"EVAL", b"EVAL_RO")
_FUNCTIONS = (b"FCALL", b"FCALL_RO", b"EVALSHA", b"EVALSHA_RO")


def is_steppable(words: Sequence[bytes]) -> bool:
    """Tell whether a command runs a script that a server lets one step through.

    Raises NotThere if it runs Lua of another kind.
    """
    name = words[0].upper()
    if name in _FUNCTIONS:
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
    breakpoints: Sequence[int] = (),
) -> None:
    """Run an EVAL, and let who is at the channel step through it.

    With `isolated` the server runs it in a copy of itself, and its changes are dropped. Raises
    ResponseError if the script does not begin.
    """
    connection = Connection(target)
    try:
        connection.call([b"SCRIPT", b"DEBUG", b"YES" if isolated else b"SYNC"])
        _talk(connection, [b"EVAL", *words[1:]], channel, breakpoints)
    except Stopped:
        interrupts.forget()
        raise Interrupted("Interrupted: the debugging session has ended") from None
    finally:
        connection.close()


def _talk(
    connection: Connection, words: Sequence[bytes], channel: Channel, breakpoints: Sequence[int]
) -> None:
    connection.send(words)
    waiting = [[b"break", *(b"%d" % line for line in breakpoints)]] if breakpoints else []
    while True:
        said = connection.receive(words)
        if isinstance(said, ResponseError):
            raise said
        if not isinstance(said, list):
            raise Lost("the server has not begun a debugging session")
        lines = [bytes(line) for line in said]
        ended = _END in lines
        channel.send([line for line in lines if line != _END])
        if ended:
            return
        command = waiting.pop(0) if waiting else channel.read()
        connection.send(command if command is not None else [b"abort"])
        if command is None:
            channel = _Silent()


class _Silent:
    """Nobody is at the other end any more: the script is aborted."""

    def send(self, lines: Sequence[bytes]) -> None:
        """Show nothing."""

    def read(self) -> list[bytes] | None:
        """Say nothing."""
        return None
