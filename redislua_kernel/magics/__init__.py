"""The magics, one file per family; importing a file registers its magics."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from redislua_kernel.magics.registry import MAGICS, Magic, call, find

__all__ = ["MAGICS", "Magic", "call", "find"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
