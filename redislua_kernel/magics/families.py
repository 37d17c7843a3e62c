"""What the magics are for: the order in which %help and docs/magics.md list them."""

from __future__ import annotations

from redislua_kernel.magics.registry import Magic, magics

__all__ = ["families"]

#: The files of each family, those first that a newcomer needs first.
_FAMILIES = {
    "Run": ("eval", "redis"),
    "Keep scripts and libraries": ("script", "function", "files", "export"),
    "Look at data and programs": ("keyspace", "functions", "stats"),
    "See what a cell did": ("trace", "profile", "snapshot", "effects"),
    "Find mistakes": ("lint", "testing", "debug"),
    "Use real servers": ("connect", "compare", "deploy", "serve"),
    "Set up the notebook": ("config", "clock", "recover", "help"),
}


def families() -> dict[str, list[Magic]]:
    """Give every magic in its family."""
    by_file: dict[str, list[Magic]] = {}
    for each in magics().values():
        by_file.setdefault(each.file, []).append(each)
    return {
        title: [each for file in files for each in by_file.get(file, ())]
        for title, files in _FAMILIES.items()
    }
