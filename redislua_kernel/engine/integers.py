"""Words that are integers: what the reference's packed encodings keep as numbers."""

from __future__ import annotations

from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN

__all__ = ["as_integer"]

_ZERO = ord("0")
#: Words from this one on begin with no digit and no sign: most do, with a letter.
_ABOVE_DIGITS = bytes([ord("9") + 1])
_LONGEST = len(b"-9223372036854775808")
#: A word of fewer bytes is no larger number.
_SURELY_FITS = len(b"9223372036854775807")


def as_integer(word: bytes) -> int | None:
    """Give the 64-bit integer whose one canonical form a word is; None: it is no such word."""
    if word >= _ABOVE_DIGITS:
        return None
    size = len(word)
    if size < _SURELY_FITS and word.isdigit():
        return int(word) if word[0] != _ZERO or size == 1 else None
    digits = word[1:] if word[:1] == b"-" else word
    if not digits.isdigit() or size > _LONGEST or (digits[0] == _ZERO and size > 1):
        return None
    number = int(word)
    return number if size < _SURELY_FITS or INT64_MIN <= number <= INT64_MAX else None
