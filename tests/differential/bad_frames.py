"""What a client sends, and what becomes of it where the client has a bug or means harm."""

from __future__ import annotations

import random

__all__ = ["FrameWriter"]

_COMMANDS = (
    "PING",
    "PING x",
    "ECHO hello",
    "SET k v",
    "GET k",
    "GET",
    "INCR k",
    "SETRANGE k -1 x",
    "SETRANGE k 536870912 x",
    "LPOP k 1 2",
    "EXPIRE k 9223372036854775807",
    "NOSUCH a b",
    "CONFIG",
    "CONFIG NOSUCH",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH k",
    "SUBSCRIBE c",
    "UNSUBSCRIBE",
    "PUBLISH",
    "HELLO 9",
    "HELLO x",
    "AUTH",
    "AUTH default secret",
    "SELECT 99",
    "RESET",
    "QUIT",
    "CLIENT REPLY",
    "EVAL",
    "EVAL return 0",
)

#: Where a number is due.
_COUNTS = (
    *(b"-1", b"0", b"1", b"2", b"-2", b"", b"x", b"+1", b"01", b" 1", b"1 ", b"1.0", b"1e1", b"\0"),
    *(b"12", b"2147483647", b"2147483648", b"536870913", b"99999999999999999999", b"-0", b"0x1"),
)
#: The types of RESP3, of which a request has two.
_TYPES = b"$*:+-_#,(=%~>|!"
_ODD_BYTES = (b"\0", b"\r", b"\n", b"\r\n", b'"', b"'", b"\xff", b" ", b"\t", b"\\x41", b"$", b"*1")


class FrameWriter:
    """Writes requests; the same random numbers give the same ones."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def stream(self) -> bytes:
        """Give some requests one after the other, one of them damaged more often than not."""
        rng = self.rng
        frames = [self._frame() for _ in range(rng.randint(1, 4))]
        if rng.random() < 0.8:
            place = rng.randrange(len(frames))
            frames[place] = self._damaged(frames[place])
        return b"".join(frames)

    def _frame(self) -> bytes:
        words = self.rng.choice(_COMMANDS).encode().split()
        if self.rng.random() < 0.3:
            return b" ".join(self._quoted(word) for word in words) + b"\r\n"
        parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)]
        return b"".join(parts)

    def _quoted(self, word: bytes) -> bytes:
        quote = self.rng.choice((b"", b"", b'"', b"'"))
        return quote + word + quote

    def _damaged(self, frame: bytes) -> bytes:
        rng = self.rng
        for _ in range(rng.choice((1, 1, 2))):
            place = rng.randrange(len(frame) + 1)
            match rng.randrange(7):
                case 0:
                    frame = self._with_another_count(frame)
                case 1:
                    kind = rng.choice(_TYPES)
                    frame = frame.replace(rng.choice((b"$", b"*")), bytes([kind]), 1)
                case 2:
                    frame = frame.replace(rng.choice((b"\r\n", b"\r", b"\n")), b"", 1)
                case 3:
                    frame = frame[:place] + rng.choice(_ODD_BYTES) + frame[place:]
                case 4:
                    frame = frame[:place] + frame[place + 1 :]
                case 5:
                    frame = frame[:place]
                case _:
                    frame += rng.choice(
                        (b"\r\n", b"\n", b"*0\r\n", b"*-1\r\n", b"$-1\r\n", b"_\r\n")
                    )
        return frame

    def _with_another_count(self, frame: bytes) -> bytes:
        lines = frame.split(b"\r\n")
        counts = [place for place, line in enumerate(lines) if line[:1] in (b"*", b"$")]
        if counts:
            place = self.rng.choice(counts)
            lines[place] = lines[place][:1] + self.rng.choice(_COUNTS)
        return b"\r\n".join(lines)
