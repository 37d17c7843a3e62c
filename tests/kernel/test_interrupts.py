"""Stopping a cell: it always stops, and what it wrote is undone."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.kernel.notebook import Notebook, Outcome

READY = "redis.log(redis.LOG_NOTICE, 'ready')"


def by_message(notebook: Notebook) -> None:
    notebook.manager.interrupt_kernel()


def by_signal(notebook: Notebook) -> None:
    os.kill(notebook.manager.provisioner.pid, signal.SIGINT)  # type: ignore[union-attr]


def interrupt(notebook: Notebook, code: str, how: Callable[[Notebook], None]) -> Outcome:
    request = notebook.begin(code)
    notebook.wait_for_stream(request, "ready\n")
    how(notebook)
    return notebook.finish(request)


@pytest.mark.parametrize("how", [by_message, by_signal])
@pytest.mark.parametrize(
    "loop",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "xpcall(function() while true do end end, function() while true do end end)",
        "coroutine.wrap(function() while true do end end)()",
        "table.sort({1, 2, 3}, function() while true do end end)",
        "while true do redis.call('INCR', 'n') end",
    ],
)
def test_an_endless_script_is_stopped_and_undone(
    notebook: Notebook, loop: str, how: Callable[[Notebook], None]
) -> None:
    notebook.run("%redis SET k before")
    outcome = interrupt(notebook, f"redis.call('SET', 'k', 'after')\n{READY}\n{loop}", how)
    assert outcome.reply["ename"] == "Interrupted"
    assert "The cell's writes were undone: " in outcome.traceback
    assert notebook.run("%redis GET k").result == '"before"'
    assert notebook.run("return 1").result == "(integer) 1"


def test_the_whole_cell_is_undone_not_the_script_alone(notebook: Notebook) -> None:
    code = f"%redis SET k v\n%redis RPUSH l a b\n{READY} while true do end"
    outcome = interrupt(notebook, code, by_message)
    assert outcome.displayed[:2] == ["OK", "(integer) 2"]
    assert notebook.run("%redis DBSIZE").result == "(integer) 0"


def test_a_cell_that_wrote_nothing_says_so(notebook: Notebook) -> None:
    outcome = interrupt(notebook, f"{READY} while true do end", by_message)
    assert outcome.traceback.endswith("The cell had written nothing.")


@pytest.mark.parametrize("how", [by_message, by_signal])
def test_a_slow_command_is_stopped_and_undone(
    notebook: Notebook, how: Callable[[Notebook], None]
) -> None:
    notebook.run("%redis SET k before")
    code = f'%%redis\nSET k after\nEVAL "{READY}" 0\nDEBUG POPULATE 1000000000'
    outcome = interrupt(notebook, code, how)
    assert outcome.reply["ename"] == "Interrupted"
    assert "The cell's writes were undone: " in outcome.traceback
    assert notebook.run("%redis GET k").result == '"before"'
    assert notebook.run("%redis DBSIZE").result == "(integer) 1"


def test_a_cell_between_two_commands_is_stopped(notebook: Notebook) -> None:
    for count in (100_000, 1_000_000):  # a machine may be too busy to stop the first in time
        commands = "\n".join(["INCR n"] * count)
        outcome = interrupt(notebook, f'%%redis\nDEL n\nEVAL "{READY}" 0\n{commands}', by_message)
        if outcome.reply["status"] == "error":
            break
    assert outcome.reply["ename"] == "Interrupted"
    assert notebook.run("%redis EXISTS n").result == "(integer) 0"


def test_an_interrupt_of_an_idle_kernel_harms_nothing(notebook: Notebook) -> None:
    by_message(notebook)
    notebook.wait_until_handled("interrupt_request")
    by_signal(notebook)
    for _ in range(2):  # what comes in at once may be seen in any order
        notebook.client.kernel_info(reply=True, timeout=60)
    assert notebook.run("return 1").result == "(integer) 1"


def test_endless_logging_does_not_flood_the_kernel(notebook: Notebook) -> None:
    request = notebook.begin("while true do redis.log(redis.LOG_NOTICE, 'line') end")
    notebook.wait_for_stream(request, "line\n")
    notebook.manager.interrupt_kernel()
    assert notebook.finish(request).reply["ename"] == "Interrupted"
