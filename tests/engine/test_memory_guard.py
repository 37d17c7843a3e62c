"""The thread that looks how much memory the process takes."""

from __future__ import annotations

from threading import Thread

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine import engine as engine_module
from redislua_kernel.engine.memory_guard import MemoryGuard


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
