"""Reading LZF, the compression of long strings in RDB files and DUMP payloads."""

from __future__ import annotations

__all__ = ["decompress"]


def decompress(packed: bytes, size: int) -> bytes:
    """Give the `size` bytes that an LZF stream stands for. Raises ValueError if it is corrupt."""
    out = bytearray()
    place, end = 0, len(packed)
    try:
        while place < end:
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
