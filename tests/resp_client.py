"""A RESP2 and RESP3 client small enough to trust: it shows every reply with its type.

A reply is a dict of its type byte `t` and its value `v`. Texts are latin-1 both ways, one character
a byte, so that any bytes can be sent, compared and written in JSON.
"""

import socket
from collections.abc import Sequence
from typing import Any, BinaryIO, Self

Reply = dict[str, Any]

_NUMBER = ":"
_TEXT = "+-(,"  # status, error, big number, double: kept as the server wrote them
_BULK = "$=!"  # bulk string, verbatim string, bulk error
_AGGREGATE = "*~>"  # array, set, push


class RespClient:
    """One connection; use it in a `with` statement."""

    def __init__(self, host: str, port: int, timeout: float = 60) -> None:
        self._socket = socket.create_connection((host, port), timeout)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def command(self, *words: str) -> Reply:
        """Send one command and wait for its reply."""
        self.send(*words)
        return self.read()

    def setting(self, name: str) -> str:
        """Ask for a setting of the server."""
        value: str = self.command("CONFIG", "GET", name)["v"][1]["v"]
        return value

    def send(self, *words: str) -> None:
        """Send one command and leave its reply to `read`."""
        self._socket.sendall(_frame(words))

    def read(self) -> Reply:
        """Read one reply."""
        return read_reply(self._file)

    def exchange(self, commands: Sequence[Sequence[str]]) -> list[bytes]:
        """Send commands at once and give the bytes of their replies."""
        self._socket.sendall(b"".join(map(_frame, commands)))
        return [read_bytes(self._file) for _ in commands]


def _frame(words: Sequence[str]) -> bytes:
    frame = [f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)]
    return "".join(frame).encode("latin-1")


def read_reply(file: BinaryIO) -> Reply:
    """Read one reply from a stream; an attribute in front of it is dropped."""
    line = _line(file)
    kind, rest = line[:1], line[1:]
    if kind in _TEXT:
        return {"t": kind, "v": rest}
    if kind == _NUMBER:
        return {"t": kind, "v": int(rest)}
    if kind == "#":
        return {"t": kind, "v": rest == "t"}
    if kind == "_":
        return {"t": kind}
    if kind in _BULK:
        return {"t": kind, "v": _bulk(file, int(rest))}
    if kind in _AGGREGATE:
        return {"t": kind, "v": _items(file, int(rest))}
    if kind == "%":
        return {"t": kind, "v": _pairs(file, int(rest))}
    if kind == "|":
        _pairs(file, int(rest))
        return read_reply(file)
    raise ValueError(f"no reply starts like this: {line!r}")


def read_bytes(file: BinaryIO) -> bytes:
    """Read one reply from a stream as the bytes it is."""
    parts, missing = [], 1
    while missing:
        line = _line_bytes(file)
        parts.append(line)
        missing -= 1
        kind = chr(line[0])
        if kind in _BULK and line[1:2] != b"-":
            parts.append(file.read(int(line[1:]) + 2))
        elif kind in _AGGREGATE:
            missing += max(int(line[1:]), 0)
        elif kind in "%|":
            missing += 2 * int(line[1:]) + (kind == "|")
    return b"".join(parts)


def _line(file: BinaryIO) -> str:
    return _line_bytes(file)[:-2].decode("latin-1")


def _line_bytes(file: BinaryIO) -> bytes:
    line = file.readline()
    while not line.endswith(b"\r\n"):  # a newline alone ends no line
        more = file.readline()
        if not more:
            raise EOFError("connection closed")
        line += more
    return line


def _bulk(file: BinaryIO, length: int) -> str | None:
    if length < 0:
        return None
    data = file.read(length + 2)
    if len(data) < length + 2:
        raise EOFError("connection closed")
    return data[:-2].decode("latin-1")


def _items(file: BinaryIO, length: int) -> list[Reply] | None:
    return None if length < 0 else [read_reply(file) for _ in range(length)]


def _pairs(file: BinaryIO, length: int) -> list[list[Reply]]:
    return [[read_reply(file), read_reply(file)] for _ in range(length)]
