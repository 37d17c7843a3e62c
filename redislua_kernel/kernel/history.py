"""The cells that ran, as history requests ask for them. Kept in memory."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, NamedTuple

__all__ = ["History"]

_SESSION = 1


class _Entry(NamedTuple):
    line: int
    code: str
    result: str | None


class History:
    """The cells of this kernel's session, oldest first."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []

    def add(self, line: int, code: str, result: str | None) -> None:
        """Keep a cell: its execution count, its text, its result's text."""
        self.entries.append(_Entry(line, code, result))

    def tail(self, n: int | None) -> list[_Entry]:
        """Give the last n cells."""
        return self.entries[-n:] if n else self.entries

    def range(self, session: int, start: int, stop: int | None) -> list[_Entry]:
        """Give the cells from start up to stop; 0 and 1 are the only session there is."""
        if session not in (0, _SESSION):
            return []
        return [e for e in self.entries if start <= e.line and (stop is None or e.line < stop)]

    def search(self, pattern: str, n: int | None, *, unique: bool) -> list[_Entry]:
        """Give the last n cells that match a glob pattern, each text once if `unique`."""
        found = [entry for entry in self.entries if fnmatchcase(entry.code, pattern)]
        if unique:
            found = list({entry.code: entry for entry in reversed(found)}.values())[::-1]
        return found[-n:] if n else found

    def reply(
        self, hist_access_type: str, *, output: bool = False, **asked: Any
    ) -> list[tuple[int, int, Any]]:
        """Answer a history request with (session, line, code), or (…, (code, result))."""
        if hist_access_type == "range":
            first = asked.get("start")
            entries = self.range(
                asked.get("session") or 0, 1 if first is None else first, asked.get("stop")
            )
        elif hist_access_type == "search":
            unique = bool(asked.get("unique"))
            entries = self.search(asked.get("pattern") or "*", asked.get("n"), unique=unique)
        else:
            entries = self.tail(asked.get("n"))
        return [(_SESSION, e.line, (e.code, e.result) if output else e.code) for e in entries]
