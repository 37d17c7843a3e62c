"""Whether an element of a collection, in any keyspace of this process, was ever long.

As long as none was, an array of not too many elements is not too much for Lua, and nobody has to
add up their lengths. Strings are not meant: whoever hands out many of them looks at each.
"""

from __future__ import annotations

from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.settings.encoding_limits import LONG

__all__ = ["ELEMENTS", "LONG", "adds_elements"]

_GROUPS = frozenset({"geo", "hash", "list", "set", "sorted-set", "stream"})


class _Elements:
    """What is known of all elements."""

    __slots__ = ("were_long",)

    def __init__(self) -> None:
        self.were_long = False


ELEMENTS = _Elements()


def adds_elements(command: Command) -> bool:
    """Tell whether a command makes elements of its words."""
    return command.is_write and command.group in _GROUPS
