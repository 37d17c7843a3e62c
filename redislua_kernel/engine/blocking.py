"""Commands that may wait: how long they would.

Every blocking command first tries its non-blocking form. Where that finds nothing, it
answers as the reference does at once where waiting is not allowed: inside a script or EXEC.
"""

from __future__ import annotations

from redislua_kernel.engine.errors import (
    TIMEOUT_NEGATIVE,
    TIMEOUT_NOT_A_FLOAT,
    TIMEOUT_NOT_AN_INTEGER,
    TIMEOUT_OUT_OF_RANGE,
    CommandError,
)
from redislua_kernel.engine.numbers import parse_long_double
from redislua_kernel.engine.signature import INT64_MAX, parse_int

__all__ = ["parse_milliseconds", "parse_timeout"]


def parse_timeout(word: bytes, now: int) -> int:
    """Read a timeout in seconds; give it in whole milliseconds, 0 for ever."""
    try:
        mantissa, exponent = parse_long_double(word)
    except CommandError:
        raise TIMEOUT_NOT_A_FLOAT from None
    if exponent + mantissa.bit_length() > 64:
        raise TIMEOUT_NEGATIVE if mantissa < 0 else TIMEOUT_OUT_OF_RANGE
    if exponent >= 0:
        milliseconds = (mantissa * 1000) << exponent
    else:
        milliseconds = -(-mantissa * 1000 >> -exponent)  # rounded up
    return _within(milliseconds, now)


def parse_milliseconds(word: bytes, now: int) -> int:
    """Read a timeout in milliseconds, 0 for ever."""
    try:
        milliseconds = parse_int(word)
    except CommandError:
        raise TIMEOUT_NOT_AN_INTEGER from None
    return _within(milliseconds, now)


def _within(milliseconds: int, now: int) -> int:
    if milliseconds < 0:
        raise TIMEOUT_NEGATIVE
    if milliseconds > INT64_MAX - now:
        raise TIMEOUT_OUT_OF_RANGE
    return milliseconds
