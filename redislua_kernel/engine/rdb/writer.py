"""Writing the building blocks of the format: lengths, strings, numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.interrupts import in_lots, look
from redislua_kernel.engine.rdb.lzf import compress

__all__ = ["Writer"]

#: Longer strings are no 32-bit integers; shorter ones cannot become shorter by compression.
_LONGEST_INTEGER = 11
_SHORTEST_COMPRESSED = 20
_LZF = b"\xc3"
#: Words that begin with a digit or a minus come before this one.
_AFTER_DIGITS = b":"


class Writer:
    """Gathers `data`; long strings are compressed where that makes them shorter."""

    __slots__ = ("_key", "compresses", "data")

    def __init__(self, *, compresses: bool = True) -> None:
        self.data = bytearray()
        self.compresses = compresses
        self._key: bytes | None = None

    def byte(self, number: int) -> None:
        """Write one byte."""
        self.data.append(number)

    def expect(self, key: bytes) -> None:
        """Write a key where its value begins: behind the number of the value's encoding."""
        self._key = key

    def encoding(self, number: int) -> None:
        """Write the number of a value's encoding, and the key that belongs there, if any."""
        self.data.append(number)
        if self._key is not None:
            self.data += self._string(self._key)
            self._key = None

    def length(self, number: int) -> None:
        """Write a length, or any unsigned integer of up to 64 bits."""
        self.data += _length(number)

    def string(self, text: bytes) -> None:
        """Write a string in its shortest encoding."""
        look()
        self.data += self._string(text)

    def strings(self, texts: Iterable[bytes]) -> None:
        """Write strings one after another."""
        for lot in in_lots(iter(texts)):
            self.data += b"".join(map(self._string, lot))

    def milliseconds(self, time: int) -> None:
        """Write a time in milliseconds since the epoch."""
        self.data += time.to_bytes(8, "little", signed=True)

    def double(self, number: float) -> None:
        """Write a double in its binary form."""
        self.data += struct.pack("<d", number)

    def _string(self, text: bytes) -> bytes:
        size = len(text)
        if size <= _LONGEST_INTEGER:
            if text < _AFTER_DIGITS:
                number = as_integer(text)
                if number is not None and -1 << 31 <= number < 1 << 31:
                    return _integer(number)
        elif self.compresses and size > _SHORTEST_COMPRESSED:
            packed = compress(text, size - 4)
            if packed is not None:
                return _LZF + _length(len(packed)) + _length(size) + packed
        return _length(size) + text


def _length(number: int) -> bytes:
    if number < 1 << 6:
        return _SHORT_LENGTHS[number]
    if number < 1 << 14:
        return (0x4000 | number).to_bytes(2, "big")
    if number < 1 << 32:
        return b"\x80" + number.to_bytes(4, "big")
    return b"\x81" + number.to_bytes(8, "big")


_SHORT_LENGTHS = [bytes([size]) for size in range(1 << 6)]


def _integer(number: int) -> bytes:
    """Write a string as the integer of 32 bits that it shows."""
    if -1 << 7 <= number < 1 << 7:
        return b"\xc0%c" % (number & 0xFF)
    if -1 << 15 <= number < 1 << 15:
        return b"\xc1" + number.to_bytes(2, "little", signed=True)
    return b"\xc2" + number.to_bytes(4, "little", signed=True)
