"""When and how often keys are used: what eviction goes by, and OBJECT IDLETIME and FREQ tell.

Each key has a mark, a number that only the kind of `Uses` which made it can read. Nobody makes
marks unless somebody asks for them: see `watched`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from redislua_kernel.engine.keyspace import Keyspace
    from redislua_kernel.engine.settings.config import Config

__all__ = ["Frequency", "Recency", "SavedUse", "Uses"]

#: The count a key begins with, so that it is not evicted before it could be used.
_FIRST_COUNT = 5
_MOST = 255
_MINUTES = 0xFFFF


class SavedUse(NamedTuple):
    """What a file says of the uses of a key: the seconds since the last one, or a count."""

    idle: int | None = None
    frequency: int | None = None


class Uses(ABC):
    """What is kept of the uses of a key."""

    def __init__(self, keyspace: Keyspace) -> None:
        self.keyspace = keyspace
        #: Whether the client whose command runs leaves no marks (CLIENT NO-TOUCH).
        self.is_paused = False

    @abstractmethod
    def first(self) -> int:
        """Give the mark of a key that is new."""

    @abstractmethod
    def again(self, mark: int) -> int:
        """Give the mark of a key that is used now; `mark` is the one it had."""

    @abstractmethod
    def coldness(self, mark: int) -> int:
        """Tell how little a key is used: the greater, the sooner it is evicted."""

    @abstractmethod
    def saved(self, mark: int) -> SavedUse:
        """Give what a file is to say of a key."""

    @abstractmethod
    def restored(self, use: SavedUse) -> int | None:
        """Give the mark of a key of which a file says this; None if that tells nothing."""


class Recency(Uses):
    """When each key was used last, in milliseconds since the epoch."""

    def first(self) -> int:
        return self.keyspace.now

    def again(self, mark: int) -> int:
        return self.keyspace.now

    def coldness(self, mark: int) -> int:
        """Give the milliseconds since a key was used."""
        return max(self.keyspace.now - mark, 0)

    def saved(self, mark: int) -> SavedUse:
        return SavedUse(idle=self.coldness(mark) // 1000)

    def restored(self, use: SavedUse) -> int | None:
        return None if use.idle is None else self.idle_for(use.idle * 1000)

    def idle_for(self, milliseconds: int) -> int:
        """Give the mark of a key that was used last such a time ago."""
        return self.keyspace.now - milliseconds


class Frequency(Uses):
    """How often each key is used, in a count that grows ever more slowly, and sinks with time.

    A mark is the count in the lowest byte, and above it the minute of the last use.
    """

    def __init__(self, keyspace: Keyspace, config: Config) -> None:
        super().__init__(keyspace)
        self._config = config
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        self._log_factor = self._config.integer(b"lfu-log-factor")
        self._decay_time = self._config.integer(b"lfu-decay-time")

    def first(self) -> int:
        return self.counted(_FIRST_COUNT)

    def again(self, mark: int) -> int:
        count = self.count(mark)
        if count < _MOST:
            above = max(count - _FIRST_COUNT, 0)
            count += self.keyspace.random.random() * (above * self._log_factor + 1) < 1
        return self.counted(count)

    def coldness(self, mark: int) -> int:
        return _MOST - self.count(mark)

    def saved(self, mark: int) -> SavedUse:
        return SavedUse(frequency=self.count(mark))

    def restored(self, use: SavedUse) -> int | None:
        return None if use.frequency is None else self.counted(use.frequency)

    def count(self, mark: int) -> int:
        """Give the count of a key as it is now: each period without a use takes one from it."""
        if not self._decay_time:
            return mark & _MOST
        elapsed = (self._minute() - (mark >> 8)) & _MINUTES
        return max((mark & _MOST) - elapsed // self._decay_time, 0)

    def counted(self, count: int) -> int:
        """Give the mark of a key that has this count now."""
        return self._minute() << 8 | count

    def _minute(self) -> int:
        return self.keyspace.now // 60_000 & _MINUTES
