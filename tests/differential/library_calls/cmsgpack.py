"""Random calls of cmsgpack."""

from __future__ import annotations

import math
import struct

from tests.differential.library_calls.calls import Calls
from tests.differential.library_calls.values import quote

__all__ = ["PackCalls"]

#: The first bytes of numbers, and how many follow.
NUMBERS = [
    (0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8), (0xD0, 1), (0xD1, 2), (0xD2, 4), (0xD3, 8),
    (0xCA, 4), (0xCB, 8),
]  # fmt: skip
#: What may follow: the ends of ranges.
EDGES = ["80" + "00" * 7, "7f" + "ff" * 7, "ff" * 8, "00" * 8, "001f" + "ff" * 6]
DOUBLES = [1.5, 0.1, math.inf, -math.inf, math.nan, 5e-324, 1e300, -0.0, 3.0, 2.0**70]
SINGLE = [*range(128), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3]
#: Extension types and a byte that means nothing: none is known to the library.
UNKNOWN = [0xC1, *range(0xC4, 0xCA), *range(0xD4, 0xD9)]


class PackCalls(Calls):
    library = "cmsgpack"

    def call(self) -> tuple[str, list[str]]:
        kind = self.below(10)
        if kind < 4:
            return "pack", [self.value() for _ in range(self.choice([1, 1, 1, 1, 2, 3]))]
        payload = quote(self._payload())
        counts = [self._count(), self._count()]
        if kind < 7:
            return "unpack", [payload]
        if kind < 8:
            return "unpack_one", [payload, *counts[: self.below(2)]]
        return "unpack_limit", [payload, *counts[: self.below(1, 3)]]

    def _count(self) -> str:
        return str(self.below(-2, 12)) if self.chance(0.85) else self.odd()

    def _payload(self) -> str:
        made = b"".join(self._packed(3) for _ in range(self.choice([1, 1, 1, 2, 4])))
        text = made.decode("latin-1")
        return self.mutate(text, "".join(map(chr, range(256)))) if self.chance(0.35) else text

    def _packed(self, depth: int) -> bytes:
        """A value of MessagePack, in any of the forms it may have."""
        kind = self.below(12)
        if kind < 2 or (depth == 0 and kind > 7):
            return bytes([self.choice(SINGLE)])
        if kind < 5:
            tag, size = self.choice(NUMBERS)
            edge = bytes.fromhex(self.choice(EDGES))
            return bytes([tag]) + self.choice([self.random.randbytes(8), edge])[:size]
        if kind == 5:
            return b"\xcb" + struct.pack(">d", self.choice(DOUBLES))
        if kind < 8:
            data = self.text().encode("latin-1")
            return self._head(len(data), 0xA0, 32, {0xD9: 1, 0xDA: 2, 0xDB: 4}) + data
        if kind == 8 and self.chance(0.2):
            return bytes([self.choice(UNKNOWN)])
        size = self.choice([0, 1, 2, 3, 5, 15, 16, 20])
        if kind < 10:
            alike = self.chance(0.3)
            items = (
                self._alike_packed() if alike else [self._packed(depth - 1) for _ in range(size)]
            )
            return self._head(len(items), 0x90, 16, {0xDC: 2, 0xDD: 4}) + b"".join(items)
        pairs = b"".join(self._packed_key() + self._packed(depth - 1) for _ in range(size))
        return self._head(size, 0x80, 16, {0xDE: 2, 0xDF: 4}) + pairs

    def _alike_packed(self) -> list[bytes]:
        """Numbers of one kind, and now and then something else among them."""
        tag, width = self.choice(NUMBERS)
        made = [bytes([tag]) + self.random.randbytes(width) for _ in range(self.below(7, 130))]
        for _ in range(self.choice([0, 0, 1, 3])):
            made[self.below(len(made))] = self._packed(0)
        return made

    def _packed_key(self) -> bytes:
        return self._packed(0) if self.chance(0.3) else b"\xa2k" + bytes([self.below(65, 91)])

    def _head(self, size: int, short: int, below: int, widths: dict[int, int]) -> bytes:
        """The first bytes of a string, array or map: mostly the shortest form."""
        if size < below and self.chance(0.8):
            return bytes([short + size])
        fitting = [(tag, width) for tag, width in widths.items() if size < 256**width]
        tag, width = fitting[0] if self.chance(0.7) else self.choice(fitting)
        return bytes([tag]) + size.to_bytes(width, "big")
