"""The commands, one file per type or concern; importing a file registers its commands."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

__all__ = ["load_commands"]


@cache
def load_commands() -> None:
    """Register every command of this package."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
