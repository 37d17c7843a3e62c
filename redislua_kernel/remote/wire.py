"""What goes over one socket: a parser for redis-py's connections that keeps replies as they are.

redis-py makes and encrypts the socket. Its own parsers turn replies into what Python programs
like; here statuses, big numbers, verbatim strings, sets and null arrays stay apart.

Waiting looks at the clock and for interrupts, many times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from redislua_kernel.engine import interrupts
from redislua_kernel.reply import (
    NULL_ARRAY,
    Attributed,
    BigNumber,
    Map,
    Push,
    Reply,
    ResponseError,
    SetReply,
    Status,
    Verbatim,
)

__all__ = ["Closed", "TooLate", "Wire"]

#: How often one who waits looks up, in seconds.
_PATIENCE = 0.05
_AT_ONCE = 1 << 16


class Closed(Exception):
    """The other end has closed, or broken, the connection."""


class TooLate(Exception):
    """Nothing has come for too long."""


class Wire:
    """One socket's input and output. Raises Closed, TooLate, and Stopped when interrupted."""

    def __init__(self) -> None:
        #: How long to wait for what comes next, in seconds; None: as long as it takes.
        self.seconds: float | None = None
        self._socket: Any = None
        self._buffer = bytearray()
        self._place = 0

    # What redis-py's connections ask of their parsers

    def on_connect(self, connection: Any) -> None:
        """Take the socket of a connection that was made."""
        self._socket = connection._sock  # as every parser does
        self._buffer.clear()
        self._place = 0

    def on_disconnect(self) -> None:
        """Leave the socket alone."""
        self._socket = None

    def can_read(self, timeout: float = 0) -> bool:
        """Tell whether something has come, or the connection has ended."""
        if self._place < len(self._buffer):
            return True
        try:
            data = self._receive_some(timeout)
        except OSError:
            data = b""
        if data is None:
            return False
        self._buffer += data
        return True

    def read_response(self, *_: Any, **__: Any) -> Reply:
        """Give the next reply, errors as values."""
        return self.read()

    # Ours

    def send(self, pieces: Iterable[bytes]) -> None:
        """Send all of it."""
        end = self._end()
        for piece in pieces:
            view = memoryview(piece)
            while view:
                self._socket_or_raise().settimeout(_PATIENCE)
                try:
                    view = view[self._socket.send(view[:_AT_ONCE]) :]
                except TimeoutError:
                    self._look(end)
                except OSError as error:
                    raise Closed(str(error)) from None

    def read(self) -> Reply:
        """Give the next reply; an error is a value. What is pushed meanwhile is left out."""
        try:
            while isinstance(reply := self._read_one(), Push):
                pass
        except ValueError as error:  # a number that is none
            raise Closed(f"what it says is no RESP: {error}") from None
        return reply

    def is_quiet(self) -> bool:
        """Tell whether the connection stands, and nothing has come that nobody asked for."""
        try:
            while self._place == len(self._buffer):
                data = self._receive_some(0)
                if data is None:
                    return True
                if not data:
                    return False
                self._buffer += data
            return self._buffer[self._place : self._place + 1] == b">"
        except OSError:
            return False

    def _read_one(self) -> Reply:
        open_: list[_Aggregate] = []
        while True:
            value = self._next()
            if isinstance(value, _Aggregate):
                open_.append(value)
                if value.count:
                    continue
                value = open_.pop().close()
            while open_:
                innermost = open_[-1]
                innermost.items.append(value)
                if len(innermost.items) < innermost.count:
                    break
                value = open_.pop().close()
            else:
                self._forget()
                return value

    def _next(self) -> Reply | _Aggregate:
        """Read a value, or how an aggregate begins."""
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind in _AGGREGATES:
            count = int(rest)
            if count < 0:
                return NULL_ARRAY
            doubled = kind in b"%|"
            return _Aggregate(count * (1 + doubled) + (kind == b"|"), _AGGREGATES[kind])
        if kind in _BULKS:
            length = int(rest)
            return None if length < 0 else _BULKS[kind](self._bytes(length))
        if kind in _SIMPLE:
            return _SIMPLE[kind](rest)
        raise Closed(f"a reply cannot begin with {bytes(line[:20])!r}")

    def _line(self) -> bytes:
        start = self._place
        end = self._end()
        while (found := self._buffer.find(b"\r\n", start)) < 0:
            start = max(len(self._buffer) - 1, self._place)
            self._receive(end)
        line = bytes(self._buffer[self._place : found])
        self._place = found + 2
        return line

    def _bytes(self, length: int) -> bytes:
        end = self._end()
        stop = self._place + length
        while len(self._buffer) < stop + 2:
            self._receive(end)
        data = bytes(memoryview(self._buffer)[self._place : stop])
        if self._buffer[stop : stop + 2] != b"\r\n":
            raise Closed("what it says is no RESP: a text of another length than said")
        self._place = stop + 2
        return data

    def _forget(self) -> None:
        """Free what was read."""
        if self._place > _AT_ONCE or self._place == len(self._buffer):
            del self._buffer[: self._place]
            self._place = 0

    def _end(self) -> float | None:
        return None if self.seconds is None else time.monotonic() + self.seconds

    def _look(self, end: float | None) -> None:
        interrupts.look()
        if end is not None and time.monotonic() > end:
            raise TooLate

    def _receive(self, end: float | None) -> None:
        while True:
            self._look(end)
            try:
                data = self._receive_some(_PATIENCE)
            except OSError as error:
                raise Closed(str(error)) from None
            if data is not None:
                break
        if not data:
            raise Closed("the server closed it")
        self._buffer += data

    def _receive_some(self, seconds: float) -> bytes | None:
        """Give what has come, nothing if the connection has ended; None: nothing came."""
        self._socket_or_raise().settimeout(seconds)
        try:
            data: bytes = self._socket.recv(_AT_ONCE)
            return data
        except (TimeoutError, BlockingIOError):
            return None
        except OSError as error:
            if type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError"):
                return None
            raise

    def _socket_or_raise(self) -> Any:
        if self._socket is None:
            raise Closed("there is no connection")
        return self._socket


class _Aggregate:
    """An aggregate that is being read."""

    def __init__(self, count: int, make: Callable[[list[Reply]], Reply]) -> None:
        self.count = count
        self.items: list[Reply] = []
        self._make = make

    def close(self) -> Reply:
        return self._make(self.items)


def _map(items: list[Reply]) -> Reply:
    pairs = list(zip(items[::2], items[1::2], strict=True))
    try:
        made = dict(pairs)
    except TypeError:  # a key that is a list
        return Map(pairs)
    return made if len(made) == len(pairs) else Map(pairs)


def _attributed(items: list[Reply]) -> Reply:
    """Give the value that attributes stand before, with them if it is a bulk string."""
    *attributes, value = items
    told = _map(attributes)
    return Attributed(value, told) if type(value) is bytes and isinstance(told, dict) else value


def _verbatim(data: bytes) -> Verbatim:
    if data[3:4] != b":":
        raise ValueError("a verbatim string without its format")
    return Verbatim(data[4:], data[:3])


_AGGREGATES: dict[bytes, Callable[[list[Reply]], Reply]] = {
    b"*": list,
    b"~": SetReply,
    b">": Push,
    b"%": _map,
    b"|": _attributed,
}
_BULKS: dict[bytes, Callable[[bytes], Reply]] = {
    b"$": bytes,
    b"=": _verbatim,
    b"!": ResponseError.from_payload,
}
_SIMPLE: dict[bytes, Callable[[bytes], Reply]] = {
    b"+": Status,
    b"-": ResponseError.from_payload,
    b":": int,
    b"_": lambda rest: None,
    b"#": lambda rest: rest == b"t",
    b",": float,
    b"(": BigNumber,
}
