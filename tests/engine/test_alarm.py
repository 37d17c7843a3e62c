"""The thread that calls functions later."""

from __future__ import annotations

from queue import SimpleQueue
from time import monotonic

import pytest

from redislua_kernel.engine import alarm as alarm_module
from redislua_kernel.engine.alarm import Alarm


def test_functions_are_called_in_the_order_of_their_times(monkeypatch: pytest.MonkeyPatch) -> None:
    called: SimpleQueue[str] = SimpleQueue()
    alarm = Alarm()
    now = monotonic()
    with monkeypatch.context() as patched:  # however long it takes to say all this
        patched.setattr(alarm_module, "monotonic", lambda: now)
        alarm.call_later(0.2, lambda: called.put("late"))
        alarm.prepare()
        alarm.prepare()
        alarm.call_later(0.1, lambda: called.put("soon"))
        alarm.call_later(0, lambda: called.put("now"))
    assert [called.get(timeout=60) for _ in range(3)] == ["now", "soon", "late"]
