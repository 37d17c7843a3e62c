"""Words that are integers: what the reference's packed encodings keep as numbers."""

from __future__ import annotations

from redislua_kernel.engine.signature import INT64_MAX, INT64_MIN

__all__ = ["as_integer"]

_LONGEST = len(b"-9223372036854775808")


def as_integer(word: bytes) -> int | None:
    """Give the 64-bit integer whose one canonical form a word is; None: it is no such word."""
    digits = word[1:] if word[:1] == b"-" else word
    if not digits.isdigit() or len(word) > _LONGEST:
        return None
    number = int(word)
    return number if b"%d" % number == word and INT64_MIN <= number <= INT64_MAX else None
