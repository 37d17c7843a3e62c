"""LZF, the compression of long strings in the RDB format (Marc Lehmann's LibLZF).

A stream is made of runs of up to 32 literal bytes, and of references to bytes that came up to
8192 bytes earlier. What `compress` gives is what the reference gives: it finds the same matches.
"""

from __future__ import annotations

from redislua_kernel.engine.interrupts import look

__all__ = ["compress", "decompress"]

_MOST_LITERALS = 32
_FARTHEST = 1 << 13
_LONGEST = (1 << 8) + (1 << 3)
#: From one look for an interrupt to the next, in bytes.
_LOOK_EVERY = 1 << 15


def compress(text: bytes, limit: int) -> bytes | None:
    """Give the LZF stream of a text; None if it does not fit into `limit` bytes."""
    out = bytearray()
    seen: dict[int, int] = {}  # places by the hash of the three bytes there
    literals = place = 0  # where the literal bytes to be written begin; where we are
    next_look = _LOOK_EVERY
    last = len(text) - 2
    full = _place_when_full(0, limit)
    three = int.from_bytes(text[:2], "big")
    while place < last:
        if place >= next_look:
            look()
            next_look += _LOOK_EVERY
        three = (three << 8 | text[place + 2]) & 0xFFFFFF
        slot = (three >> 8) - three * 5 & 0xFFFF
        found = seen.get(slot)
        seen[slot] = place
        if (
            not found  # the very first place is never referred to
            or place - found > _FARTHEST
            or text[found : found + 3] != text[place : place + 3]
        ):
            if place >= full:
                return None
            place += 1
            continue
        size = _match_length(text, found, place)
        if len(out) + _run_size(place - literals) - (place == literals) + 4 >= limit:
            return None
        _flush(out, text, literals, place)
        _refer(out, place - found - 1, size)
        place += size
        literals = place
        full = _place_when_full(place, limit - len(out))
        if place >= last:
            break
        # The reference remembers only the last two places that a match covers.
        for covered in (place - 2, place - 1):
            three = int.from_bytes(text[covered : covered + 3], "big")
            seen[(three >> 8) - three * 5 & 0xFFFF] = covered
    if len(out) + _run_size(place - literals) + 3 > limit:
        return None
    _flush(out, text, literals, len(text))
    return bytes(out)


def _place_when_full(start: int, room: int) -> int:
    """Give where literals that begin at `start` fill the room, their control bytes counted."""
    # 33 bytes hold 32 literals, and the reference counts the control byte of the open run.
    count = max((room - 1) * _MOST_LITERALS // (_MOST_LITERALS + 1), 0)
    while _run_size(count) < room:
        count += 1
    return start + count


def _match_length(text: bytes, found: int, place: int) -> int:
    # The reference stops two bytes before the end, but looks at 19 once it is that near.
    most = min(_LONGEST, len(text) - place - 2)
    most = max(most, 19) if most > 16 else most
    size = 3
    while size < most and text[found + size] == text[place + size]:
        size += 1
    return size


def _run_size(count: int) -> int:
    """Give the bytes that literals take with their control bytes, that of an open run included."""
    return count + count // _MOST_LITERALS + 1


def _flush(out: bytearray, text: bytes, start: int, end: int) -> None:
    for place in range(start, end, _MOST_LITERALS):
        run = text[place : min(place + _MOST_LITERALS, end)]
        out.append(len(run) - 1)
        out += run


def _refer(out: bytearray, offset: int, size: int) -> None:
    extra = size - 2
    if extra < 7:
        out.append(offset >> 8 | extra << 5)
    else:
        out.append(offset >> 8 | 7 << 5)
        out.append(extra - 7)
    out.append(offset & 0xFF)


def decompress(packed: bytes, size: int) -> bytes:
    """Give the `size` bytes that an LZF stream stands for. Raises ValueError if it is corrupt."""
    out = bytearray()
    place, end = 0, len(packed)
    try:
        while place < end:
            look()
            control = packed[place]
            place += 1
            if control < 32:  # that many literal bytes and one more
                if place + control >= end:
                    raise ValueError("literals run past the end")
                out += packed[place : place + control + 1]
                place += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += packed[place]
                place += 1
            start = len(out) - ((control & 31) << 8 | packed[place]) - 1
            place += 1
            if start < 0:
                raise ValueError("a reference points before the start")
            for _ in range(length + 2):  # the copy may overlap what it writes
                out.append(out[start])
                start += 1
            if len(out) > size:
                raise ValueError("longer than said")
    except IndexError:
        raise ValueError("cut off") from None
    if len(out) != size:
        raise ValueError("shorter than said")
    return bytes(out)
