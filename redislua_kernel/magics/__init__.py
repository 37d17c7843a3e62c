"""The magics, one file per family; importing a file registers its magics (see `registry`)."""

from __future__ import annotations

from redislua_kernel.magics.registry import Magic, call, find, magics

__all__ = ["Magic", "call", "find", "magics"]
