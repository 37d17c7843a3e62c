"""The Lua sides of debugging, profiling and lint: loaded when they are first asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.debugging.lua_side import LuaSide
from redislua_kernel.engine.scripting.calls.guards import trace_calls

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.lua_files import LuaFiles
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["LuaSides"]

#: What it takes to tell of a call is the least of so many measurements, each of so many calls.
_MEASURES, _TOLD = 5, 100


class LuaSides:
    """What looks into a runtime's Lua state; `host` is what `assemble` gave."""

    def __init__(
        self, runtime: Runtime, files: LuaFiles, host: Any, ask: Callable[..., Any]
    ) -> None:
        self._runtime = runtime
        self._files = files
        self._ask = ask
        api = host[b"redis"]
        self._shared = {
            b"callers": api[b"callers"],
            b"entries": api[b"entries"],
            b"environments": api[b"chunk_environments"],
            b"sandbox": host[b"sandbox"],
        }

    @cached_property
    def debugger(self) -> LuaSide:
        """The side of the debugger, which errors are watched by, too."""
        runtime = self._runtime

        def safely(find: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                try:
                    return find()(*arguments)
                except Exception as error:  # must not cross into a script
                    runtime.engine.report_bug(error)
                    return None

            return call

        # Looked up at each call: who is asked changes while the Lua side stays.
        values = self._files.load_late("debugger_values")(runtime.table(self._shared))
        host = self._shared | {
            b"complained": safely(lambda: runtime.debug_host.complained),
            b"glance": safely(lambda: runtime.debug_host.glance),
            b"printed": safely(lambda: runtime.debug_host.printed),
            b"raised": safely(lambda: runtime.engine.scripting.watchers.note_raised),
            b"stopped": safely(lambda: runtime.debug_host.stopped),
            b"values": values,
            b"visit": safely(lambda: runtime.debug_host.visit),
        }
        return self._load("debugger", host)

    @property
    def has_debugger(self) -> bool:
        """Whether the debugger's side is loaded."""
        return "debugger" in vars(self)

    @cached_property
    def profiler(self) -> LuaSide:
        """The side of the profiler."""
        return self._load("profiler", self._shared)

    @cached_property
    def losses(self) -> LuaSide:
        """The side that finds what a result loses as a reply."""
        return self._load("losses", self._shared)

    @cached_property
    def cost_of_telling(self) -> int:
        """How many nanoseconds it takes to tell somebody of a call: measured once."""
        runtime = self._runtime
        call = trace_calls(runtime, b"", lambda *words: None)
        record, runtime.record = runtime.record, lambda *call: None
        least = sys.maxsize
        for _ in range(_MEASURES):
            began = time.perf_counter_ns()
            self.profiler.tell(call, _TOLD)
            least = min(least, time.perf_counter_ns() - began)
        runtime.record = record
        return least // _TOLD

    def _load(self, name: str, host: dict[bytes, Any]) -> LuaSide:
        return LuaSide(self._files.load_late(name)(self._runtime.table(host)), self._ask)
