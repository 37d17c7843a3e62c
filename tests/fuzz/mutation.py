"""Valid inputs, damaged: cut off, with bits flipped, lengths changed, and pieces of others."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.fuzz.vocabulary import VOCABULARY

__all__ = ["damaged", "damaged_text", "in_pieces", "reduced"]

#: What lengths and counts are when they go wrong.
_NUMBERS = (
    *(0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 1 << 24, 0x7FFFFFFF, 1 << 31),
    *((1 << 32) - 1, 1 << 32, 1 << 60, (1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
_DIGITS = (
    *(b"0", b"-1", b"1", b"-0", b"00", b"2147483647", b"2147483648", b"4294967296"),
    *(b"1152921504606846976", b"9223372036854775807", b"9223372036854775808", b"1e9", b"9" * 30),
)
#: What texts stumble over.
_ODD_TEXTS = ("", *VOCABULARY["odd pieces of text"])


def damaged(data: bytes, rng: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """Change some bytes here and there; `others` lend pieces."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = _place(len(changed), rng)
        match rng.randrange(10):
            case 0 | 1 if place < len(changed):
                changed[place] ^= 1 << rng.randrange(8)
            case 2 if place < len(changed):
                changed[place] = rng.choice(
                    (0, 1, 0x7F, 0x80, 0xC3, 0xFE, 0xFF, rng.randrange(256))
                )
            case 3:
                del changed[place:]
            case 4:
                size = rng.choice((1, 2, 4, 8))
                number = rng.choice(_NUMBERS) & ((1 << 8 * size) - 1)
                end = place + size * rng.randrange(2)
                changed[place:end] = number.to_bytes(size, rng.choice(("little", "big")))
            case 5:
                _change_number(changed, rng)
            case 6:
                start = _place(len(changed), rng)
                changed[place:place] = changed[start : start + rng.choice((1, 4, 16, 64))]
            case 7:
                other = rng.choice(others) if others else data
                start = _place(len(other), rng)
                cut, end = rng.choice((0, 4, len(changed))), start + rng.choice((2, 16, len(other)))
                changed[place : place + cut] = other[start:end]
            case 8:
                del changed[place : place + rng.choice((1, 1, 2, 8, 40))]
            case _:
                changed[place:place] = rng.randbytes(rng.choice((1, 2, 4, 8)))
    return bytes(changed)


def _place(size: int, rng: random.Random) -> int:
    """Choose a place; the beginning more often, where the lengths are."""
    return min(rng.randrange(size + 1), rng.choice((size, size, 12, 40)))


def _change_number(data: bytearray, rng: random.Random) -> None:
    """Write another decimal in the place of one."""
    starts = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if starts:
        start = end = rng.choice(starts)
        while end < len(data) and 48 <= data[end] <= 57:
            end += 1
        data[start:end] = rng.choice(_DIGITS)


def damaged_text(text: str, rng: random.Random, others: Sequence[str] = ()) -> str:
    """Change a text here and there; `others` lend lines."""
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        place = rng.randrange(len(text) + 1)
        size = rng.choice((0, 1, 1, 2, 5, 20))
        match rng.randrange(7):
            case 0:
                text = text[:place] + text[place + size :]
            case 1 | 2:
                text = text[:place] + rng.choice(_ODD_TEXTS) + text[place:]
            case 3:
                text = text[:place] + rng.choice(_ODD_TEXTS) + text[place + size :]
            case 4:
                start = rng.randrange(len(text) + 1)
                text = text[:place] + text[start : start + 4 * size] + text[place:]
            case 5:
                text = text[:place] if rng.random() < 0.5 else text[place:]
            case _:
                lines, more = text.split("\n"), (rng.choice(others) if others else text).split("\n")
                at, start = rng.randrange(len(lines) + 1), rng.randrange(len(more))
                lines[at : at + rng.randrange(2)] = more[start : start + rng.randint(1, 4)]
                text = "\n".join(lines)
    return text


def in_pieces(data: bytes, rng: random.Random) -> tuple[bytes, ...]:
    """Cut bytes into pieces, as a network does."""
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 1, 2, 5))))
    return tuple(data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True))


def reduced(given: Any, is_still_wrong: Callable[[Any], bool]) -> Any:
    """Give the least of an input that is still wrong, as far as leaving pieces out leads."""
    size = len(given) // 2
    while size:
        place = 0
        while place < len(given):
            shorter = given[:place] + given[place + size :]
            if is_still_wrong(shorter):
                given = shorter
            else:
                place += size
        size //= 2
    if isinstance(given, tuple):
        for place, item in enumerate(given):
            if isinstance(item, (str, bytes)):
                given = _with_reduced(given, place, item, is_still_wrong)
    return given


def _with_reduced(given: Any, place: int, item: Any, is_still_wrong: Callable[[Any], bool]) -> Any:
    def put(shorter: Any) -> Any:
        return (*given[:place], shorter, *given[place + 1 :])

    return put(reduced(item, lambda shorter: is_still_wrong(put(shorter))))
