"""Files put together: each include is replaced by the lines of the file that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from redislua_kernel.engine.files import read_file
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.projects.source import Origin, ProjectError

__all__ = ["Assembly", "shown"]

_INCLUDE = re.compile(
    rb"""\s*--+\s*(?:@include\s+["'<]([^"'>]+)["'>]|\$include\(\s*["']?([^"')]+?)["']?\s*\))\s*"""
)


class Assembly:
    """One file with all that it includes, as lines.

    `root` is the folder that is loaded. Raises ProjectError for a file that is missing, or that
    includes itself by whatever way.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self._root = root
        #: The files that it includes.
        self.parts: set[Path] = set()
        lines = list(self._lines(path, ()))
        self.code = b"\n".join(line for line, _ in lines)
        self.origins = tuple(origin for _, origin in lines) if self.parts else ()

    def _lines(self, path: Path, chain: Sequence[Origin]) -> Iterator[tuple[bytes, Origin]]:
        lines = _read(path, chain).split(b"\n")
        if chain and not lines[-1]:
            lines.pop()  # the line of the include ends already
        for number, line in enumerate(interruptible(lines), 1):
            found = _INCLUDE.fullmatch(line)
            if found is None:
                yield line, (path, number)
                continue
            here = (*chain, (path, number))
            part = self._find(os.fsdecode(found[1] or found[2]), here)
            if part not in self.parts:
                self.parts.add(part)
                yield from self._lines(part, here)

    def _find(self, name: str, chain: Sequence[Origin]) -> Path:
        """Give the file that an include means."""
        name = name.removeprefix("~/")
        file = name if name.endswith(".lua") else f"{name}.lua"
        folders = chain[-1][0].parent, self._root, self._root / "includes"
        try:
            found = [path for folder in folders if (path := (folder / file).resolve()).is_file()]
        except (OSError, ValueError):  # no name that a file could have
            found = []
        open_files = {path.resolve() for path, _ in chain}
        for path in found:
            if path not in open_files:
                return path
        if found:
            raise ProjectError(f"{_chain(chain)} → {file}: a file includes itself")
        raise ProjectError(
            f"{_chain(chain)} → {file}: no such file beside it, in {shown(self._root)} or in "
            f"{shown(self._root / 'includes')}"
        )


def shown(path: Path) -> str:
    """Give a path as people write it: from the working directory if it is below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _read(path: Path, chain: Sequence[Origin]) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        before = f"{_chain(chain)} → " if chain else ""
        raise ProjectError(f"{before}{shown(path)} cannot be read: {error.strerror}") from None


def _chain(chain: Sequence[Origin]) -> str:
    return " → ".join(f"{shown(path)} line {line}" for path, line in chain)
