"""The version of Redis that the engine stands for."""

from __future__ import annotations

__all__ = ["REDIS_VERSION"]

REDIS_VERSION = b"8.2.3"
