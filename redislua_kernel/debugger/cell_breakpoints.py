"""The breakpoints of cells, as a client has set them: also of cells that have not run yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redislua_kernel.debugger.placement import Placed, Wish, place, wait_for_text
from redislua_kernel.debugger.sources import Sources, SourceText
from redislua_kernel.engine.debugging.breakpoints import Breakpoint
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Stop

__all__ = ["CellBreakpoints"]


class CellBreakpoints:
    """All breakpoints that a client wants, by the paths of their cells.

    `send` tells the client of an event.
    """

    def __init__(self, sources: Sources, send: Callable[..., None]) -> None:
        self._sources = sources
        self._send = send
        self.by_path: dict[str, list[Placed]] = {}
        #: Paths that have breakpoints, but no text yet.
        self._waiting: set[str] = set()

    def set(self, path: str, wishes: Sequence[Wish]) -> list[Placed]:
        """Set the breakpoints of a path, in place of those it had."""
        source = self._sources.at(path)
        placed = wait_for_text(wishes) if source is None else place(wishes, source)
        self._waiting.discard(path)
        if source is None:
            self._waiting.add(path)
        self.by_path[path] = placed
        if not placed:
            del self.by_path[path]
        return placed

    def clear(self) -> None:
        """Forget all."""
        self.by_path.clear()

    def begin_cell(self) -> None:
        """Count visits anew."""
        for placed in list(self.by_path.values()):  # a client may add one meanwhile
            for each in _breakpoints(placed):
                each.visits = 0

    def of(self, source: Source) -> list[Breakpoint]:
        """Give what the engine is to stop at in some code."""
        text = self._sources.of_code(source.code) if self.by_path else None
        if text is None or text.path not in self.by_path:
            return []
        if text.path in self._waiting:
            self._place_late(text)
        return _breakpoints(self.by_path[text.path])

    def hit(self, stop: Stop) -> list[int]:
        """Give the numbers of those at which a script has stopped."""
        text = self._sources.of_code(stop.source.code)
        placed = [] if text is None else self.by_path.get(text.path, [])
        return [each.id for each in placed if each.breakpoint and each.breakpoint.line == stop.line]

    def _place_late(self, text: SourceText) -> None:
        """Put the breakpoints of a cell on its lines, now that it is known."""
        former = self.by_path[text.path]
        for old in former:
            self._send("breakpoint", reason="removed", breakpoint=old.as_answer(text.path))
        for new in self.set(text.path, [each.wish for each in former]):
            self._send("breakpoint", reason="new", breakpoint=new.as_answer(text.path))


def _breakpoints(placed: Sequence[Placed]) -> list[Breakpoint]:
    return [each.breakpoint for each in placed if each.breakpoint is not None]
