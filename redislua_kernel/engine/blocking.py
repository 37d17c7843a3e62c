"""Commands that may wait: how long they would.

Every blocking command first tries its non-blocking form. Where that finds nothing, it
answers as the reference does at once where waiting is not allowed: inside a script or EXEC.
"""

from __future__ import annotations

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.numbers import parse_long_double
from redislua_kernel.engine.signature import INT64_MAX

__all__ = ["parse_timeout"]

NOT_A_TIMEOUT = CommandError("ERR timeout is not a float or out of range")
TIMEOUT_NEGATIVE = CommandError("ERR timeout is negative")
TIMEOUT_OUT_OF_RANGE = CommandError("ERR timeout is out of range")


def parse_timeout(word: bytes, now: int) -> int:
    """Read a timeout in seconds; give it in whole milliseconds, 0 for ever."""
    try:
        mantissa, exponent = parse_long_double(word)
    except CommandError:
        raise NOT_A_TIMEOUT from None
    if exponent + mantissa.bit_length() > 64:
        raise TIMEOUT_NEGATIVE if mantissa < 0 else TIMEOUT_OUT_OF_RANGE
    if exponent >= 0:
        milliseconds = (mantissa * 1000) << exponent
    else:
        milliseconds = -(-mantissa * 1000 >> -exponent)  # rounded up
    if milliseconds < 0:
        raise TIMEOUT_NEGATIVE
    if milliseconds > INT64_MAX - now:
        raise TIMEOUT_OUT_OF_RANGE
    return milliseconds
