"""Saving the data to an RDB file and loading it back.

A file is written beside its place and then moved there: whoever reads it sees a whole one. A
file that is damaged, or whose libraries do not load, changes nothing. Saving in the background
writes a copy-on-write view, so that commands go on meanwhile. The files are Redis's in every
dialect: Valkey reads them as far as they hold nothing that is younger than its own format.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.dialect import REDIS
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.eviction.uses import SavedUse
from redislua_kernel.engine.files import read_file
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.progress import counted
from redislua_kernel.engine.rdb.reader import Corrupt
from redislua_kernel.engine.rdb.snapshot import NO_USE, UseTeller, read_snapshot, write_snapshot
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.engine.types.value import Stored

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.keyspace import Keyspace

__all__ = ["Persistence"]


class Persistence:
    """When and how the data of an engine were saved."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        #: When the data were saved last, in seconds since the epoch; at first, when they began.
        self.saved_at = int(engine.started)
        #: How often they were saved since the start or CONFIG RESETSTAT.
        self.saves = 0
        #: How many seconds the last save in the background took, and when this one began.
        self.background_seconds = -1
        self._began = 0.0
        #: How many keys the last file that was loaded had, without those that had expired.
        self.loaded = self.loaded_expired = 0
        self._saved_dirty = 0
        #: The thread that saves in the background.
        self._background: threading.Thread | None = None
        #: Ends the save in the background.
        self._cancelled = threading.Event()

    @property
    def path(self) -> Path:
        """The file that SAVE writes: dbfilename in dir."""
        values = self.engine.config.values
        return Path(os.fsdecode(values[b"dir"]), os.fsdecode(values[b"dbfilename"]))

    @property
    def changes(self) -> int:
        """How many changes there were since the data were saved."""
        return self.engine.keyspace.dirty - self._saved_dirty

    @property
    def is_saving(self) -> bool:
        """Tell whether the data are being saved in the background."""
        return self._background is not None and self._background.is_alive()

    @property
    def saving_seconds(self) -> int:
        """How long the save in the background takes so far; -1: there is none."""
        return int(monotonic() - self._began) if self.is_saving else -1

    def save(self, path: Path | None = None) -> Path:
        """Save the data; give the file. Raises OSError."""
        path = path or self.path
        with self.engine.working(f"saving {path.name}"):
            self._write(self.engine.keyspace, path, self._use_teller())
        self.note_saved()
        return path

    def file(self, *, data: bool = True, functions: bool = True) -> bytes:
        """Give the file that SAVE would write, or one of its parts."""
        with self.engine.working("writing a file"):
            return self._file(self.engine.keyspace, self._use_teller(), data, functions)

    def save_in_background(self) -> None:
        """Save the data as they are now while commands go on; not amid a unit that has written."""
        view, dirty, path = self.engine.keyspace.fork(), self.engine.keyspace.dirty, self.path
        use_of = self._use_teller()
        cancelled = self._cancelled = threading.Event()
        keys = sum(len(database.entries) for database in view.databases)
        delay = self.engine.config.integer(b"rdb-key-save-delay") * keys / 1_000_000

        def save() -> None:
            if cancelled.wait(max(delay, 0)):
                return
            try:
                self._write(view, path, use_of)
            except OSError as error:
                self.engine.log(WARNING, f"Background saving error: {error}".encode())
            else:
                self._note_saved(dirty)
            self.background_seconds = int(monotonic() - self._began)

        self._began = monotonic()
        self._background = threading.Thread(target=save, name="redislua-save", daemon=True)
        self._background.start()

    def flushed(self) -> None:
        """All data are gone: end a save in the background; with save points, save that too."""
        self._cancelled.set()
        if self.engine.config.values[b"save"]:
            self.after_unit(self._save_flushed)

    def _save_flushed(self) -> None:
        try:
            self.save()
        except OSError as error:
            self.engine.log(WARNING, f"Failed saving the DB: {error}".encode())

    def after_unit(self, function: Callable[[], None]) -> None:
        """Call a function once the unit that has written is over."""
        listeners = self.engine.keyspace.unit_listeners

        def call() -> None:
            listeners.remove(call)
            function()

        listeners.append(call)

    def load(self, path: Path, *, keeps: bool = False, replaces: bool = False) -> int:
        """Take over the data of a file in place of all there are; give the number of keys.

        It `keeps` what is there besides, if wanted, and then refuses a key or a library that is
        there already unless it `replaces` them. Keys that have expired are left out. Raises
        OSError, and for a damaged file CommandError: nothing has changed then. The load can be
        undone like any write.
        """
        data = read_file(path)
        with self.engine.working(f"loading {path.name}"):
            return self.adopt(data, str(path), keeps=keeps, replaces=replaces)

    def adopt(self, data: bytes, name: str, *, keeps: bool = False, replaces: bool = False) -> int:
        """Take over the data of what was in a file of this name; see `load`."""
        engine = self.engine
        keyspace = engine.keyspace
        with engine.lock, keyspace.unit():
            journal = keyspace.journal
            keyspace.pause_collector()
            try:
                snapshot = read_snapshot(data, journal, len(keyspace.databases))
            except Corrupt as error:
                raise CommandError(f"ERR {name} cannot be loaded: {error}") from None
            now = keyspace.now
            tables: list[tuple[dict[bytes, Stored], dict[bytes, int]]]
            tables = [({}, {}) for _ in keyspace.databases]
            if keeps:
                tables = [(dict(one.entries), dict(one.expires)) for one in keyspace.databases]
            found = snapshot.entries
            expired = 0
            used: list[tuple[int, bytes, SavedUse]] = []
            for database, key, value, at, use in counted("taking over keys", found, len(found)):
                if at is not None and at < now:
                    expired += 1
                else:
                    entries, expires = tables[database]
                    if key in entries and not replaces:
                        raise CommandError(f"ERR {name} cannot be loaded: a key is there already")
                    entries[key] = value
                    expires.pop(key, None)
                    if at is not None:
                        expires[key] = at
                    if use != NO_USE:
                        used.append((database, key, use))
            scripting = engine.scripting
            policy = ("replace" if replaces else "append") if keeps else "flush"
            scripting.load(  # the last thing that may be refused
                lambda runtime: scripting.functions.load_all(
                    snapshot.libraries, policy, runtime, journal
                )
            )
            for index, (entries, expires) in enumerate(tables):
                keyspace[index].replace(entries, expires)
            self._remark(used)
            self.loaded, self.loaded_expired = len(found) - expired, expired
            keyspace.dirty += 1
            journal.is_partial = True
            engine.tracking.flushed()
        return sum(len(entries) for entries, _ in tables)

    @property
    def libraries(self) -> list[bytes]:
        """The code of each library, as files hold it."""
        return [library.code for library in self.engine.scripting.functions.libraries.values()]

    def _use_teller(self) -> UseTeller | None:
        """Give what tells of the uses of keys as they are now, if the policy goes by them."""
        uses, policy = self.engine.keyspace.uses, self.engine.config.values[b"maxmemory-policy"]
        if uses is None or not policy.endswith((b"lru", b"lfu")):
            return None
        marks = [database.marks() for database in self.engine.keyspace.databases]
        return lambda index, key: uses.saved(marks[index][key])

    def _remark(self, used: list[tuple[int, bytes, SavedUse]]) -> None:
        """Let keys be as old, or as often used, as a file says."""
        if not used:
            return
        uses = self.engine.use_watch.ask()
        for index, key, use in interruptible(used):
            mark = uses.restored(use)
            if mark is not None:
                self.engine.keyspace[index].remark(key, mark)

    def _file(
        self,
        keyspace: Keyspace,
        use_of: UseTeller | None,
        has_data: bool = True,
        has_functions: bool = True,
    ) -> bytes:
        return write_snapshot(
            keyspace,
            self.libraries if has_functions else (),
            server_version=REDIS.version.encode(),
            compresses=self.engine.config.is_on(b"rdbcompression"),
            leaves_out=None if has_data else lambda value: True,
            use_of=use_of,
        )

    def _write(self, keyspace: Keyspace, path: Path, use_of: UseTeller | None) -> None:
        data = self._file(keyspace, use_of)
        with NamedTemporaryFile(
            dir=path.parent, prefix="temp-", suffix=".rdb", delete=False
        ) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise

    def note_saved(self) -> None:
        """Remember that the data are as the file has them."""
        self._note_saved(self.engine.keyspace.dirty)

    def _note_saved(self, dirty: int) -> None:
        self.saves += 1
        self.saved_at = self.engine.keyspace.clock() // 1_000_000
        self._saved_dirty = dirty
