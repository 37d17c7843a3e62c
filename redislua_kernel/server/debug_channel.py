"""What a debugging client sends while its script waits, and how it is heard and answered.

The frames are read as the reference's debugger reads them, with fewer words than anywhere else
and more patience with what stands between: behind the first command of a piece of input, it
looks at nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence

from redislua_kernel.engine.debugging.channel import BrokenChannel
from redislua_kernel.engine.interrupts import is_asked
from redislua_kernel.reply import Status
from redislua_kernel.server.encoder import encode

__all__ = ["DebugChannel", "read_command"]

PROTOCOL_ERROR = b"ERR protocol error"
TOO_MUCH = b"ERR max client buffer reached"

MOST_WORDS = 1024
LONGEST_WORD = 1024
MOST_INPUT = 1 << 20
#: So much is looked at together.
_PIECE = 1024
#: How often one who waits looks whether it is to stop, in seconds.
_PATIENCE = 0.05
_INTEGER = re.compile(rb"\s*([+-]?\d{1,18})")


class DebugChannel:
    """Commands from the loop's thread to that of the script, and lines back.

    `send` is given bytes for the client, on the script's thread.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        #: What has come and was not looked at yet.
        self._input = bytearray()
        #: What was looked at, and is no whole command yet.
        self._buffer = b""
        self._is_closed = False

    def feed(self, data: bytes) -> None:
        """Take what the client has sent."""
        with self._changed:
            self._input += data
            self._changed.notify()

    def close(self) -> None:
        """Take note that the client sends no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def rest(self) -> bytes:
        """Take back what nobody has looked at."""
        with self._changed:
            data, self._input = bytes(self._input), bytearray()
        return data

    def send(self, lines: Sequence[bytes]) -> None:
        """Send lines, as an array of simple strings."""
        self._send(encode([Status(line) for line in lines]))

    def read(self) -> list[bytes] | None:
        """Wait for a command; None: the client has gone, or the script is to stop."""
        while (words := read_command(self._buffer)) is None:
            piece = self._next_piece()
            if piece is None:
                return None
            self._buffer += piece
            if len(self._buffer) > MOST_INPUT:
                self._buffer = b""
                raise BrokenChannel(TOO_MUCH)
        self._buffer = b""
        return words

    def _next_piece(self) -> bytes | None:
        with self._changed:
            while not self._input:
                if self._is_closed or is_asked():
                    return None
                self._changed.wait(_PATIENCE)
            piece = bytes(self._input[:_PIECE])
            del self._input[:_PIECE]
        return piece


def read_command(data: bytes) -> list[bytes] | None:
    """Give the words of the first command; None: it is not complete. Raises BrokenChannel."""
    if not data:
        return None
    start = _find(data, b"*", 0)
    if start < 0:
        raise BrokenChannel(PROTOCOL_ERROR)
    header = _number(data, start)
    if header is None:
        return None
    count, place = header
    if not 0 < count <= MOST_WORDS:
        raise BrokenChannel(PROTOCOL_ERROR)
    words: list[bytes] = []
    while len(words) < count:
        if not data[place : place + 1].strip(b"\0"):
            return None
        if data[place : place + 1] != b"$":
            raise BrokenChannel(PROTOCOL_ERROR)
        header = _number(data, place)
        if header is None:
            return None
        length, place = header
        if not 0 < length <= LONGEST_WORD:
            raise BrokenChannel(PROTOCOL_ERROR)
        end = place + length
        if end + 2 > len(data):
            return None
        if data[end : end + 2] != b"\r\n":
            raise BrokenChannel(PROTOCOL_ERROR)
        words.append(data[place:end])
        place = end + 2
    return words


def _number(data: bytes, start: int) -> tuple[int, int] | None:
    """Give the number behind a frame's first byte, and where what follows begins."""
    end = _find(data, b"\r\n", start)
    if end < 0:
        return None
    found = _INTEGER.match(data[start + 1 : end])
    return int(found[1]) if found else 0, end + 2


def _find(data: bytes, sought: bytes, start: int) -> int:
    """Find something before the next zero byte, where C sees the end."""
    end = data.find(b"\0", start)
    return data.find(sought, start, len(data) if end < 0 else end)
