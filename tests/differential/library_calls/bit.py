"""Random calls of bit."""

from __future__ import annotations

from tests.differential.library_calls.calls import Calls

__all__ = ["BitCalls"]

#: The functions by how many arguments they take.
FUNCTIONS = {
    1: ["bnot", "bswap", "tobit", "tohex"],
    2: ["band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror", "tohex"],
    5: ["band", "bor", "bxor"],
}


class BitCalls(Calls):
    library = "bit"

    def call(self) -> tuple[str, list[str]]:
        count = self.choice([1, 2, 2, 5])
        return self.choice(FUNCTIONS[count]), [self._argument() for _ in range(count)]

    def _argument(self) -> str:
        kind = self.below(20)
        if kind < 6:
            return str(self.below(2**32))
        if kind < 8:
            return str(self.below(-(2**31), 2**31))
        if kind < 9:  # a run of ones
            low, high = sorted((self.below(33), self.below(33)))
            return str(2**high - 2**low)
        if kind < 11:
            return str(self.below(-40, 300))
        if kind < 13:
            return repr(self.random.uniform(-(2**40), 2**40))
        if kind < 15:
            return str(self.below(-(2**53), 2**53))
        return self.odd() if kind == 15 else self.number()
