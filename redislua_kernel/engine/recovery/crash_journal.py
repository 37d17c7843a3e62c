"""One process's crash journal: what it finds when it begins, what it says, and when it is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.recovery.recorder import Recorder, Settings, Sync, forget_unfinished
from redislua_kernel.engine.recovery.records import Damaged, InUse, Kind, RecordFile, read_records
from redislua_kernel.engine.recovery.recovering import recover
from redislua_kernel.errors import RedisError
from redislua_kernel.quantities import count_of

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["SUFFIX", "CrashJournal"]

#: What the files end with, and those that wait until somebody asks for them.
SUFFIX, WAITING, DAMAGED = ".redislua", ".died", ".damaged"
#: How long the files of processes that died are kept, in seconds.
KEPT = 7 * 24 * 3600


class CrashJournal:
    """Brings back what a process that died had, and writes what this one has.

    `path` names the file: a process that is started again has the same. `settings` gives what is
    set, `apply` sets it.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path,
        settings: Callable[[], Settings],
        apply: Callable[[Settings], None],
    ) -> None:
        self.engine = engine
        self.path = path
        #: Whether the next process brings everything back by itself.
        self.is_automatic = True
        #: What there is to say, once.
        self.news: list[str] = []
        self._apply_others = apply
        self._get_settings = settings
        self.recorder = self._new_recorder()

    def _new_recorder(self) -> Recorder:
        recorder = Recorder(self.engine, self.path, self._settings)
        recorder.failed = self._tell_of_failure
        return recorder

    @property
    def waiting(self) -> Path:
        """Where the file is of a process that has died, if nobody has asked for it yet."""
        return self.path.with_name(self.path.name + WAITING)

    def begin(self) -> None:
        """Bring back what there is to bring back, and write from now on."""
        if _is_in_use(self.path):
            self._tell_of_failure(f"another kernel writes {self.path}")
            return
        self._forget_old_ones()
        keep = 0
        if self.path.exists():
            try:
                keep = self._find()
            except (OSError, Damaged) as error:
                self._put_aside(DAMAGED, f"what the kernel had is lost: {error}")
        self.recorder.start(keep=keep)

    def end(self) -> None:
        """This is an orderly end: there is nothing to bring back later."""
        self.recorder.stop(remove=True)
        with suppress(OSError):
            self.waiting.unlink(missing_ok=True)

    def recover(self, path: Path | None = None) -> str:
        """Bring back what a process had that died, in place of all there is; tell what that was.

        Raises OSError and Damaged.
        """
        chosen = path or self.waiting
        text, _ = self._recover(chosen)
        if chosen == self.waiting:
            chosen.unlink(missing_ok=True)
        return text

    def others(self) -> list[Path]:
        """The files of processes that died, the youngest first."""
        found = [
            path
            for path in self.path.parent.glob(f"*{SUFFIX}*")
            if path != self.path and path.suffix in (SUFFIX, WAITING) and not _is_in_use(path)
        ]
        return sorted(found, key=lambda path: -path.stat().st_mtime)

    def switch(self, on: bool) -> None:
        """Write from now on, or no more; what is written is then gone."""
        if on and not self.recorder.is_on:
            former, self.recorder = self.recorder, self._new_recorder()
            self.recorder.sync, self.recorder.limit = former.sync, former.limit
            self.recorder.start()
        elif not on:
            self.recorder.stop(remove=True)

    def take_news(self) -> str:
        """Give what there is to say, once."""
        news, self.news = self.news, []
        return "".join(f"{line}\n" for line in news)

    def _settings(self) -> Settings:
        own = {
            "recover": self.is_automatic,
            "sync": self.recorder.sync.value,
            "limit": self.recorder.limit,
        }
        return {**self._get_settings(), "journal": own}

    def _apply(self, settings: Settings) -> None:
        own = _own(settings)
        self.is_automatic = own.get("recover", self.is_automatic)
        self.recorder.sync = Sync(own.get("sync", self.recorder.sync.value))
        self.recorder.limit = own.get("limit", self.recorder.limit)
        self._apply_others(settings)

    def _find(self) -> int:
        """Take over the file that is there, or put it aside; give what to keep of it."""
        settings = [data for kind, data in read_records(self.path).records if kind is Kind.SETTINGS]
        if settings and not _own(settings[-1]).get("recover", True):
            self.is_automatic = False
            self._put_aside(WAITING, "the kernel had died: %recover brings back what it had")
            return 0
        text, end = self._recover(self.path)
        self.news.append(text)
        return end

    def _recover(self, path: Path) -> tuple[str, int]:
        found = recover(self.engine, path)
        try:
            self._apply(found.settings)
        except (RedisError, LookupError, TypeError, ValueError) as error:
            found.damage = f"{found.damage or 'its settings cannot be set'}: {error!r}"
        text = (
            f"The kernel had died. What it had after its last whole cell is back: "
            f"{count_of(found.keys, 'key')}, {count_of(found.libraries, 'library')}."
        )
        if found.damage is not None:
            copy = path.with_name(path.name + DAMAGED)
            copy.write_bytes(path.read_bytes())
            copy.chmod(0o600)
            text += f" Later cells are lost: {found.damage}. The file is kept as {copy}."
            return text, 0
        return text, found.end

    def _put_aside(self, suffix: str, news: str) -> None:
        try:
            self.path.replace(self.path.with_name(self.path.name + suffix))
        except OSError as error:
            news += f" ({error})"
        self.news.append(news[0].upper() + news[1:] + ".")

    def _tell_of_failure(self, reason: str) -> None:
        self.news.append(f"The crash journal is off: {reason}. A crash would now lose the data.")

    def _forget_old_ones(self) -> None:
        """Delete what nobody has come back for."""
        for path in self.path.parent.glob(f"*{SUFFIX}*"):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - KEPT and not _is_in_use(path):
                    path.unlink()
        forget_unfinished(self.path)


def _own(settings: Settings) -> dict[str, Any]:
    """Give what is set of the journal itself."""
    own = settings.get("journal")
    return own if isinstance(own, dict) else {}


def _is_in_use(path: Path) -> bool:
    try:
        RecordFile.try_lock(path)
    except InUse:
        return True
    except OSError:
        return False
    return False
