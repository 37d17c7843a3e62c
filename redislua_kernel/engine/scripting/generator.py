"""The pseudo-random generator behind math.random: the 48-bit one of `lrand48`."""

from __future__ import annotations

__all__ = ["Generator"]

_MULTIPLIER, _ADDEND, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1
_START = 0x1234ABCD330E


class Generator:
    """Gives the sequence of math.random as the reference does: the same after every start."""

    def __init__(self) -> None:
        self._state = _START

    def next(self) -> int:
        """Give the next number, from 0 to 2^31 - 1."""
        self._state = (self._state * _MULTIPLIER + _ADDEND) & _MASK
        return self._state >> 17

    def seed(self, value: int) -> None:
        """Start the sequence that belongs to a 32-bit seed."""
        self._state = (int(value) & 0xFFFFFFFF) << 16 | 0x330E
