"""What clients send: however it is cut into pieces, it is read the same."""

from __future__ import annotations

import random

from redislua_kernel.server.parser import ProtocolError, RequestParser
from tests.differential.bad_frames import FrameWriter
from tests.fuzz.mutation import damaged, in_pieces
from tests.fuzz.target import Failed, Target

_SHORT = 300


class Requests(Target):
    count = 800

    def write(self, rng: random.Random) -> tuple[bytes, ...]:
        stream = FrameWriter(rng).stream()
        if rng.random() < 0.6:
            stream = damaged(stream, rng)
        return in_pieces(stream, rng)

    def take(self, given: tuple[bytes, ...]) -> None:
        for is_of_stranger in (False, True):
            whole = _read([b"".join(given)], is_of_stranger)
            if _read(given, is_of_stranger) != whole:
                raise Failed("in these pieces it is read otherwise")
            data = b"".join(given)
            if len(data) < _SHORT:
                bytes_ = [data[place : place + 1] for place in range(len(data))]
                if _read(bytes_, is_of_stranger) != whole:
                    raise Failed("byte by byte it is read otherwise")


def _read(pieces: list[bytes] | tuple[bytes, ...], is_of_stranger: bool) -> object:
    """Give the commands that are read, what ended them, and what is held of the rest."""
    parser = RequestParser()
    parser.is_of_stranger = is_of_stranger
    commands: list[list[bytes]] = []
    for piece in pieces:
        parser.feed(piece)
        while True:
            commands += parser.take()
            if parser.is_exhausted:
                break
    error = parser.error
    if error is not None and not isinstance(error, ProtocolError):
        raise Failed("an error of another kind")
    held = (parser.buffered, parser.held) if error is None else None
    return commands, type(error), str(error), held
