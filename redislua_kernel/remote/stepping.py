"""Stepping through a script at a server: SCRIPT DEBUG, with the user at this end.

A server debugs one EVAL on a connection and then closes that: each has one of its own. It says
lines, and hears words, until the mark of the end; then comes the script's reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.debugging.channel import Channel
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import Interrupted, Lost, NotThere
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["InCell", "is_steppable", "is_switch", "step"]

_END = b"<endsession>"
#: Where the server's lines hold the number of one, and which commands do.
_SHOWN = re.compile(rb"\A(?P<start>\* Stopped at |<debug> line )(?P<number>\d+)")
_LISTED = re.compile(rb"\A(?P<start>(?:->|  )[# ])(?P<number>\d+) ")
_BREAK, _LIST = (b"b", b"break"), (b"l", b"list")
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


class InCell:
    """A channel whose user counts the lines of the cell, where the server counts the body's."""

    def __init__(self, channel: Channel, offset: int) -> None:
        self._channel = channel
        self._offset = offset

    def send(self, lines: Sequence[bytes]) -> None:
        """Show lines."""
        self._channel.send([self._moved(line) for line in lines])

    def read(self) -> list[bytes] | None:
        """Give the words of the next command."""
        words = self._channel.read()
        if not words or words[0].lower() not in (*_BREAK, *_LIST):
            return words
        # Behind the line to list stands how many lines around it.
        numbers = len(words) if words[0].lower() in _BREAK else 2
        return [words[0], *map(self._back, words[1:numbers]), *words[numbers:]]

    def _moved(self, line: bytes) -> bytes:
        if found := _SHOWN.match(line):
            return b"%b%d%b" % (found["start"], self._shown(found), line[found.end() :])
        if found := _LISTED.match(line):
            code = line[len(found["start"] + b"%-3d " % int(found["number"])) :]
            return b"%b%-3d %b" % (found["start"], self._shown(found), code)
        return line

    def _shown(self, found: re.Match[bytes]) -> int:
        return int(found["number"]) + self._offset

    def _back(self, word: bytes) -> bytes:
        """Give a line's number as the server counts; that of a breakpoint to remove is negative."""
        if not word.lstrip(b"-").isdigit() or int(word) == 0:
            return word
        number = int(word)
        return b"%d" % (number - self._offset if number > 0 else number + self._offset)


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
