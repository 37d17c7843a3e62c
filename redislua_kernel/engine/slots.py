"""The hash slots of keys: how a cluster spreads them over its nodes."""

from __future__ import annotations

from binascii import crc_hqx

__all__ = ["SLOTS", "key_slot"]

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
