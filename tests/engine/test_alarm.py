"""The thread that calls functions later."""

from __future__ import annotations

from queue import SimpleQueue

from redislua_kernel.engine.alarm import Alarm


def test_functions_are_called_in_the_order_of_their_times() -> None:
    called: SimpleQueue[str] = SimpleQueue()
    alarm = Alarm()
    alarm.call_later(0.2, lambda: called.put("late"))
    alarm.prepare()
    alarm.prepare()
    alarm.call_later(0.1, lambda: called.put("soon"))
    alarm.call_later(0, lambda: called.put("now"))
    assert [called.get(timeout=60) for _ in range(3)] == ["now", "soon", "late"]
