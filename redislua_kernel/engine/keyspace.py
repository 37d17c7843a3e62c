"""The keyspace: sixteen databases, and the unit of work that is changing them.

Rules of the room:

- A string value is `bytes`, or a `RawString` once it was edited in place; every other type
  is a class of `engine/types` that derives from `Value`. The tables keep a counter as an `int`,
  which `Database.get` and its kin give as `bytes`, and a small collection that is not in use
  as `Packed`, which they unpack.
- Every change can be undone and is seen by the journal (see `journal`): the primitives of
  `Database` log their own inverses, the methods of the value types log theirs.
- Time stands still during a command or a script: `Keyspace.now` is set when a unit begins.
- `Keyspace.fork` gives an isolated copy-on-write view: it shares every value, and whoever
  writes first copies the value it writes to. Its cost is one shallow copy of the tables.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from time import monotonic

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.draws import Pools
from redislua_kernel.engine.eviction.uses import Uses
from redislua_kernel.engine.journal import APART, TOGETHER, Calls, Effect, Journal, effects_in
from redislua_kernel.engine.scan import ScanOrders
from redislua_kernel.engine.types.value import Stored

__all__ = ["Clock", "Keyspace", "system_clock"]

#: Gives the time in microseconds since the epoch.
Clock = Callable[[], int]

#: Called with a database, a key and an event's name, after a change.
KeyListener = Callable[[Database, bytes, bytes], None]

#: Called with a database and the entries that will take the place of its own.
TableListener = Callable[[Database, dict[bytes, Stored]], None]


#: So many microseconds may lie between readings of two clocks, unless the thread had to wait.
_JITTER = 100
_TRIES = 3


def system_clock() -> int:
    """Give the wall clock's time in microseconds since the epoch."""
    return time.time_ns() // 1000


def _system_time(moment: float) -> int:
    """Tell what the wall clock showed at a moment of the monotonic one, which is just over."""
    for _ in range(_TRIES):
        before, read, after = monotonic(), system_clock(), monotonic()
        if after - before < _JITTER / 1e6:
            break
    return read - round((after - moment) * 1e6)


class Keyspace:
    """All databases of an engine, and the unit of work that is changing them."""

    def __init__(
        self, databases: int = 16, clock: Clock = system_clock, rng: random.Random | None = None
    ) -> None:
        self.clock = clock
        self.random = rng or random.Random()
        self.journal = Journal()
        #: When the current unit began, on the monotonic clock: each unit has an object of its own.
        self.began = 0.0
        #: What the clock showed when it was last read, in microseconds, and when that was.
        self._read, self._read_at = 0, 0.0
        self.look_at_clock()
        #: Counts changes; a command that changed nothing leaves it as it was.
        self.dirty = 0
        self.expired = 0
        #: Counts the collections that were unpacked, or came unpacked, which are no changes.
        self.unpacked = 0
        #: Keys whose time is over are hidden, but stay: the clients are paused.
        self.keeps_expired = False
        #: Whether `Database.sweep` deletes anything (DEBUG SET-ACTIVE-EXPIRE).
        self.active_expire = True
        #: Told of every change of a key: WATCH, notifications, tracking, widgets.
        self.listeners: list[KeyListener] = []
        #: Told before all keys of a database are replaced: FLUSHDB, SWAPDB, `adopt`.
        self.table_listeners: list[TableListener] = []
        #: Given the effects of each unit that ends well.
        self.effect_listeners: list[Callable[[list[Effect]], None]] = []
        #: Given the journal of each unit that changed something, before that ends well.
        self.recorders: list[Callable[[Journal], None]] = []
        #: Called after each unit that changed something.
        self.unit_listeners: list[Callable[[], None]] = []
        #: What is kept of the uses of keys; None: nothing, and their sizes are not counted either.
        self.uses: Uses | None = None
        #: The cursor orders of the containers that were scanned last.
        self.scan_orders = ScanOrders()
        #: What random keys and fields are drawn from.
        self.pools = Pools()
        self.databases = [Database(self, index) for index in range(databases)]
        #: The effects of the unit that ended last.
        self.replicated: Calls = ()
        #: How many units are open, one within another.
        self.depth = 0
        self.has_paused_collector = False

    @property
    def effects(self) -> list[Effect]:
        """What the open unit would replicate so far, or else what the last one would have."""
        return effects_in(self.calls)

    @property
    def calls(self) -> Calls:
        """The same as it is kept; that of an open unit grows."""
        return self.journal.calls if self.depth else self.replicated

    def __getitem__(self, index: int) -> Database:
        return self.databases[index]

    @contextmanager
    def unit(self) -> Iterator[Journal]:
        """Bracket work that is undone as a whole by `rollback`; nested units join the outer one."""
        self.begin()
        try:
            yield self.journal
        finally:
            self.journal.end_command(APART)  # no transaction of its own
            self.commit()

    def begin(self) -> None:
        """Open a unit: reads the clock, which then stands still until the unit ends."""
        if not self.depth:
            self.began = began = monotonic()
            if began >= self.next_tick:
                self.read_clock()
            self.replicated = ()
        self.depth += 1

    @property
    def now_us(self) -> int:
        """When the current unit began: microseconds since the epoch, which few ask for."""
        return self._read + int((self.began - self._read_at) * 1e6)

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._clock = clock
        #: When a unit has to read it again. The system's is read once a millisecond, as units
        #: go by milliseconds, and to read it costs as much as a twentieth of a script; one that
        #: was injected goes as it likes.
        self.next_tick = 0.0

    def look_at_clock(self) -> None:
        """Read the clock within a unit, between two commands: it was set by hand."""
        self.began = monotonic()
        self.read_clock()

    def read_clock(self) -> None:
        """Read the clock when a unit begins, or as if one did."""
        began = self.began
        if self._clock is system_clock:
            read, expected = _system_time(began), self.now_us
            if 0 < expected - read < _JITTER:
                read = expected
            self.next_tick = began + (1000 - read % 1000) / 1e6
        else:
            read = self._clock()
        self._read, self._read_at = read, began
        #: When the current unit began: milliseconds since the epoch.
        self.now = read // 1000

    def commit(self) -> None:
        """Close a unit; the outermost one hands its effects on and forgets how to undo."""
        self.depth -= 1
        journal = self.journal
        if journal.undo or journal.calls or self.has_paused_collector:
            self.conclude()

    def conclude(self) -> None:
        """Conclude the unit that has just been closed, if there is something to hand on."""
        journal = self.journal
        calls = journal.calls
        if calls and calls[-1] is None:  # as `Journal.end_command`
            calls.append(TOGETHER)
        elif not (journal.undo or calls):
            self._resume_collector()
            return
        if self.depth:
            return
        for record in self.recorders:
            record(journal)
        if self.effect_listeners and (effects := journal.effects):
            for listener in self.effect_listeners:
                listener(effects)
        self.replicated, journal.calls = calls, []
        journal.undo.clear()
        journal.rewritten = journal.is_partial = False
        if self.has_paused_collector:
            self._resume_collector()
        if self.unit_listeners:
            for after in list(self.unit_listeners):
                after()

    @property
    def is_open(self) -> bool:
        """Tell whether a unit is open."""
        return self.depth > 0

    def pause_collector(self) -> None:
        """Let Python's cycle collector wait until the unit ends: a script takes long.

        The log of what to undo grows, and the collector would scan it all the time. Outside of
        units, where Lua's hook may fire as well, there is no such log, and no end to wait for.
        """
        if self.depth and gc.isenabled():
            gc.disable()
            self.has_paused_collector = True

    def _resume_collector(self) -> None:
        self.has_paused_collector = False
        gc.enable()

    def rollback(self) -> int:
        """Undo what the current unit changed so far; give the number of operations undone."""
        self.scan_orders.clear()
        undone = self.journal.rollback()
        for database in self.databases:
            database.watch()
        self.journal.undo.clear()
        return undone

    def abandon(self) -> int:
        """Undo the open unit and close it from outside; give the number of operations undone.

        Whoever had opened it never comes back to commit it.
        """
        undone = self.rollback()
        self.depth = 0
        if self.has_paused_collector:
            self._resume_collector()
        return undone

    def watch(self, uses: Uses | None, mark: int | None = None) -> None:
        """Keep the uses and the sizes of keys from now on; None: no more.

        The keys that are there already get the mark `mark`, or else count as new. Costs a copy
        of all tables.
        """
        self.uses = uses
        with self.unit():
            for database in self.databases:
                database.watch(mark)

    def fork(self) -> Keyspace:
        """Give an isolated copy-on-write view of all databases as they are now.

        Both sides keep working; neither sees the other's later changes. Only between writes:
        raises RuntimeError while the current unit has something to undo.
        """
        view = Keyspace(0, self.clock, self.random)
        view.began, view.now = self.began, self.now
        view._read, view._read_at = self._read, self._read_at
        view.journal.limits = copy(self.journal.limits)  # a packed value is unpacked by them
        view.databases = [Database(view, database.index) for database in self.databases]
        for mine, theirs in zip(self.databases, view.databases, strict=True):
            theirs.entries = mine.entries.copy()
            theirs.expires = mine.expires.copy()
        self._share()
        return view

    def adopt(self, view: Keyspace) -> None:
        """Take over the data of a view made by `fork`; can be undone like any write.

        The view keeps its data too: a named snapshot can be restored more than once.
        """
        for mine, theirs in zip(self.databases, view.databases, strict=True):
            mine.replace(theirs.entries.copy(), theirs.expires.copy())
        view._share()
        self.dirty += 1
        self.journal.is_partial = True

    def _share(self) -> None:
        """Own no value any more: from now on each is copied before its first write."""
        if self.journal.undo:
            # Inverse operations on values that others would then share.
            raise RuntimeError("a keyspace with writes to undo cannot be shared")
        former, self.journal = self.journal, Journal(self.journal.limits)
        self.journal.calls, self.journal.targets = former.calls, former.targets
        self.journal.is_partial = former.is_partial
        for database in self.databases:
            database.attach(self.journal)
