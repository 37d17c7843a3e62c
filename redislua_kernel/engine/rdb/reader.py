"""Reading the building blocks of the format: lengths, strings, numbers."""

from __future__ import annotations

import struct
from math import inf, nan

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.interrupts import interruptible, look
from redislua_kernel.engine.rdb.lzf import decompress
from redislua_kernel.engine.signature import parse_float

__all__ = ["Corrupt", "Reader"]

_INFINITIES = {253: nan, 254: inf, 255: -inf}
_LZF = 3
#: Such a first byte, or a greater one, is more than a length.
_LONG = 0x40


class Corrupt(ValueError):
    """The bytes are not what they should be."""


class Reader:
    """Goes through bytes; every method takes what it gives, and raises `Corrupt`.

    As on the reference the whole payload can be read, its version and checksum included.
    """

    __slots__ = ("data", "place")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, size: int) -> bytes:
        """Take bytes as they are."""
        end = self.place + size
        if end > len(self.data):
            raise Corrupt("cut off")
        taken = self.data[self.place : end]
        self.place = end
        return taken

    def byte(self) -> int:
        """Take one byte."""
        place = self.place
        if place >= len(self.data):
            raise Corrupt("cut off")
        self.place = place + 1
        return self.data[place]

    def length(self) -> int:
        """Take a length, or any unsigned integer of up to 64 bits."""
        return self._length()[0]

    def strings(self, count: int) -> list[bytes]:
        """Take so many strings."""
        take = self.string
        return [take() for _ in interruptible(range(count))]

    def string(self) -> bytes:
        """Take a string in any of its encodings."""
        data, start = self.data, self.place + 1
        size = data[start - 1] if start <= len(data) else _LONG
        if size < _LONG:
            self.place = end = start + size
            if end > len(data):
                raise Corrupt("cut off")
            return data[start:end]
        look()
        length, is_special = self._length()
        if not is_special:
            return self.take(length)
        if length < _LZF:  # an integer of 1, 2 or 4 bytes
            return b"%d" % int.from_bytes(self.take(1 << length), "little", signed=True)
        if length > _LZF:
            raise Corrupt("unknown encoding of a string")
        packed, size = self.length(), self.length()
        return self._decompress(self.take(packed), size)

    def milliseconds(self) -> int:
        """Take a time in milliseconds since the epoch."""
        return int.from_bytes(self.take(8), "little", signed=True)

    def double(self) -> float:
        """Take a double in its binary form."""
        number: float = struct.unpack("<d", self.take(8))[0]
        return number

    def decimal(self) -> float:
        """Take a double in its old form: as text."""
        size = self.byte()
        if size in _INFINITIES:
            return _INFINITIES[size]
        try:
            return parse_float(self.take(size))
        except CommandError:
            raise Corrupt("not a number") from None

    def _length(self) -> tuple[int, bool]:
        """Take a length; tell whether it is the number of a special encoding instead."""
        first = self.byte()
        kind = first >> 6
        if kind == 0:
            return first, False
        if kind == 1:
            return (first & 0x3F) << 8 | self.byte(), False
        if kind == 3:
            return first & 0x3F, True
        size = {0x80: 4, 0x81: 8}.get(first)
        if size is None:
            raise Corrupt("unknown encoding of a length")
        return int.from_bytes(self.take(size), "big"), False

    def _decompress(self, packed: bytes, size: int) -> bytes:
        if not size:
            return b""  # the reference then takes any bytes
        try:
            return decompress(packed, size)
        except ValueError as error:
            raise Corrupt(str(error)) from None
