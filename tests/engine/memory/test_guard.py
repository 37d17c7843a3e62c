"""The thread that looks how much memory the process takes."""

from __future__ import annotations

from threading import Thread

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine import engine as engine_module
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.memory.guard import MemoryGuard
from redislua_kernel.engine.memory.limits import MEGABYTE, MemoryLimits
from redislua_kernel.engine.memory.machine import resident_memory


class LookingGuard(MemoryGuard):
    """Looks at once at whatever it is to look after."""

    def watch(self, engine: Engine) -> None:
        super().watch(engine)
        assert self.look() is False


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> MemoryGuard:
    guard = LookingGuard()
    monkeypatch.setattr(engine_module, "GUARD", guard)
    return guard


def test_an_engine_may_be_looked_at_as_soon_as_it_is_there_and_when_it_is_closed(
    guard: MemoryGuard,
) -> None:
    engine = Engine()
    view = engine.view()
    engine.execute("CONFIG", "SET", "maxmemory", 0)
    view.close()
    engine.close()
    assert guard.look() is False


def test_a_script_that_runs_is_seen(guard: MemoryGuard) -> None:
    engine = Engine()

    def run() -> None:
        with pytest.raises(ResponseError, match="killed"):
            engine.execute("EVAL", "while true do end", 0)

    script = Thread(target=run)
    script.start()
    while not guard.look():
        pass
    engine.scripting.kill(function=False)
    script.join()
    assert guard.look() is False


def test_what_is_too_much_at_once_is_refused_before_it_is_taken() -> None:
    engine = Engine()
    engine.limits = MemoryLimits(process_memory=resident_memory() + 64 * MEGABYTE)
    engine.execute("SET", "k", "v")
    before = resident_memory()
    for script in (
        "redis.call('SET', 'k', 'w') return redis.call('SETRANGE', 'long', 536870911, 'x')",
        "return redis.call('SETBIT', 'long', 4294967295, 1)",
        "return redis.call('BITFIELD', 'long', 'SET', 'u8', 4294967287, 255)",
    ):
        with pytest.raises(Interrupted, match="process-memory"):
            engine.execute("EVAL", script, 0)
        assert resident_memory() < before + 64 * MEGABYTE
    assert engine.execute("GET", "k") == b"v"
    assert engine.execute("EXISTS", "long") == 0
    assert engine.execute("SETRANGE", "long", 99999999, "x") == 100000000  # no script runs
