"""Asking, in the midst of a script and on its thread, whether it is to stop: see interrupts.lua."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from redislua_kernel.engine.interrupts import is_asked
from redislua_kernel.engine.scripting.abandoning import park

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Polling"]

#: After so many instructions at most, and in about this time, a script asks whether to stop.
_EVERY = 10_000
_SECONDS = 0.01


class Polling:
    """Decides whether what runs in a Lua state is to stop, and when it is to ask again."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        #: Until when a library may be loaded, as `time.monotonic` tells the time.
        self.deadline: float | None = None
        #: After how many instructions it will be asked, and when it was asked last.
        self.every = _EVERY
        self._last = 0.0

    def poll(self) -> int | bool:
        """Tell that what runs is to stop, or after how many instructions to ask again."""
        self._runtime.engine.keyspace.pause_collector()
        return self._must_stop() or self._pace()

    def killed_text(self) -> bytes:
        """Give the error of what is stopped."""
        runtime = self._runtime
        if runtime.memory.is_full:
            return runtime.engine.limits.lua_text
        if self.deadline is not None:
            return b"ERR FUNCTION LOAD timeout"
        running = runtime.engine.scripting.running
        is_function = running is not None and running.is_function
        return runtime.dialect.killed_function if is_function else runtime.dialect.killed_script

    def _pace(self) -> int:
        """Give after how many instructions to ask again: few of them if each takes long."""
        now = time.monotonic()
        took, self._last = now - self._last, now
        wish = int(self.every * _SECONDS / took) if took else _EVERY
        self.every = max(1, min(wish, _EVERY))
        return self.every

    def _must_stop(self) -> bool:
        if self._runtime.is_abandoned:
            park()
        engine = self._runtime.engine
        scripting = engine.scripting
        if scripting.running is None:  # a library that is being loaded
            is_late = self.deadline is not None and time.monotonic() > self.deadline
            return is_late or is_asked()
        errand = scripting.errand
        if errand is not None:
            scripting.errand = None
            try:
                errand()
            except Exception as error:  # must not cross into a script
                engine.report_bug(error)
        return is_asked()
