"""The Lua of the cells: where it stands in them, and as which script it is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Bodies", "Lua"]

#: What a bare expression runs after.
_RETURN = b"return "
_MOST = 1000


class Lua(NamedTuple):
    """The Lua of a cell, and how many of its lines stand above that."""

    body: bytes
    offset: int


class Bodies:
    """The bodies that ran last, each with how many lines of its cell stand above it.

    `compile_error` gives what the parser says against a script, or None.
    """

    def __init__(self, compile_error: Callable[[bytes], object]) -> None:
        self._compile_error = compile_error
        self._offsets: dict[bytes, int] = {}

    def note(self, body: bytes, offset: int) -> None:
        """Take the body of the cell that runs, and how many of its lines stand above that."""
        self._offsets.pop(body, None)
        self._offsets[body] = offset
        if len(self._offsets) > _MOST:
            del self._offsets[next(iter(self._offsets))]

    def offset_of(self, code: bytes) -> int:
        """Give what to add to a line of the code for its line in the cell where it stands."""
        return self._offsets.get(code) or self._offsets.get(code.removeprefix(_RETURN), 0)

    def scripts(self) -> list[bytes]:
        """Give the scripts as they were sent."""
        return [self.as_script(body, show_call=True) for body in self._offsets]

    def as_script(self, body: bytes, *, show_call: bool = False) -> bytes:
        """Give a body as it is, but a bare expression after `return`."""
        returned = _RETURN + body
        if body.startswith(b"#!") or (not show_call and self._compile_error(body) is None):
            return body
        # A body that compiles both ways is one call (or empty): nothing but its value differs.
        return returned if self._compile_error(returned) is None else body
