"""Doubles as replies show them, digit for digit as the reference does.

The reference finds the digits by Grisu2 (Florian Loitsch, "Printing Floating-Point Numbers
Quickly and Accurately with Integers", 2010), which in one of some two hundred numbers gives
others than the shortest and nearest ones that Python gives. So it is done here as well: on
64-bit integers, with the same roundings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import copysign, frexp, isinf, isnan

__all__ = ["format_double"]

_WHOLE = 2.0**62  # up to here whole numbers are printed as integers
_MASK = (1 << 64) - 1
_MOST = 4096  # so many are kept


class _Shown(dict[float, bytes]):
    """What doubles are shown as: the same ones are asked for again and again.

    Both zeros are the same key, so that neither is kept.
    """

    def __missing__(self, value: float) -> bytes:
        if not value:
            return b"-0" if copysign(1.0, value) < 0 else b"0"
        if len(self) >= _MOST:
            self.clear()
        if -_WHOLE <= value <= _WHOLE and value.is_integer():
            shown = b"%d" % value
        else:
            shown = _format(value)
        self[value] = shown
        return shown


#: Gives a double as a reply shows it: digits that read back the same.
#:
#: Whole numbers up to 2**62 lose their fraction (`3`), infinities are `inf` and `-inf`.
#: Others turn to exponents (`1e+25`, `1.5e-7`) where the reference does: for long tails of
#: zeros or of decimals, not for size alone.
format_double: Callable[[float], bytes] = _Shown().__getitem__


def _format(value: float) -> bytes:
    if isnan(value):
        return b"nan"
    if isinf(value):
        return b"inf" if value > 0 else b"-inf"
    shown = _lay_out(*_grisu2(abs(value)))
    return b"-" + shown if value < 0 else shown


def _lay_out(digits: bytes, power: int) -> bytes:
    """Write digits * 10**power with a point, zeros or an exponent."""
    count = len(digits)
    exponent = power + count - 1  # that of the first digit
    if power >= 0 and abs(exponent) < count + 7:
        return digits + b"0" * power
    if power < 0 and (power > -7 or abs(exponent) < 4):
        point = count + power
        if point > 0:
            return digits[:point] + b"." + digits[point:]
        return b"0." + b"0" * -point + digits
    fraction = b"." + digits[1:] if count > 1 else b""
    return b"%b%be%+d" % (digits[:1], fraction, exponent)


# Grisu2: numbers are pairs, f * 2**e, with f below 2**64


def _grisu2(value: float) -> tuple[bytes, int]:
    """Give digits and a power of ten for a positive double."""
    f, e = _parts(value)
    shift = 64 - f.bit_length()
    middle = f << shift
    # Halfway to the neighbours: what lies between reads back as the same double.
    half = 1 << shift - 1
    nearer = f == 1 << 52  # the neighbour below a power of two is half as far
    scale, scale_e, power = _scale_for(e - shift)
    upper = _multiply(middle + half, scale) - 1
    lower = _multiply(middle - (half >> 1 if nearer else half), scale) + 1
    last = _last_place(value) + power
    bits = shift - e - scale_e - 64
    digits, place = _digits(upper, lower, _multiply(middle, scale), bits, last)
    return b"%d" % digits, place - power


def _last_place(value: float) -> int:
    """Give the power of ten of the last of the shortest digits, for a number with a fraction
    or beyond 2**53."""
    mantissa, _, exponent = repr(value).partition("e")
    fraction = mantissa.partition(".")[2]
    return int(exponent or 0) - len(fraction)


def _parts(value: float) -> tuple[int, int]:
    """Split a double into its 53-bit integer and its power of two."""
    mantissa, exponent = frexp(value)
    if exponent < -1021:  # subnormal: fewer bits, one power
        return int(value / 5e-324), -1074
    return int(mantissa * 2.0**53), exponent - 53


def _multiply(one: int, other: int) -> int:
    """Give the upper 64 bits of a product, rounded from its upper 96."""
    return ((one * other >> 32) + (1 << 31)) >> 32


@cache
def _scale_for(exponent: int) -> tuple[int, int, int]:
    """Give the power of ten, among every eighth, that brings an exponent near -60 .. -32."""
    index = int((-(exponent + 87) * 0.30102999566398114 + 348) / 8)
    while True:
        f, e, power = _power_of_ten(index)
        scaled = exponent + e + 64
        if scaled < -60:
            index += 1
        elif scaled > -32:
            index -= 1
        else:
            return f, e, power


@cache
def _power_of_ten(index: int) -> tuple[int, int, int]:
    """Give 10**(8 * index - 348) in 64 bits, rounded to the nearest, and that exponent."""
    power = 8 * index - 348
    if power >= 0:
        number = 10**power
        shift = number.bit_length() - 64
        f = number << -shift if shift <= 0 else (number + (1 << shift - 1)) >> shift
        return f, shift, power
    divisor = 10**-power
    shift = divisor.bit_length() + 64
    f = (1 << shift) // divisor
    excess = f.bit_length() - 64
    f = (f + (1 << excess - 1)) >> excess
    return f, excess - shift, power


def _digits(upper: int, lower: int, middle: int, bits: int, power: int) -> tuple[int, int]:
    """Give the fewest digits of a number between bounds, and the power of ten of the last.

    All three have `bits` binary places. The digits are those of `upper`, then the last one
    is lowered towards `middle`. There are no fewer than end at `power`.
    """
    delta, distance = upper - lower, upper - middle
    while power >= 0:
        unit = 10**power << bits
        digits, left = divmod(upper, unit)
        if left <= delta:
            return _approach(digits, delta, left, unit, distance), power
        power -= 1
    one = 1 << bits
    while True:
        ten = 10**-power
        digits, left = divmod(upper * ten, one)
        if left < delta * ten:
            return _approach(digits, delta * ten, left, one, distance * ten & _MASK), power
        power -= 1


def _approach(digits: int, delta: int, left: int, unit: int, distance: int) -> int:
    """Lower the last digit as long as that comes nearer to the number."""
    while (
        left < distance
        and delta - left >= unit
        and (left + unit < distance or distance - left > left + unit - distance)
    ):
        digits -= 1
        left += unit
    return digits
