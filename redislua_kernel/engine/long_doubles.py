"""Long doubles: the 80-bit numbers in which INCRBYFLOAT and HINCRBYFLOAT count.

The reference computes them in C's `long double` on x86-64, with a mantissa of 64 bits, so
their sums have digits that neither Python's floats nor decimals give. A number is held as
`(mantissa, exponent)`, its value mantissa * 2**exponent, and rounded to 64 bits after every
step, ties to even.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from redislua_kernel.engine.errors import INCREMENT_NOT_FINITE, NOT_A_FLOAT

__all__ = ["LongDouble", "add_long_doubles", "format_long_double", "is_finite", "parse_long_double"]

#: mantissa, exponent
LongDouble = tuple[int, int]

_BITS: Final = 64
#: From 2**_TOP on a long double is infinite, up to 2**_BOTTOM it is zero.
_TOP: Final = 16384
_BOTTOM: Final = -16446
#: The exponent that marks an infinity.
_INFINITE: Final = 1 << 20
#: The reference reads and writes a number in a buffer of this size.
_LONGEST: Final = 5 * 1024
_DECIMALS: Final = 17
_ONE: Final[int] = 10**_DECIMALS
#: Up to so many bytes, a plain decimal is read quickly.
_SHORT: Final = 24
_POWERS: Final = [10**decimals for decimals in range(_SHORT)]
_CHUNK: Final = 4000
_CHUNK_LIMIT: Final[int] = 10**_CHUNK

_DECIMAL = re.compile(rb"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
_HEX = re.compile(rb"([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?")
_INFINITY = re.compile(rb"([+-]?)inf(?:inity)?", re.IGNORECASE)


def parse_long_double(word: bytes) -> LongDouble:
    """Read a number as strtold does, hexadecimal and infinite ones included.

    Raises NOT_A_FLOAT for anything else, for NaN, and for numbers that are too large or too
    close to zero to be held.
    """
    if len(word) <= _SHORT:
        number = _parse_short(word)
        if number is not None:
            return number
    elif len(word) >= _LONGEST:
        raise NOT_A_FLOAT
    match = _DECIMAL.fullmatch(word) or _HEX.fullmatch(word)
    if match is None:
        infinity = _INFINITY.fullmatch(word)
        if infinity is None:
            raise NOT_A_FLOAT
        return (-1 if infinity[1] == b"-" else 1), _INFINITE
    sign, whole, fraction = match[1], match[2], match[3] or b""
    if not whole and not fraction:
        raise NOT_A_FLOAT
    base = 16 if match.re is _HEX else 10
    digits = _integer(whole + fraction, base)
    if not digits:
        return 0, 0
    number = _scaled(digits, int(match[4] or 0), len(fraction), base)
    return (-number[0], number[1]) if sign == b"-" else number


@lru_cache(maxsize=256)
def _parse_short(word: bytes) -> LongDouble | None:
    """Read a plain decimal, as nearly all are; mostly the same is added again and again."""
    whole, _, fraction = word.removeprefix(b"-").partition(b".")
    written = whole + fraction
    if not written.isdigit():
        return None
    digits = int(written)
    if not digits:
        return 0, 0
    mantissa, exponent = _rounded(digits, _POWERS[len(fraction)], 0)
    return (-mantissa if word[:1] == b"-" else mantissa), exponent


def _scaled(digits: int, exponent: int, decimals: int, base: int) -> LongDouble:
    """Give digits * base**-decimals * (10 or 2)**exponent. Raises NOT_A_FLOAT if out of range."""
    if abs(exponent) > 8 * _LONGEST:
        raise NOT_A_FLOAT  # whatever the digits are; and the power would take forever
    if base == 16:
        mantissa, exponent = _rounded(digits, 1, exponent - 4 * decimals)
    elif exponent >= decimals:
        mantissa, exponent = _rounded(digits * 10 ** (exponent - decimals), 1, 0)
    else:
        mantissa, exponent = _rounded(digits, 10 ** (decimals - exponent), 0)
    # The mantissa less one: a number is zero up to the power of two itself.
    is_zero = exponent + (mantissa - 1).bit_length() <= _BOTTOM
    if is_zero or exponent + mantissa.bit_length() > _TOP:
        raise NOT_A_FLOAT
    return mantissa, exponent


def _rounded(numerator: int, denominator: int, exponent: int) -> LongDouble:
    """Give numerator / denominator * 2**exponent in 64 bits, for a numerator above 0."""
    shift = numerator.bit_length() - denominator.bit_length() - _BITS
    if shift <= 0:
        numerator <<= -shift
    else:
        denominator <<= shift
    quotient, rest = divmod(numerator, denominator)
    if quotient >> _BITS:  # 65 bits: one too many
        rest += (quotient & 1) * denominator
        quotient >>= 1
        denominator <<= 1
        shift += 1
    if 2 * rest > denominator or (2 * rest == denominator and quotient & 1):
        quotient += 1
    return quotient, exponent + shift


def is_finite(number: LongDouble) -> bool:
    """Tell whether a number is neither of the infinities."""
    return number[1] != _INFINITE


def add_long_doubles(a: LongDouble, b: LongDouble) -> LongDouble:
    """Add two numbers. Raises INCREMENT_NOT_FINITE if the sum is infinite or no number."""
    (first, high), (second, low) = a, b
    if high == _INFINITE or low == _INFINITE:
        raise INCREMENT_NOT_FINITE
    if high < low:
        first, high, second, low = second, low, first, high
    total = (first << (high - low)) + second
    if not total:
        return 0, 0
    mantissa, exponent = _rounded(abs(total), 1, low)
    if exponent + mantissa.bit_length() > _TOP:
        raise INCREMENT_NOT_FINITE
    return (-mantissa if total < 0 else mantissa), exponent


def format_long_double(number: LongDouble) -> bytes:
    """Write a finite number as the reference does: 17 decimals, without the zeros at the end."""
    mantissa, exponent = number
    scaled = abs(mantissa) * _ONE
    if exponent >= 0:
        scaled <<= exponent
    else:
        half = 1 << (-exponent - 1)
        scaled, rest = scaled >> -exponent, scaled & ((half << 1) - 1)
        scaled += rest > half or (rest == half and scaled & 1)
    whole, fraction = divmod(scaled, _ONE)
    text = b"%b.%017d" % (_digits(whole), fraction)
    text = text.rstrip(b"0").rstrip(b".")
    return b"-" + text if mantissa < 0 and scaled else text


# Python's own conversions refuse numbers of more than 4300 digits.


def _integer(digits: bytes, base: int) -> int:
    if len(digits) <= _CHUNK or base == 16:
        return int(digits, base)
    return int(digits[:-_CHUNK]) * _CHUNK_LIMIT + int(digits[-_CHUNK:])


def _digits(number: int) -> bytes:
    if number < _CHUNK_LIMIT:
        return b"%d" % number
    high, low = divmod(number, _CHUNK_LIMIT)
    return b"%d%0*d" % (high, _CHUNK, low)
