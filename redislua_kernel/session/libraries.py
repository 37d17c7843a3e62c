"""The libraries that are loaded where the cells run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from redislua_kernel.projects import NamedScripts, Source
from redislua_kernel.reply import Reply, Status, as_dict

__all__ = ["Libraries", "LibraryChange"]

#: Runs a command.
Execute = Callable[..., Reply]


class LibraryChange(NamedTuple):
    """What loading a library changed: the names of its functions, sorted."""

    name: bytes
    replaced: bool
    added: tuple[bytes, ...]
    removed: tuple[bytes, ...]
    kept: tuple[bytes, ...]


class Libraries:
    """What FUNCTION LIST tells, whatever the RESP version.

    `ask` runs a command beside the notebook's own client: inside MULTI, that would queue the
    question. `scripts` knows which file a library is from.
    """

    def __init__(self, ask: Execute, scripts: NamedScripts) -> None:
        self._ask = ask
        self._scripts = scripts

    def entries(self, *options: str) -> list[dict[bytes, Reply]]:
        """Give FUNCTION LIST's entries as dicts."""
        return [as_dict(entry) for entry in self._ask("FUNCTION", "LIST", *options)]

    def names(self) -> list[bytes]:
        """Give the names of all libraries."""
        return [entry[b"library_name"] for entry in self.entries()]

    def function_names(self) -> list[bytes]:
        """Give the names of all functions of all libraries."""
        return [name for entry in self.entries() for name in _functions_in(entry)]

    def functions_of(self, library: bytes) -> set[bytes] | None:
        """Give the names of a library's functions; None if there is no such library."""
        for entry in self.entries():
            if entry[b"library_name"] == library:
                return set(_functions_in(entry))
        return None

    def load(
        self, execute: Execute, body: bytes, name: bytes | None
    ) -> tuple[Reply, LibraryChange | None]:
        """Load a library in place of the one of its name; give the reply and what changed.

        `execute` runs the command for the cell. Inside MULTI nothing changes before EXEC: that
        is None.
        """
        before = self.functions_of(name) if name else None
        reply = execute("FUNCTION", "LOAD", "REPLACE", body)
        if isinstance(reply, Status):
            return reply, None
        after = self.functions_of(reply) or set()
        return reply, LibraryChange(
            name=reply,
            replaced=before is not None,
            added=_sorted(after - (before or set())),
            removed=_sorted((before or set()) - after),
            kept=_sorted(after & (before or set())),
        )

    def sources(self) -> list[Source]:
        """Give the code of all libraries."""
        return [self._source_of(entry) for entry in self.entries("WITHCODE")]

    def source_with(self, function: bytes) -> Source | None:
        """Give the code of the library that has a function; None: no library has it."""
        for entry in self.entries("WITHCODE"):
            if function in _functions_in(entry):
                return self._source_of(entry)
        return None

    def _source_of(self, entry: dict[bytes, Reply]) -> Source:
        """Give a library of FUNCTION LIST WITHCODE: its file, if that is what was loaded."""
        code, name = entry[b"library_code"], entry[b"library_name"]
        file = self._scripts.libraries.get(name)
        if file is not None and file.code == code:
            return file
        return Source(name.decode("utf-8", "replace"), None, code)


def _functions_in(entry: dict[bytes, Reply]) -> list[bytes]:
    return [as_dict(function)[b"name"] for function in entry[b"functions"]]


def _sorted(names: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(names))
