"""The levels of redis.log and of the setting loglevel: the number of one is its place here."""

from __future__ import annotations

__all__ = ["LEVELS", "WARNING"]

LEVELS = (b"debug", b"verbose", b"notice", b"warning", b"nothing")
WARNING = LEVELS.index(b"warning")
