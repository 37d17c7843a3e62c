"""The code that runs: a script's body, or the library of a function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """What a debugger shows while something runs; lines count from 1."""

    #: The script's digest, or the function's name.
    name: bytes
    #: The whole body, the shebang's line with it.
    code: bytes
    is_function: bool

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines as the reference splits them: empty ones at the end are left out."""
        code = self.code.rstrip(b"\r\n")
        return code.split(b"\n") if code else []

    @property
    def chunk(self) -> bytes:
        """What Lua calls the code in positions."""
        return b"@user_function" if self.is_function else b"@user_script"
