"""Runs hostile scripts in a process of its own, in which there is little memory.

A line of JSON on stdin names a collection and a script; for each there is a line on stdout that
tells how it ended. Whoever reads them sees by their end which script has killed the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDone
from pathlib import Path
from types import FunctionType
from typing import Any

from redislua_kernel import Engine, ResponseError
from redislua_kernel.debugger.terminal import TerminalChannel
from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.session import run_debugged
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.memory.limits import MEGABYTE, MemoryLimits
from redislua_kernel.engine.worker import Worker
from redislua_kernel.reply import Reply
from tests.engine.hostile.libraries import LIBRARIES, Command
from tests.engine.hostile.scripts import BOMBS, ENDING, ENDLESS
from tests.engine.hostile.stops import STOPS
from tests.engine.picture import picture

COLLECTIONS: dict[str, dict[str, Any]] = {
    "bombs": BOMBS,
    "ending": ENDING,
    "endless": ENDLESS,
    "libraries": LIBRARIES,
    "stops": STOPS,
}

#: What a script may hold, the process take, and the system give, in MB.
LUA, PROCESS, SYSTEM = 48, 1024, 16384

#: After so many seconds a script is interrupted, and after so many more it must have ended.
_PATIENCE = {"bombs": 10, "ending": 60, "endless": 0.1, "libraries": 10, "stops": 5}
_GRACE = 60


def main() -> None:
    """Run what stdin names."""
    resource.setrlimit(resource.RLIMIT_AS, (SYSTEM * MEGABYTE, SYSTEM * MEGABYTE))
    bench = _Bench()
    for line in sys.stdin:
        collection, name = json.loads(line)
        print(json.dumps(bench.run(COLLECTIONS[collection][name], _PATIENCE[collection])))
        sys.stdout.flush()


class _Bench:
    def __init__(self) -> None:
        self.engine = engine = Engine()
        engine.limits = MemoryLimits(LUA * MEGABYTE, PROCESS * MEGABYTE)
        engine.execute("SET", "k", "v")
        engine.execute("HSET", "h", "f", "1")
        engine.execute("RPUSH", "l", "a", "b")
        self.was = picture(engine)
        self.worker = Worker(engine, grace=0.3)
        self._ways: dict[type, Callable[[Any], str]] = {
            str: self._evaluate,
            tuple: self._debug,
            FunctionType: self._call,
        }

    def run(self, given: Any, patience: float) -> dict[str, Any]:
        """Run a script, or what else there is; tell how it ended, and what it took."""
        began = time.monotonic()
        _forget_peak()
        job = self.worker.submit(lambda: self._ways[type(given)](given))
        try:
            how = job.result(patience)
        except Interrupted as error:
            how = error.message
        except (NotDone, TimeoutError):
            self.worker.interrupt()
            how = _interrupted(job)
        took, peak = time.monotonic() - began, _peak()
        return {
            "how": how,
            "seconds": round(took, 2),
            "peak": peak,
            "intact": self._is_intact(),
            "alive": self.worker.submit(lambda: self._evaluate("return 1 + 1")).result(_GRACE),
        }

    def _evaluate(self, script: str) -> str:
        return self._execute("EVAL", script, 0)

    def _call(self, make: Callable[[], list[Command]]) -> str:
        """Run commands; tell how the last one ended."""
        return [self._execute(*words) for words in make()][-1]

    def _debug(self, stop: tuple[str, list[str]]) -> str:
        """Run a script under the debugger; tell how it ended."""
        script, lines = stop
        console = Console(TerminalChannel(_Silent(), lines), extended=True)
        words = [b"EVAL", script.encode(), b"0"]
        return self._answer(lambda: run_debugged(self.engine.client(), words, console))

    def _execute(self, *words: str | bytes | int) -> str:
        return self._answer(lambda: self.engine.execute(*words))

    def _answer(self, run: Callable[[], Reply]) -> str:
        try:
            reply = run()
            return str(reply) if isinstance(reply, int) else type(reply).__name__
        except Interrupted:
            raise
        except ResponseError as error:
            return error.message[:200]

    def _is_intact(self) -> bool:
        """Tell whether what there was is there still; remove what has come to it."""
        kept = {key for _, key in self.was}
        for key in self.engine.execute("KEYS", "*"):
            if key not in kept:
                self.engine.execute("DEL", key)
        for library in self.engine.execute("FUNCTION", "LIST"):
            self.engine.execute("FUNCTION", "DELETE", library[b"library_name"])
        return picture(self.engine) == self.was


class _Silent:
    """A user who says no more than was agreed."""

    answers = False

    def write(self, text: str) -> None:
        pass

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        return None


def _interrupted(job: Future[str]) -> str:
    try:
        job.result(_GRACE)
    except Interrupted as error:
        return error.message
    return "ended by itself"


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Give the most memory that was resident since it was last forgotten, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) >> 10
    return 0


if __name__ == "__main__":
    main()
