"""Where elements belong: MurmurHash64A, as the reference hashes.

Many elements of one length are hashed at once: their states lie side by side in one large
number, each in a lane of its own that is wide enough for a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from struct import unpack

from redislua_kernel.engine.hyperloglog.layout import REGISTERS
from redislua_kernel.engine.interrupts import STEPS, look

__all__ = ["locate", "locate_all"]

_SEED = 0xADC83B19
_MULTIPLIER = 0xC6A4A7935BD1E995
_MASK = (1 << 64) - 1
#: The bytes of a block, and of a lane.
_BLOCK, _LANE = 8, 16
#: Fewer elements than this are hashed one by one.
_MANY = 16
#: A bit above all those that count: the zeros below it have an end.
_END = 1 << 50

#: Of elements that come again and again, so many are remembered, if they are no longer than this.
_REMEMBERED, _SHORT = 4096, 64


def locate_all(elements: Sequence[bytes]) -> Iterable[tuple[int, int]]:
    """Give for each element the register it belongs to and the value it asks for."""
    return map(locate, elements) if len(elements) < _MANY else _locate_many(elements)


def _locate_many(elements: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(elements), STEPS):
        look()
        batch = elements[start : start + STEPS]
        by_length: dict[int, list[bytes]] = {}
        for element in batch:
            by_length.setdefault(len(element), []).append(element)
        located: dict[bytes, tuple[int, int]] = {}
        for alike in by_length.values():
            located.update(zip(alike, locate_alike(alike), strict=True))
        yield from map(located.__getitem__, batch)


def locate(element: bytes) -> tuple[int, int]:
    """Give the register that an element belongs to and the value it asks for."""
    return _remembered(element) if len(element) <= _SHORT else _place(hash64(element))


@lru_cache(_REMEMBERED)
def _remembered(element: bytes) -> tuple[int, int]:
    return _place(hash64(element))


def _place(hashed: int) -> tuple[int, int]:
    rest = hashed >> 14 | _END
    return hashed & REGISTERS - 1, (rest & -rest).bit_length()


def hash64(element: bytes) -> int:
    """Hash an element."""
    length = len(element)
    h = _SEED ^ (length * _MULTIPLIER & _MASK)
    whole = length - length % _BLOCK
    for place in range(0, whole, _BLOCK):
        k = int.from_bytes(element[place : place + _BLOCK], "little") * _MULTIPLIER & _MASK
        k = (k ^ k >> 47) * _MULTIPLIER & _MASK
        h = (h ^ k) * _MULTIPLIER & _MASK
    if whole != length:
        h = (h ^ int.from_bytes(element[whole:], "little")) * _MULTIPLIER & _MASK
    h = (h ^ h >> 47) * _MULTIPLIER & _MASK
    return h ^ h >> 47


def locate_alike(elements: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Locate elements of one length."""
    count = len(elements)
    one = int.from_bytes((b"\1" + bytes(_LANE - 1)) * count, "little")
    h = _hash_alike(elements, one)
    rest = h >> 14 & one * (_END - 1) | one * _END
    lowest = rest & ~(rest - one)
    places = lowest | (h & one * (REGISTERS - 1)) << 64
    numbers = unpack(f"<{2 * count}Q", places.to_bytes(_LANE * count, "little"))
    return zip(numbers[1::2], map(_VALUES.__getitem__, numbers[::2]), strict=True)


#: The value that is asked for, by the lowest bit of what does not choose the register.
_VALUES = {1 << bit: bit + 1 for bit in range(_END.bit_length())}


def _hash_alike(elements: Sequence[bytes], one: int) -> int:
    """Hash elements of one length; `one` has a one in each lane."""
    length = len(elements[0])
    mask = one * _MASK
    h = one * (_SEED ^ (length * _MULTIPLIER & _MASK))
    whole = length - length % _BLOCK
    for place in range(0, whole, _BLOCK):
        k = _in_lanes(elements, place) * _MULTIPLIER & mask
        k = (k ^ k >> 47 & mask) * _MULTIPLIER & mask
        h = (h ^ k) * _MULTIPLIER & mask
    if whole != length:
        h = (h ^ _in_lanes(elements, whole)) * _MULTIPLIER & mask
    h = (h ^ h >> 47 & mask) * _MULTIPLIER & mask
    return h ^ h >> 47 & mask


def _in_lanes(elements: Sequence[bytes], place: int) -> int:
    """Put the blocks at one place of all elements side by side."""
    blocks = map(bytes.__getitem__, elements, repeat(slice(place, place + _BLOCK)))
    size = min(len(elements[0]) - place, _BLOCK)
    return int.from_bytes(bytes(_LANE - size).join(blocks), "little")
