"""What brackets a cell: one unit of the embedded engine, undone whole if it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from redislua_kernel.engine.checkpoint import Checkpoint
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.engine.journal import Calls, Effect, effects_in
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.types.packed import Packed
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value

if TYPE_CHECKING:
    from redislua_kernel.session.session import Session

__all__ = ["CellUnit"]

#: With more keys and elements than that, no look is kept from before each cell: whoever then
#: writes to a value first copies it.
_MOST_LOOKED_AT = 10_000
#: So many bytes of a string that is edited in place are copied as fast as an element of others.
_BYTES_AN_ELEMENT = 64


class CellUnit:
    """The unit of the cell that runs, and what the last one left to be looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._engine = session.engine
        #: The data before the cell that runs, and before the last that changed any; None: there
        #: is too much to look at with each cell.
        self._before: Keyspace | None = None
        self.before_last: Keyspace | None = session.engine.keyspace.fork()
        #: `Keyspace.dirty` when `_before` was taken.
        self._looked_at = -1
        #: Tells whether the cell that runs now has run a command yet.
        self.has_run = False
        #: What the last cell would have replicated, as it is kept: few look, and it may be long.
        self._last_calls: Calls = ()
        #: Brings back what was set before the cell that runs.
        self._restore: Callable[[], None] | None = None

    @contextmanager
    def run(self) -> Iterator[None]:
        """Bracket a cell.

        Raises `Interrupted`, with the whole unit undone and all settings as they were, once its
        thread was asked to stop.
        """
        self.has_run = False
        restore = self._restore = self._mark()
        keyspace = self._engine.keyspace
        before, dirty = self._look(), keyspace.dirty
        with keyspace.unit():
            try:
                yield
            except Stopped as stopped:  # beside any command
                error = self._engine.undo(stopped)
                restore()
                raise error from None
            except Interrupted:
                restore()
                raise
            finally:
                self._restore = None
                if self.has_run:  # an empty list is the journal's still
                    self._last_calls, self.has_run = keyspace.calls or (), False
                if keyspace.dirty != dirty:
                    self.before_last = before

    @property
    def effects(self) -> list[Effect]:
        """What this cell would replicate so far; before its first command, what the last did."""
        return effects_in(self._engine.keyspace.calls if self.has_run else self._last_calls)

    def give_up(self) -> None:
        """Put back what was set before the cell whose thread was abandoned, if it was one."""
        if self._restore is not None:
            self._restore()
            self._restore = None
            self.has_run, self._last_calls = False, ()

    def _mark(self) -> Callable[[], None]:
        """Give a function that brings back what is set now, in the engine and in the session."""
        session, engine = self._session, self._engine
        checkpoint = Checkpoint(engine, session.embedded)
        keys, args, options = session.keys, session.args, replace(session.options)
        snapshots = session.snapshots.copy()
        breakpoints = session.console.breakpoints.copy()
        limits = engine.limits

        def restore() -> None:
            checkpoint.restore()
            session.keys, session.args, session.options = keys, args, options
            session.snapshots, session.console.breakpoints = snapshots, breakpoints
            engine.limits = limits

        return restore

    def _look(self) -> Keyspace | None:
        """Give the data as they are now, if that costs next to nothing."""
        keyspace = self._engine.keyspace
        if self._looked_at != keyspace.dirty:
            self._before = keyspace.fork() if _is_little(keyspace) else None
            self._looked_at = keyspace.dirty
        return self._before


def _is_little(keyspace: Keyspace) -> bool:
    """Tell whether all data are little enough to be looked at with each cell."""
    left = _MOST_LOOKED_AT - sum(len(database.entries) for database in keyspace.databases)
    if left < 0:
        return False
    values = chain.from_iterable(database.entries.values() for database in keyspace.databases)
    return sum(map(_parts, values)) < left


def _parts(value: object) -> int:
    """Give how many elements are to be copied before a value is written to."""
    if isinstance(value, RawString):
        return len(value.data) // _BYTES_AN_ELEMENT
    if isinstance(value, Packed):
        return len(value) // _BYTES_AN_ELEMENT
    return len(value) if isinstance(value, Value) and isinstance(value, Sized) else 0
