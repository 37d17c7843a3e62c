"""Spans of time, read."""

from __future__ import annotations

import re

__all__ = ["microseconds"]

_UNITS = {"ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")


def microseconds(span: str) -> int:
    """Read a span of time: `10s`, `1500ms`, `2m`, `1h`, `7d`; a bare number means seconds.

    Raises ValueError for anything else.
    """
    found = _SPAN.fullmatch(span)
    if found is None:
        raise ValueError(f"{span} is no span of time: 10s is, and so are 500ms, 2m, 1h, 7d")
    return round(float(found[1]) * _UNITS[found[2] or "s"])
