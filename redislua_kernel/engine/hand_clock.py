"""A clock that can be stopped, set and moved on: so that what takes time can be seen at once."""

from __future__ import annotations

from redislua_kernel.engine.keyspace import Clock

__all__ = ["HandClock"]


class HandClock:
    """Runs as another clock does until it is stopped; all times are in microseconds."""

    def __init__(self, source: Clock) -> None:
        self._source = source
        self._ahead = 0
        self._stopped_at: int | None = None

    def __call__(self) -> int:
        """Give the time since the epoch."""
        return self._source() + self._ahead if self._stopped_at is None else self._stopped_at

    @property
    def state(self) -> tuple[int | None, int]:
        """When it stands still, and how far it is ahead, for who sets another clock so."""
        return self._stopped_at, self._ahead

    @state.setter
    def state(self, state: tuple[int | None, int]) -> None:
        self._stopped_at, self._ahead = state

    @property
    def is_stopped(self) -> bool:
        """Tell whether time passes only by `advance`."""
        return self._stopped_at is not None

    def stop(self, at: int | None = None) -> None:
        """Stand still now, or at another time."""
        self._stopped_at = self() if at is None else at

    def advance(self, by: int) -> None:
        """Let that much time pass at once; less than nothing sets it back."""
        if self._stopped_at is None:
            self._ahead += by
        else:
            self._stopped_at += by

    def run(self) -> None:
        """Run with the other clock again."""
        self._stopped_at, self._ahead = None, 0
