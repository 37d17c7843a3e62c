"""Bytes from a client to commands: RESP arrays of bulk strings, and inline commands.

The parser is incremental: `feed` takes what has arrived, `take` gives the commands that are
complete. A pipeline of small commands is parsed by one split at the line ends; binary
arguments and what is not complete yet go the careful way, byte offset by byte offset.
Limits and error texts follow redis-server 8.2.3.
"""

from __future__ import annotations

from redislua_kernel.engine.words import split_words

__all__ = ["CrossProtocol", "ProtocolError", "RequestParser"]

INLINE_LIMIT = 64 * 1024
MOST_WORDS = (1 << 31) - 1
#: What a client that has not logged in yet may send: so many words, of such a length.
STRANGERS_WORDS = 10
STRANGERS_BULK = 16 * 1024
#: The largest buffer that is worth a try at the fast way.
_FAST_LIMIT = 1 << 20
#: How much is taken at once, the fast way and the careful one: other connections are due then.
_MOST_LINES = 5000
_MOST_FRAMES = 200

#: 3 → b"$3", so that a usual length is one lookup.
_HEADERS = {length: b"$%d" % length for length in range(1024)}
_COUNTS = {b"*%d" % count: count for count in range(1, 1024)}

#: The first words of an HTTP request's lines.
_CROSS_PROTOCOL = (b"post", b"host:")


class ProtocolError(Exception):
    """A frame that cannot be parsed; the connection ends after this error reply."""


class CrossProtocol(ProtocolError):
    """An HTTP request: somebody makes a browser talk to us. It gets no reply at all."""


class RequestParser:
    """The state of one connection's input."""

    def __init__(self, bulk_limit: int = 512 * 1024 * 1024) -> None:
        self.bulk_limit = bulk_limit
        #: The client has not logged in yet: its commands are short, and are taken one by one.
        self.is_of_stranger = False
        #: What ended the input, once every command before it was taken.
        self.error: ProtocolError | None = None
        #: There is nothing more to take until more has arrived.
        self.is_exhausted = True
        self._buffer = bytearray()
        self._words: list[bytes] = []
        self._missing = 0  # words of the current array that are still to come
        self._bulk = -1  # length of the bulk string that is arriving
        #: The bytes in the words of the current array.
        self.held = 0

    @property
    def buffered(self) -> int:
        """The bytes that have arrived and are not parsed."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take bytes that have arrived."""
        self._buffer += data
        self.is_exhausted = False

    def take(self) -> list[list[bytes]]:
        """Give the first commands that are complete, if there are any among the first bytes.

        `is_exhausted` tells whether these are all; `error` is set if a bad frame follows them.
        """
        commands: list[list[bytes]] = []
        if self.error is not None or not self._buffer:
            self.is_exhausted = True
            return commands
        limited = self.is_of_stranger or self._missing
        if not limited and self._buffer[0] == 42 and len(self._buffer) <= _FAST_LIMIT:
            self._take_fast(commands)
            if commands:
                self.is_exhausted = not self._buffer
                return commands
        place = 0
        try:
            for _ in range(_MOST_FRAMES):
                if self.is_of_stranger and commands:
                    break
                after = self._take_one(place, commands)
                if after == place or after == len(self._buffer):
                    self.is_exhausted = True
                    place = after
                    break
                place = after
        except ProtocolError as error:
            self.error = error
            self.is_exhausted = True
            self._buffer.clear()
        else:
            del self._buffer[:place]
        return commands

    def _take_fast(self, commands: list[list[bytes]]) -> None:
        """Take commands as long as each is a whole array of short words without line ends."""
        lines = bytes(self._buffer).split(b"\r\n", _MOST_LINES)
        place, last = 0, len(lines) - 1
        header, counts = _HEADERS.get, _COUNTS
        while place < last:
            count = counts.get(lines[place])
            if count is None:
                break
            end = place + 2 * count
            if end >= last:
                break
            words = lines[place + 2 : end + 1 : 2]
            if lines[place + 1 : end : 2] != [*map(header, map(len, words))]:
                break
            commands.append(words)
            place = end + 1
        if place:
            self._buffer = bytearray(b"\r\n".join(lines[place:]))

    def _take_one(self, place: int, commands: list[list[bytes]]) -> int:
        """Parse on from `place`; give the place after what was used up."""
        if not self._missing:
            if self._buffer[place] != 42:  # "*"
                return self._take_inline(place, commands)
            line = self._line(place, "too big mbulk count string")
            if line is None:
                return place
            count = _integer(line[1:])
            if count is None or count > MOST_WORDS:
                raise ProtocolError("invalid multibulk length")
            if self.is_of_stranger and count > STRANGERS_WORDS:
                raise ProtocolError("unauthenticated multibulk length")
            place += len(line) + 2
            if count <= 0:
                return place
            self._missing = count
        while self._missing:
            if self._bulk < 0:
                line = self._line(place, "too big bulk count string")
                if line is None:
                    return place
                self._bulk = self._bulk_length(line)
                place += len(line) + 2
            end = place + self._bulk
            if len(self._buffer) < end + 2:
                return place
            self._words.append(bytes(memoryview(self._buffer)[place:end]))
            place = end + 2
            self.held += self._bulk
            self._bulk = -1
            self._missing -= 1
        commands.append(self._words)
        self._words, self.held = [], 0
        return place

    def _take_inline(self, place: int, commands: list[list[bytes]]) -> int:
        buffer = self._buffer
        end = self._find(b"\n", place)
        if end < 0:
            if len(buffer) - place > INLINE_LIMIT:
                raise ProtocolError("too big inline request")
            return place
        line = bytes(buffer[place:end])
        words = split_words(line.removesuffix(b"\r"))
        if words is None:
            raise ProtocolError("unbalanced quotes in request")
        if words:
            if words[0].lower() in _CROSS_PROTOCOL:
                raise CrossProtocol
            commands.append(words)
        return end + 1

    def _line(self, place: int, too_big: str) -> bytes | None:
        """Give the header line at `place`, without its end; None if it has not all arrived."""
        buffer = self._buffer
        end = self._find(b"\r", place)
        if end < 0:
            if len(buffer) - place > INLINE_LIMIT:
                raise ProtocolError(too_big)
            return None
        if end + 2 > len(buffer):
            return None
        return bytes(buffer[place:end])

    def _find(self, byte: bytes, place: int) -> int:
        """Give where a byte is next, or -1; the reference looks no further than to a zero byte."""
        end = self._buffer.find(byte, place)
        return -1 if end >= 0 and self._buffer.find(0, place, end) >= 0 else end

    def _bulk_length(self, line: bytes) -> int:
        if line[:1] != b"$":
            got = (line[:1] or b"\r").decode("utf-8", "surrogateescape")
            raise ProtocolError(f"expected '$', got '{got}'")
        length = _integer(line[1:])
        if length is None or not 0 <= length <= self.bulk_limit:
            raise ProtocolError("invalid bulk length")
        if self.is_of_stranger and length > STRANGERS_BULK:
            raise ProtocolError("unauthenticated bulk length")
        return length


def _integer(text: bytes) -> int | None:
    """Read a decimal as strictly as the reference: no sign but a minus, no leading zero."""
    digits = text.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 19 or (digits[0] == 48 and text != b"0"):
        return None
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None
