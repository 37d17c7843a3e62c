"""What the blocking commands share."""

from __future__ import annotations

from math import ceil

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.signature import INT64_MAX, parse_float

__all__ = ["parse_timeout"]

_NOT_A_FLOAT = CommandError("ERR timeout is not a float or out of range")
_NEGATIVE = CommandError("ERR timeout is negative")
_OUT_OF_RANGE = CommandError("ERR timeout is out of range")


def parse_timeout(word: bytes, now: int) -> int:
    """Read a timeout in seconds; give it in milliseconds, 0 for one that never ends.

    `now` is the time in milliseconds that the timeout starts from.
    """
    milliseconds = _parse_seconds(word) * 1000
    if milliseconds > INT64_MAX - now:
        raise _OUT_OF_RANGE
    if milliseconds < 0:
        raise _NEGATIVE
    return ceil(milliseconds)


def _parse_seconds(word: bytes) -> float:
    try:
        return parse_float(word)
    except CommandError:
        # The reference's long double holds more than a double: 1e400 is a number too.
        if word.strip(b"0123456789.eE+-") or not word:
            raise _NOT_A_FLOAT from None
    try:
        return float(word)
    except ValueError:
        raise _NOT_A_FLOAT from None
