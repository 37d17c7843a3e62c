"""Writes the crash journal: a record for each unit of an engine that has changed something.

What a unit has done and no command repeats (a file loaded, a snapshot restored, replication
switched off by a script) is written as a snapshot of everything. So is everything once the
records since the last snapshot are larger than it and than `WORTH_COMPACTING`: in the
background, of a copy-on-write view, while the old file goes on; the new one takes its place
with what came meanwhile.
"""

from __future__ import annotations

import glob
import threading
from collections.abc import Callable
from enum import Enum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.recovery.everything import Everything
from redislua_kernel.engine.recovery.records import Kind, RecordFile

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.keyspace import Keyspace

__all__ = ["Recorder", "Settings", "Sync", "forget_unfinished"]

#: What a file's name ends with that is to take the place of another, before a number.
_NEW = ".new"

#: So many bytes of records are kept before a snapshot takes their place.
WORTH_COMPACTING = 16 << 20

#: What is set besides the data: names and plain values.
Settings = dict[str, Any]


class Sync(Enum):
    """When what was written is made to survive the machine, too."""

    NO = "no"
    FULL = "full"


def forget_unfinished(path: Path) -> None:
    """Delete what was to take the place of a file, and did not."""
    for unfinished in path.parent.glob(f"{glob.escape(path.name)}{_NEW}*"):
        unfinished.unlink(missing_ok=True)


class Recorder:
    """One engine's crash journal; it makes its file when there is something to write."""

    def __init__(self, engine: Engine, path: Path, settings: Callable[[], Settings]) -> None:
        self.engine = engine
        self.path = path
        self.sync = Sync.NO
        #: The largest file there may be, in bytes; what is larger is given up, and said.
        self.limit = 1 << 30
        #: Told why nothing is written any more.
        self.failed: Callable[[str], None] = lambda reason: None
        self._settings = settings
        #: What is set, and which scripts are cached, as the file has it.
        self._written: Settings | None = None
        self._scripts: dict[bytes, bool] = {}
        self._file: RecordFile | None = None
        self._snapshot_size = 0
        #: Records that have come since a compaction began; None: none is under way.
        self._meanwhile: list[tuple[Kind, Any]] | None = None
        #: Of the files that are begun: one that nobody wants any more may still be written.
        self._numbers = count(1)
        self._guard = threading.RLock()
        self.is_on = False

    # Switching

    def start(self, *, keep: int = 0) -> None:
        """Write from now on; after the first bytes of a file that holds all there is, or anew."""
        with self.engine.lock, self._guard:
            if self.is_on:
                return
            self.is_on = True
            self._written, self._scripts = self._settings(), self._current_scripts()
            keyspace = self.engine.keyspace
            if keep:
                self._try(lambda: self._open(keep))
            elif keyspace.dirty or any(each.entries for each in keyspace.databases):
                self._try(self._write_all)
            keyspace.recorders.append(self._record)
            keyspace.unit_listeners.append(self._compact_if_worth)

    def stop(self, *, remove: bool) -> None:
        """Write no more; the file goes, too, or stays for who looks for it."""
        with self._guard:
            if self.is_on:
                self.is_on = False
                self._meanwhile = None
                self.engine.keyspace.recorders.remove(self._record)
                self.engine.keyspace.unit_listeners.remove(self._compact_if_worth)
            if self._file is not None:
                self._file.close(remove=remove)
                self._file = None
            forget_unfinished(self.path)

    # Writing

    def note(self) -> None:
        """Write what was set since, and the scripts that were cached: after a cell."""
        with self._guard:
            if self.is_on:
                self._try(self._write_news)

    def _record(self, journal: Journal) -> None:
        """Write what a unit did that is about to end."""
        with self._guard:
            if self.is_on:
                self._try(lambda: self._write_unit(journal))

    def _write_unit(self, journal: Journal) -> None:
        if journal.is_partial or not journal.calls:
            self._write_all()
        else:
            self._append(Kind.UNIT, (self.engine.keyspace.now_us, journal.fields))
        self._synchronize()

    def _write_all(self) -> None:
        """Begin the file anew, with all there is now."""
        self._meanwhile = None  # what is being compacted is no longer wanted
        keyspace, libraries = self.engine.keyspace, self.engine.persistence.libraries
        made: list[RecordFile | Exception] = []

        def write() -> None:
            try:
                made.append(self._new_file(keyspace, libraries))
            except Exception as error:
                made.append(error)

        # On a thread that nobody interrupts: here a unit is about to end.
        thread = threading.Thread(target=write, name="redislua-journal", daemon=True)
        thread.start()
        thread.join()
        if isinstance(made[0], Exception):
            raise made[0]
        self._replace(made[0], [])

    def _new_file(self, keyspace: Keyspace, libraries: list[bytes]) -> RecordFile:
        """Write a snapshot to a file beside the one there is."""
        everything = Everything.of(keyspace, libraries)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = RecordFile(self.path.with_name(f"{self.path.name}{_NEW}{next(self._numbers)}"))
        try:
            file.append(Kind.SNAPSHOT, tuple(everything))
        except BaseException:
            file.close(remove=True)
            raise
        return file

    def _replace(self, file: RecordFile, meanwhile: list[tuple[Kind, Any]]) -> None:
        """Let a new file take the place of the one there is."""
        self._snapshot_size = file.size
        file.append(Kind.SCRIPTS, list(self._current_scripts().items()))
        settings = self._settings()
        file.append(Kind.SETTINGS, settings)
        for kind, payload in meanwhile:
            file.append(kind, payload)
        file.become(self.path)
        if self._file is not None:
            self._file.close()
        self._file, self._written, self._scripts = file, settings, self._current_scripts()

    def _open(self, keep: int = 0) -> RecordFile:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = RecordFile(self.path, keep=keep)
        return self._file

    def _append(self, kind: Kind, payload: Any) -> None:
        self._open().append(kind, payload)
        if self._meanwhile is not None:
            self._meanwhile.append((kind, payload))

    def _current_scripts(self) -> dict[bytes, bool]:
        scripts = self.engine.scripting.scripts.scripts.values()
        return {script.body: script.is_evictable for script in list(scripts)}

    def _write_news(self) -> None:
        scripts = self._current_scripts()
        if scripts != self._scripts:
            if self._scripts.items() <= scripts.items():
                added = scripts.items() - self._scripts.items()
                self._append(Kind.MORE_SCRIPTS, list(added))
            else:
                self._append(Kind.SCRIPTS, list(scripts.items()))
            self._scripts = scripts
        settings = self._settings()
        if settings != self._written:
            self._append(Kind.SETTINGS, settings)
            self._written = settings
        self._synchronize()

    def _synchronize(self) -> None:
        if self.sync is Sync.FULL and self._file is not None:
            self._file.sync()

    def _try(self, function: Callable[[], object]) -> None:
        try:
            function()
        except Exception as error:
            self._give_up(f"it cannot be written: {error}")
            return
        file = self._file
        # What is larger for its records is compacted next.
        if file is not None and file.size > self.limit and file.size < 2 * self._snapshot_size:
            self._give_up(f"it would be larger than its limit of {self.limit >> 20} MB")

    def _give_up(self, reason: str) -> None:
        self.stop(remove=True)
        self.failed(reason)

    # Compacting

    def _compact_if_worth(self) -> None:
        with self._guard:
            file = self._file
            if not self.is_on or file is None or self._meanwhile is not None:
                return
            grown = file.size - self._snapshot_size
            if grown <= max(self._snapshot_size, min(WORTH_COMPACTING, self.limit // 4)):
                return
            meanwhile: list[tuple[Kind, Any]] = []
            self._meanwhile = meanwhile
            view, libraries = self.engine.keyspace.fork(), self.engine.persistence.libraries
        threading.Thread(
            target=self._compact,
            args=(view, libraries, meanwhile),
            name="redislua-journal",
            daemon=True,
        ).start()

    def _compact(
        self, view: Keyspace, libraries: list[bytes], meanwhile: list[tuple[Kind, Any]]
    ) -> None:
        try:
            file = self._new_file(view, libraries)
        except Exception as error:
            with self._guard:
                if self._meanwhile is meanwhile:
                    self._give_up(f"it cannot be written: {error}")
            return
        with self._guard:
            if self._meanwhile is meanwhile:
                self._meanwhile = None
                self._try(lambda: self._replace(file, meanwhile))
            else:
                file.close(remove=True)
