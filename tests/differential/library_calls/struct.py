"""Random calls of struct."""

from __future__ import annotations

import math
import struct

from tests.differential.library_calls.calls import Calls
from tests.differential.library_calls.values import quote

__all__ = ["StructCalls"]

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 15, 16, 17, 31, 32, 0]
ODD_SIZES = [33, 100, 2147483647, 2147483648]
LAYOUT = [*"><= !x", "!1", "!2", "!4", "!8", "!16", "xx"]
ODD = [*"qz@-\\\0\xff", "!3", "!0", f"!{10**11}", f"c{10**11}", "i-1"]
OFFSETS = ["1", "2", "3", "5", "9", "0", "-1", "1e10", "nil"]
FLOATS = [math.nan, -math.nan, math.inf, 0.0, -0.0, 5e-324, 1.5]


class StructCalls(Calls):
    library = "struct"

    def call(self) -> tuple[str, list[str]]:
        kind = self.below(10)
        options = [self._option() for _ in range(self.choice([0, 1, 1, 2, 3, 5, 9]))]
        form = quote("".join(option for option, _ in options))
        if kind < 5:
            return "pack", [form, *(value for _, value in options if value)]
        if kind == 9:
            return "size", [form]
        offset = [self.choice([*OFFSETS, self.odd()])] if self.chance(0.3) else []
        return "unpack", [form, quote(self._data()), *offset]

    def preparation(self, function: str, arguments: list[str]) -> str:
        """Use the format before: one that comes again is handled by other code."""
        if not arguments or self.chance(0.5):
            return ""
        return f"for _ = 1, 2 do pcall(struct.size, {arguments[0]}) end\n"

    def _option(self) -> tuple[str, str]:
        """A piece of a format and a value to pack by it."""
        kind = self.below(24)
        if kind < 8:
            return self.choice("bBhHlLTiI"), self.number()
        if kind < 12:
            size = self.choice(SIZES if self.chance(0.9) else ODD_SIZES)
            return f"{self.choice('iI')}{size}", self.number()
        if kind < 16:
            return self.choice("fd"), self.number()
        if kind < 19:
            return self.choice(["s", "c0", "c0", "c1", "c3", "c5", "c"]), quote(self.text())
        return self.choice(LAYOUT if kind < 23 else ODD), ""

    def _data(self) -> str:
        data = bytearray(self.random.randbytes(self.choice([0, 1, 4, 8, 16, 30, 60, 100])))
        for _ in range(self.choice([0, 1, 5]) if data else 0):
            data[self.below(len(data))] = self.choice([0, 1, 2, 255, 127, 128])
        for kind in "df":
            if self.chance(0.3):
                data[:0] = struct.pack(self.choice("<>") + kind, self.choice(FLOATS))
        return data.decode("latin-1")
