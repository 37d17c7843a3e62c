"""The code of one script or library: where its lines come from, and what its name tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from pathlib import Path

from redislua_kernel.errors import RedisError

__all__ = ["Origin", "ProjectError", "Source", "split_name"]

_LIBRARY = re.compile(rb"#!lua[ \t][^\n]*?\bname=(\S+)")
_COUNTED = re.compile(r"(.+)-(\d+)")

#: A file, and one of its lines counted from 1.
Origin = tuple[Path, int]


class ProjectError(RedisError):
    """Files that cannot be read, put together or loaded."""


@dataclass(frozen=True)
class Source:
    """One script, or one library: its code as an engine gets it.

    `key_count` is None where the name does not tell. A cell's script has no path.
    """

    name: str
    key_count: int | None
    code: bytes
    path: Path | None = None
    #: Where each line comes from, if not all are of the file itself.
    origins: tuple[Origin, ...] = ()
    #: What was loaded: the file, or a folder that holds it.
    loaded: Path | None = None

    @cached_property
    def digest(self) -> bytes:
        """The digest by which the script cache knows it."""
        return sha1(self.code).hexdigest().encode()

    @property
    def library(self) -> bytes | None:
        """The name of the library that it is; None: it is a script."""
        found = _LIBRARY.match(self.code)
        return found and found[1]

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name if self.library is None else self.library.decode("utf-8", "replace")

    @property
    def file_name(self) -> str:
        """The name of a file that gives it its name again."""
        return (
            f"{self.title}.lua" if self.key_count is None else f"{self.name}-{self.key_count}.lua"
        )

    def origin(self, line: int) -> Origin | None:
        """Give where a line of the code comes from; None if it comes from no file."""
        if self.origins:
            return self.origins[line - 1] if 0 < line <= len(self.origins) else None
        return None if self.path is None else (self.path, line)

    def text_of(self, line: int) -> str:
        """Give a line of the code; empty if it has no such line."""
        lines = self.code.split(b"\n")
        return lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""


def split_name(name: str) -> tuple[str, int | None]:
    """Split `name-2` into the name and the number of keys; None: it ends with no number."""
    found = _COUNTED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, None)
