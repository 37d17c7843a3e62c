"""Writing the building blocks of the format: lengths, strings, numbers."""

from __future__ import annotations

import struct

from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.rdb.lzf import compress

__all__ = ["Writer"]

#: Longer strings are no 32-bit integers; shorter ones cannot become shorter by compression.
_LONGEST_INTEGER = 11
_SHORTEST_COMPRESSED = 20
_LZF = 0xC3


class Writer:
    """Gathers `data`; long strings are compressed where that makes them shorter."""

    __slots__ = ("compresses", "data")

    def __init__(self, *, compresses: bool = True) -> None:
        self.data = bytearray()
        self.compresses = compresses

    def byte(self, number: int) -> None:
        """Write one byte."""
        self.data.append(number)

    def length(self, number: int) -> None:
        """Write a length, or any unsigned integer of up to 64 bits."""
        if number < 1 << 6:
            self.data.append(number)
        elif number < 1 << 14:
            self.data += (0x4000 | number).to_bytes(2, "big")
        elif number < 1 << 32:
            self.data += b"\x80" + number.to_bytes(4, "big")
        else:
            self.data += b"\x81" + number.to_bytes(8, "big")

    def string(self, text: bytes) -> None:
        """Write a string in its shortest encoding."""
        look()
        size = len(text)
        if size <= _LONGEST_INTEGER and self._integer(text):
            return
        if self.compresses and size > _SHORTEST_COMPRESSED:
            packed = compress(text, size - 4)
            if packed is not None:
                self.data.append(_LZF)
                self.length(len(packed))
                self.length(size)
                self.data += packed
                return
        self.length(size)
        self.data += text

    def milliseconds(self, time: int) -> None:
        """Write a time in milliseconds since the epoch."""
        self.data += time.to_bytes(8, "little", signed=True)

    def double(self, number: float) -> None:
        """Write a double in its binary form."""
        self.data += struct.pack("<d", number)

    def _integer(self, text: bytes) -> bool:
        """Write a string as the integer it shows, if it is one; tell whether it is."""
        if not text.removeprefix(b"-").isdigit():
            return False
        number = int(text)
        if b"%d" % number != text:
            return False
        for kind, bits in enumerate((8, 16, 32)):
            if -(1 << bits - 1) <= number < 1 << bits - 1:
                self.data.append(0xC0 | kind)
                self.data += number.to_bytes(bits // 8, "little", signed=True)
                return True
        return False
