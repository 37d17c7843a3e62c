"""A front for tests: notes what it is told, and goes on as it was told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redislua_kernel import Engine
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Reason, Resume, Step, Stop

__all__ = ["Watcher", "watched"]


class Watcher:
    """Goes on with the steps it was given, then runs on; `look` is called at each stop."""

    def __init__(
        self, steps: Iterable[Step], look: Callable[[Stop], Any] | None, enters: bool
    ) -> None:
        self._steps = iter(steps)
        self._look = look
        self._enters = enters
        self.stops: list[tuple[Reason, int]] = []
        self.seen: list[Any] = []
        self.calls: list[tuple[Any, ...]] = []
        self.logs: list[tuple[int, str]] = []
        #: Given once, at the next glance.
        self.reason: Reason | None = None

    @property
    def lines(self) -> list[int]:
        """The lines of all stops."""
        return [line for _, line in self.stops]

    def begins(self, source: Source) -> bool:
        return self._enters

    def stopped(self, stop: Stop) -> Resume:
        self.stops.append((stop.reason, stop.line))
        if self._look is not None:
            self.seen.append(self._look(stop))
        return Resume(next(self._steps, Step.RUN))

    def printed(self, line: int, text: bytes) -> None:
        self.logs.append((line, text.decode()))

    def complained(self, text: bytes) -> None:
        pass

    def logged(self, line: int, text: str) -> None:
        self.logs.append((line, text))

    def glance(self) -> Reason | None:
        reason, self.reason = self.reason, None
        return reason

    def wants_errors(self) -> bool:
        return True

    def ended(self) -> None:
        self.calls.append(("end",))

    def called(self, words: Sequence[bytes]) -> None:
        self.calls.append(("call", *words))

    def replied(self, reply: object) -> None:
        self.calls.append(("reply", reply))

    def failed(self, text: bytes, from_command: bool) -> None:
        self.calls.append(("error", text))


@contextmanager
def watched(
    engine: Engine,
    steps: Iterable[Step] = (),
    look: Callable[[Stop], Any] | None = None,
    *,
    enters: bool = True,
) -> Iterator[tuple[Watcher, Debugger]]:
    """Debug what an engine runs meanwhile."""
    watcher = Watcher(steps, look, enters)
    debugger = Debugger(engine.scripting, watcher)
    debugger.attach()
    try:
        yield watcher, debugger
    finally:
        debugger.detach()
