"""Quantities in words: numbers of things, bytes, times; and texts that are cut."""

from __future__ import annotations

__all__ = ["count_of", "duration", "memory", "seconds_text", "shorten"]


def duration(milliseconds: int) -> str:
    """Give a time in the largest unit that fits."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds // 1000
    return f"{seconds} s" if seconds < 86_400 else f"{seconds // 86_400} d {seconds // 3600 % 24} h"


def memory(size: int) -> str:
    """Give a number of bytes in the unit that suits it."""
    if size < 1024:
        return f"{size} B"
    if size < 1 << 20:
        return f"{size / 1024:.1f} KiB"
    return f"{size / (1 << 20):.1f} MiB" if size < 1 << 30 else f"{size / (1 << 30):.2f} GiB"


def count_of(number: int, unit: str) -> str:
    """Give a number of things."""
    return f"{number:,} {unit if number == 1 else _plural(unit)}"


def _plural(unit: str) -> str:
    if unit.endswith(("ly", "ry")):
        return f"{unit[:-1]}ies"
    return f"{unit}es" if unit.endswith("ch") else f"{unit}s"


def seconds_text(seconds: float) -> str:
    """Give a time in the unit that suits it."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def shorten(text: str, most: int) -> str:
    """Give a text as far as it fits, with a mark where more would follow."""
    return text if len(text) <= most else f"{text[:most]} …"
