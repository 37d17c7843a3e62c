"""The hash slots of keys: how a cluster spreads them over its nodes."""

from __future__ import annotations

import re
from binascii import crc_hqx

__all__ = ["SLOTS", "key_slot", "pattern_slot"]

#: What may stand for other bytes in a pattern.
_WILD = re.compile(rb"[*?\[\\]")
#: How many slots there are.
SLOTS = 16384


def key_slot(key: bytes) -> int:
    """Give the slot of a key: of the part in its first braces, if that is not empty.

    The hash is CRC16 (XMODEM), as in the cluster specification.
    """
    _, brace, rest = key.partition(b"{")
    tag, closing, _ = rest.partition(b"}")
    hashed = tag if brace and closing and tag else key
    return crc_hqx(hashed, 0) % SLOTS


def pattern_slot(pattern: bytes) -> int | None:
    """Give the slot of all keys that a glob pattern matches; None if they may be in several."""
    wild = _WILD.search(pattern)
    if wild is None:
        return key_slot(pattern)
    fixed = pattern[: wild.start()]
    _, brace, rest = fixed.partition(b"{")
    tag, closing, _ = rest.partition(b"}")
    return key_slot(fixed) if brace and closing and tag else None
